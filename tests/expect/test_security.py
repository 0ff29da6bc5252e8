"""The security baseline, against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.api import HttpRequest, Outcome
from readiness.expect.cookies import cookie_faults
from readiness.expect.csp import faults, parse_policies
from readiness.expect.expectation import Expect
from readiness.expect.tls import Tls
from readiness.world.http import HttpClient
from tests.wire import Answer, Certificate, WebServer, certificate, outside, view

GOOD = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'sha256-abc'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Set-Cookie": "session=1; Path=/; Secure; HttpOnly; SameSite=Lax",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(made: Certificate) -> Iterator[WebServer]:
    with WebServer(context=made.server_context()) as running:
        yield running


def judge(server: WebServer, made: Certificate, folder: Path, headers: dict[str, str | None]) -> list[Outcome]:
    """Outcomes for the good headers with these changes."""
    said = tuple((name, value) for name, value in {**GOOD, **headers}.items() if value is not None)
    server.scripts["/x"] = Answer(headers=said)
    with outside(folder) as world:
        world.once("http", lambda: HttpClient(ca_file=made.authority))
        return list(Expect(security="baseline").judge(view(world), HttpRequest(url=f"{server.url}/x")))


def test_good_headers_pass(server: WebServer, made: Certificate, tmp_path: Path) -> None:
    outcomes = judge(server, made, tmp_path, {})
    assert [outcome.message for outcome in outcomes if not outcome.ok] == []
    assert len(outcomes) == 6
    assert "session=...; Path=/" in outcomes[0].evidence[0].seen


@pytest.mark.parametrize(
    "headers",
    [
        {"Strict-Transport-Security": 'MAX-AGE="63072000" ; preload'},
        {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "SAMEORIGIN"},
        {"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "deny, DENY"},
        {"Content-Security-Policy": "default-src 'self'; frame-ancestors https://partner.example"},
        {"X-Content-Type-Options": "NoSniff, nosniff"},
        {"Referrer-Policy": "no-referrer, strict-origin, unheard-of"},
        {"Set-Cookie": None},
        {"Set-Cookie": "csrftoken=1; Secure; SameSite=Strict"},
        {"Set-Cookie": "theme=dark; Secure"},
    ],
)
def test_variants_pass(server: WebServer, made: Certificate, tmp_path: Path, headers: dict[str, str | None]) -> None:
    assert [outcome.message for outcome in judge(server, made, tmp_path, headers) if not outcome.ok] == []


@pytest.mark.parametrize(
    ("headers", "about"),
    [
        ({"Strict-Transport-Security": None}, "strict-transport-security"),
        ({"Strict-Transport-Security": "max-age=0"}, "strict-transport-security"),
        ({"Strict-Transport-Security": "max-age=86400"}, "strict-transport-security"),
        ({"Strict-Transport-Security": "includeSubDomains"}, "strict-transport-security"),
        ({"Content-Security-Policy": None, "X-Frame-Options": "DENY"}, "content-security-policy"),
        ({"Content-Security-Policy": ";", "X-Frame-Options": "DENY"}, "content-security-policy"),
        ({"Content-Security-Policy": "frame-ancestors 'none'"}, "content-security-policy"),
        (
            {
                "Content-Security-Policy": None,
                "Content-Security-Policy-Report-Only": GOOD["Content-Security-Policy"],
                "X-Frame-Options": "DENY",
            },
            "content-security-policy",
        ),
        ({"X-Content-Type-Options": None}, "x-content-type-options"),
        ({"X-Content-Type-Options": "sniff"}, "x-content-type-options"),
        ({"Content-Security-Policy": "default-src 'self'"}, "framing"),
        ({"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "ALLOW-FROM https://a"}, "framing"),
        ({"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "DENY, SAMEORIGIN"}, "framing"),
        ({"Content-Security-Policy": "default-src 'self'; frame-ancestors *", "X-Frame-Options": "DENY"}, "framing"),
        ({"Referrer-Policy": None}, "referrer-policy"),
        ({"Referrer-Policy": "unsafe-url"}, "referrer-policy"),
        ({"Referrer-Policy": "strict-origin, unsafe-url"}, "referrer-policy"),
        ({"Referrer-Policy": "nonsense"}, "referrer-policy"),
        ({"Set-Cookie": "session=1; HttpOnly; SameSite=Lax"}, "cookie session"),
        ({"Set-Cookie": "session=1; Secure; SameSite=Lax"}, "cookie session"),
    ],
)
def test_weak_headers_fail(
    server: WebServer, made: Certificate, tmp_path: Path, headers: dict[str, str | None], about: str
) -> None:
    bad = [outcome.message for outcome in judge(server, made, tmp_path, headers) if not outcome.ok]
    assert len(bad) == 1
    assert about in bad[0]


def test_plain_http_is_not_asked_for_what_browsers_ignore_there(tmp_path: Path) -> None:
    said = {**GOOD, "Strict-Transport-Security": "max-age=0", "Set-Cookie": "session=1; HttpOnly"}
    with WebServer(scripts={"/x": Answer(headers=tuple(said.items()))}) as server, outside(tmp_path) as world:
        outcomes = list(Expect(security="baseline").judge(view(world), HttpRequest(url=f"{server.url}/x")))
    assert [outcome.message for outcome in outcomes if not outcome.ok] == []


def test_days_and_version(server: WebServer, made: Certificate, tmp_path: Path) -> None:
    server.scripts["/x"] = Answer()
    request = HttpRequest(url=f"{server.url}/x")
    with outside(tmp_path) as world:
        world.once("http", lambda: HttpClient(ca_file=made.authority))
        good = list(Expect(tls=Tls(days_left=">=21", min_version="TLSv1.2")).judge(view(world), request))
        bad = list(Expect(tls=Tls(days_left=">=91")).judge(view(world), request))
    assert [outcome.ok for outcome in (*good, *bad)] == [True, True, False]


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'",
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'",
        "script-src 'self' 'sha256-abc' 'unsafe-inline'; object-src 'none'",
        "default-src 'self'; style-src 'unsafe-inline'; img-src * data:",
        "default-src 'self' https://js.stripe.com; report-uri http://reports.example",
        "default-src *, script-src 'self'; object-src 'none'",
        "DEFAULT-SRC 'self'",
    ],
)
def test_strong_policies(policy: str) -> None:
    assert faults(parse_policies([policy]), https=True) == ()


@pytest.mark.parametrize(
    "policy",
    [
        "default-src *",
        "default-src https:",
        "default-src 'self' 'unsafe-inline'",
        "default-src 'self'; script-src 'self' data:",
        "default-src 'self'; script-src 'self' 'unsafe-eval'",
        "default-src 'self'; script-src 'unsafe-inline'; script-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "default-src 'self' http://cdn.example",
        "default-src 'self'; script-src 'strict-dynamic'",
    ],
)
def test_weak_policies(policy: str) -> None:
    assert faults(parse_policies([policy]), https=True)


@pytest.mark.parametrize(
    ("cookie", "fault"),
    [
        ("a=1; Secure; SameSite=Sometimes", "unknown SameSite"),
        ("a=1; SameSite=None", "SameSite=None without Secure"),
        ("csrftoken=1; Secure", "lacks SameSite"),
        ("auth_token=1; Secure", "lacks HttpOnly"),
        ("__Host-a=1; Secure; Path=/app", "demands Path=/"),
        ("__Host-a=1; Secure; Path=/; Domain=a.example", "demands Path=/"),
        ("__Secure-a=1", "demands Secure"),
    ],
)
def test_weak_cookies(cookie: str, fault: str) -> None:
    assert any(fault in found for found in cookie_faults(cookie, https=True))
