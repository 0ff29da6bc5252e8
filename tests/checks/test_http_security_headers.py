"""The kind ``http.security_headers`` against real servers; the thresholds are in tests/expect/test_security.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks.http_security_headers import HttpSecurityHeaders
from readiness.api import Effect, Outcome
from readiness.typed import adapter
from readiness.world.http import HttpClient
from tests.wire import Answer, Certificate, WebServer, broken, certificate, look, outside

GOOD = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Via": "1.1 google",
}
ALL = ["hsts", "csp", "nosniff", "framing", "referrer", "cookies", "permissions", "opener", "disclosure"]


def load(**options: Any) -> HttpSecurityHeaders:
    check: HttpSecurityHeaders = adapter(HttpSecurityHeaders).validate_python(options)
    return check


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(made: Certificate) -> Iterator[WebServer]:
    with WebServer(context=made.server_context()) as running:
        yield running


def bare(said: Mapping[str, str | None], status: int = 200) -> Any:
    """An answer without the Server header that Python's server adds by itself."""

    def script(handler: Any) -> None:
        handler.version_string = lambda: said.get("Server") or "web"
        headers = tuple((name, value) for name, value in said.items() if value is not None and name != "Server")
        Answer(status=status, headers=headers)(handler)

    return script


def judge(
    server: WebServer, made: Certificate, folder: Path, said: Mapping[str, str | None], **options: Any
) -> list[Outcome]:
    server.scripts["/x"] = bare({**GOOD, **said})
    check = load(**{"requests": [{"url": f"{server.url}/x"}], "headers": ALL, **options})
    with outside(folder) as world:
        world.once("http", lambda: HttpClient(ca_file=made.authority))
        return look(check, world)


def test_good_headers_pass_with_one_outcome_each(server: WebServer, made: Certificate, tmp_path: Path) -> None:
    outcomes = judge(server, made, tmp_path, {})
    assert not broken(outcomes)
    assert len(outcomes) == 8  # no cookie is set


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"Strict-Transport-Security": "max-age=100"}, "strict-transport-security"),
        ({"Content-Security-Policy": "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"}, "unsafe-inline"),
        ({"X-Content-Type-Options": None}, "x-content-type-options is not there"),
        ({"Content-Security-Policy": "default-src 'self'"}, "framing is not there"),
        ({"Referrer-Policy": "unsafe-url"}, "referrer-policy"),
        ({"Set-Cookie": "session=1; Secure"}, "cookie session"),
        ({"Permissions-Policy": None}, "permissions-policy is not there"),
        ({"Permissions-Policy": "camera=*"}, "camera for everybody"),
        ({"Permissions-Policy": "nonsense"}, "permissions-policy is nonsense"),
        ({"Cross-Origin-Opener-Policy": "unsafe-none"}, "cross-origin-opener-policy"),
        ({"Cross-Origin-Opener-Policy": None}, "cross-origin-opener-policy is not there"),
        ({"Server": "nginx/1.18.0 (Ubuntu)"}, "told: server: nginx/1.18.0"),
        ({"Server": "Apache/2"}, "told: server: Apache/2"),
        ({"X-Powered-By": "Express"}, "told: x-powered-by: Express"),
        ({"Via": "1.1 varnish (Varnish/6.0)"}, "told: via"),
    ],
)
def test_each_fault_is_one_failure(
    server: WebServer, made: Certificate, tmp_path: Path, said: dict[str, str | None], about: str
) -> None:
    bad = broken(judge(server, made, tmp_path, said))
    assert len(bad) == 1
    assert about in bad[0]


@pytest.mark.parametrize("server_name", ["cloudflare", "nginx", "uvicorn", "Microsoft-IIS", "gws", "AmazonS3"])
def test_a_name_without_a_version_passes(
    server: WebServer, made: Certificate, tmp_path: Path, server_name: str
) -> None:
    assert not broken(judge(server, made, tmp_path, {"Server": server_name}))


def test_what_is_not_named_is_not_looked_at(server: WebServer, made: Certificate, tmp_path: Path) -> None:
    nothing = dict.fromkeys(GOOD)
    assert len(judge(server, made, tmp_path, {**nothing, "Server": "nginx/1.2"}, headers=["nosniff"])) == 1
    assert len(judge(server, made, tmp_path, {"Server": "nginx/1.2.3"}, headers=["csp", "framing"])) == 2


def test_longer_and_wider_hsts_may_be_asked_for(server: WebServer, made: Certificate, tmp_path: Path) -> None:
    short = {"Strict-Transport-Security": "max-age=31536000"}
    assert not broken(judge(server, made, tmp_path, {}, max_age="365d", include_subdomains=True))
    assert broken(judge(server, made, tmp_path, {}, max_age="730d"))
    assert broken(judge(server, made, tmp_path, short, include_subdomains=True))


def test_every_answer_is_judged_errors_too(tmp_path: Path) -> None:
    with WebServer(scripts={"/x": bare(dict(GOOD)), "/gone": bare({}, status=404)}) as server, outside(tmp_path) as w:
        check = load(requests=[{"url": f"{server.url}/x"}, {"url": f"{server.url}/gone"}])
        bad = broken(look(check, w))
    assert len(bad) == 4  # plain HTTP on this machine is not asked for HSTS
    assert all("/gone" in message for message in bad)


def test_plain_http_elsewhere_has_no_hsts(tmp_path: Path) -> None:
    with WebServer(scripts={"/x": bare(dict(GOOD))}) as server, outside(tmp_path) as world:
        world.once("http", lambda: HttpClient(resolve=lambda _host, _port: ("127.0.0.1",), allow_private=True))
        check = load(requests=[{"url": f"http://shop.example:{server.port}/x"}], headers=["hsts", "nosniff"])
        (bad,) = broken(look(check, world))
    assert "sent over plain HTTP" in bad


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"requests": []}, "empty"),
        ({"requests": [{"url": "https://a.example"}], "headers": []}, "choose from hsts"),
        ({"requests": [{"url": "https://a.example"}], "headers": ["hpkp"]}, "hsts"),
        ({"requests": [{"url": "https://a.example"}], "max_age": "6 months"}, "no duration"),
        ({"requests": [{"method": "GET"}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**options)


def test_the_plan_tells_what_is_sent() -> None:
    check = load(requests=[{"url": "https://a.example/"}, {"method": "POST", "url": "https://a.example/b", "json": {}}])
    assert list(check.looks_at()) == ["GET https://a.example/", "POST https://a.example/b"]
    assert check.effect is Effect.WRITE
    assert load(requests=[{"url": "https://a.example/"}]).effect is Effect.READ
