"""The kind ``http.tls`` against real TLS servers with every fault of a certificate, and sound ones of many kinds."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from checks.http_tls import HttpTls
from readiness.api import Outcome, Reason, Unreachable
from readiness.expect.tls import covers
from readiness.typed import adapter
from readiness.world.http import HttpClient
from tests.hostile import for_ever, once, serving
from tests.pki import Issued, self_signed
from tests.wire import Answer, WebServer, broken, look, outside

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def root() -> Issued:
    return Issued.root()


def load(**options: Any) -> HttpTls:
    check: HttpTls = adapter(HttpTls).validate_python(options)
    return check


def judge(folder: Path, root: Issued, context: ssl.SSLContext, **options: Any) -> list[Outcome]:
    with WebServer(context=context) as server, outside(folder) as world:
        world.once("http", lambda: HttpClient(ca_file=root.file(folder)))
        outcomes = look(load(**{"url": server.url, **options}), world)
        assert not server.asked, "a handshake asks for nothing"
        return outcomes


def test_a_sound_certificate_passes(tmp_path: Path, root: Issued) -> None:
    outcomes = judge(tmp_path, root, root.server(HOST).context(tmp_path))
    assert not broken(outcomes)
    assert [outcome.message.partition(" is ")[0].rpartition(": ")[2] for outcome in outcomes] == [
        "the certificate", "the certificate's end", "the protocol", "TLS 1.0", "TLS 1.1",
    ]  # fmt: skip
    assert "Test Root" in outcomes[0].evidence[0].seen


def short_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the fault that is looked for


def test_other_sound_ones_pass(tmp_path: Path, root: Issued) -> None:
    between = root.authority()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    old_root = Issued.root("Another Root", days=-10)
    for context in (
        between.server(HOST).context(tmp_path, between),
        between.server(HOST).context(tmp_path, between, root),
        between.server(HOST).context(tmp_path, between, old_root),  # an expired root that is in no client's chain
        root.server(HOST, "www.kamiyo.ai", key=key).context(tmp_path),
    ):
        assert not broken(judge(tmp_path, root, context))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda root: root.server(HOST, days=-2), r"has expired: valid until .* (OpenSSL 10)"),
        (lambda root: root.server(HOST, begins=5), "not valid yet: valid from"),
        (lambda root: root.server("other.example"), "for another host: other.example (OpenSSL 6"),
        (lambda _: self_signed(HOST), "self-signed: issued by commonName=127.0.0.1 (OpenSSL 18)"),
        (lambda _: Issued.root("Nobody").server(HOST), "issuer of its certificate is unknown.* commonName=Nobody"),
        (lambda root: root.authority().server(HOST), "its intermediate certificate may be missing (OpenSSL 2"),
        (lambda root: root.server(HOST, days=20), "the certificate's end is 20.0 days away"),
        (lambda root: root.server(HOST, key=short_key()), "too short"),
    ],
)
def test_a_bad_certificate_fails(tmp_path: Path, root: Issued, make: Callable[[Issued], Issued], said: str) -> None:
    outcomes = judge(tmp_path, root, make(root).context(tmp_path))
    (bad,) = [outcome for outcome in outcomes if not outcome.ok]
    first, _, rest = said.partition(".* ")
    assert first in bad.message
    assert rest in bad.message
    assert bad.reason is Reason.TLS
    assert len(outcomes) >= 3, "the old versions are offered all the same"


def test_the_end_of_the_whole_chain_counts(tmp_path: Path, root: Issued) -> None:
    between = root.authority(days=10)
    bad = broken(judge(tmp_path, root, between.server(HOST).context(tmp_path, between)))
    assert "end is 10.0 days away" in bad[0]


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_an_old_version_that_is_taken_up_fails(tmp_path: Path, root: Issued, version: str) -> None:
    context = root.server(HOST).context(tmp_path)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion[version]
    words = {"TLSv1": "TLS 1.0 is taken up", "TLSv1_1": "TLS 1.1 is taken up"}[version]
    assert any(words in message for message in broken(judge(tmp_path, root, context)))
    assert not broken(judge(tmp_path, root, context, old_versions="ignored"))


def test_the_newest_version_may_be_asked_for(tmp_path: Path, root: Issued) -> None:
    context = root.server(HOST).context(tmp_path)
    assert not broken(judge(tmp_path, root, context, min_version="TLSv1.3"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert not broken(judge(tmp_path, root, context))
    assert "the protocol is TLSv1.2" in broken(judge(tmp_path, root, context, min_version="TLSv1.3"))[0]


def test_other_names(tmp_path: Path, root: Issued) -> None:
    context = root.server(HOST, "*.kamiyo.ai").context(tmp_path)
    assert not broken(judge(tmp_path, root, context, names=["www.kamiyo.ai", "API.kamiyo.ai"]))
    (bad,) = broken(judge(tmp_path, root, context, names=["kamiyo.ai"]))
    assert "the name kamiyo.ai is not among" in bad


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (("kamiyo.ai",), "kamiyo.ai", True),
        (("KAMIYO.ai",), "kamiyo.AI.", True),
        (("*.kamiyo.ai",), "a.kamiyo.ai", True),
        (("*.kamiyo.ai",), "a.b.kamiyo.ai", False),
        (("*.kamiyo.ai",), "kamiyo.ai", False),
        (("*",), "kamiyo", False),
        ((), "kamiyo.ai", False),
    ],
)
def test_names_and_wildcards(names: tuple[str, ...], host: str, covered: bool) -> None:
    assert covers(names, host) is covered


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (Answer(status=301, headers=(("Location", "https://127.0.0.1/x"),)), True),
        (Answer(status=308, headers=(("Location", "https://127.0.0.1:8443/"),)), True),
        (Answer(status=200, body=b"<h1>Welcome</h1>"), False),
        (Answer(status=301, headers=(("Location", "/login"),)), False),
        (Answer(status=301, headers=(("Location", "https://evil.example/"),)), False),
        (Answer(status=301), False),
        (Answer(status=200, headers=(("Location", "https://127.0.0.1/"),)), False),
    ],
)
def test_plain_http_must_lead_to_https(tmp_path: Path, root: Issued, answer: Answer, ok: bool) -> None:
    with WebServer(scripts={"/": answer}) as plain:
        context = root.server(HOST).context(tmp_path)
        outcomes = judge(tmp_path, root, context, redirect_from=f"{plain.url}/", old_versions="ignored")
    assert [outcome.ok for outcome in outcomes] == [True, True, True, ok]


def test_plain_http_fails(tmp_path: Path) -> None:
    with WebServer() as server, outside(tmp_path) as world:
        (outcome,) = look(load(url=server.url), world)
        assert (outcome.ok, outcome.reason) == (False, Reason.TLS)
        bad = broken(look(load(url=server.url.replace("http:", "https:")), world))
    assert "fails the TLS handshake" in bad[0]


ALERT = b"\x15\x03\x01\x00\x02\x02\x46"


@pytest.mark.parametrize(
    "said", [b"", b"\x16", b"SSH-2.0-OpenSSH_9.2\r\n", ALERT, b"\x16\x03\x01\xff\xff" + b"\x00" * 99]
)
def test_garbage_is_a_failed_handshake_and_no_old_version(tmp_path: Path, said: bytes) -> None:
    with serving(once(said)) as address, outside(tmp_path) as world:
        client = world.http.attempt(2.0, fresh=True)
        with pytest.raises(Unreachable):
            client.handshake(f"https://{address}")
        assert not client.takes_up(f"https://{address}", "TLSv1")


def test_silence_is_a_timeout(tmp_path: Path) -> None:
    with serving(for_ever(b""), pause=0.05) as address, outside(tmp_path) as world:
        (outcome,) = look(load(url=f"https://{address}"), world, timeout=0.3)
        assert (outcome.ok, outcome.reason) == (False, Reason.TIMEOUT)
        with pytest.raises(Unreachable):
            world.http.attempt(0.2, fresh=True).takes_up(f"https://{address}", "TLSv1.1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "ftp://a.example"}, "no https URL"),
        ({"url": "https://a.example", "days_left": "<3"}, "lower bound"),
        ({"url": "https://a.example", "redirect_from": "https://a.example"}, "is an http URL"),
        ({"url": "https://a.example", "names": ["https://a.example"]}, "names of hosts"),
        ({"url": "https://a.example", "min_version": "TLSv1"}, "TLSv1.2"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**options)


def test_the_plan_tells_the_host() -> None:
    check = load(url="https://kamiyo.ai/pricing?a=1", redirect_from="http://kamiyo.ai/")
    assert list(check.looks_at()) == ["TLS https://kamiyo.ai", "GET http://kamiyo.ai/"]
