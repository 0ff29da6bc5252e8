"""The kind ``http.cross_site`` against protections of many styles: the gaps are found, sound ones are not accused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from pydantic import ValidationError

from checks.http_cross_site import HttpCrossSite
from readiness.api import CannotTell, Effect, Outcome
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, WebServer, broken, look

OURS = "https://shop.kamiyo.ai"
Protection = Callable[[BaseHTTPRequestHandler], int]
"""The status of what it refuses, or 0."""


def origin(handler: BaseHTTPRequestHandler) -> str | None:
    return handler.headers.get("Origin")


def kind(handler: BaseHTTPRequestHandler) -> str:
    return (handler.headers.get("Content-Type") or "").partition(";")[0]


def by_origin(handler: BaseHTTPRequestHandler) -> int:
    return 403 if origin(handler) not in {None, OURS} else 0


def by_metadata_then_origin(handler: BaseHTTPRequestHandler) -> int:
    if origin(handler) == OURS:
        return 0
    site = handler.headers.get("Sec-Fetch-Site")
    return 403 if (site not in {"same-origin", "none"} if site else origin(handler)) else 0


def by_metadata_alone(handler: BaseHTTPRequestHandler) -> int:
    cross = handler.headers.get("Sec-Fetch-Site") == "cross-site"
    return 403 if cross and origin(handler) != OURS else 0


def strict(handler: BaseHTTPRequestHandler) -> int:
    """Programs are refused as well, as they tell no origin."""
    return 403 if origin(handler) != OURS else 0


def by_token(handler: BaseHTTPRequestHandler) -> int:
    return 0 if handler.headers.get("X-CSRF-Token") == "sesame" else 403


def json_alone(handler: BaseHTTPRequestHandler) -> int:
    return by_origin(handler) if kind(handler) == "application/json" else 415


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(scripts={"/list": Answer(), "/hook": Answer(status=400)}) as running:
        yield running


def load(**options: Any) -> HttpCrossSite:
    check: HttpCrossSite = adapter(HttpCrossSite).validate_python(options)
    return check


def judge(server: WebServer, world: Outside, protection: Protection, **options: Any) -> list[Outcome]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        Answer(status=protection(handler) or 400)(handler)

    server.scripts["/x"] = answer
    asked = {"method": "POST", "url": f"{server.url}/x", "json": {"tier": "gold", "n": 1}}
    more = {
        "read_requests": [{"url": f"{server.url}/list"}],
        "exempt": [{"method": "POST", "url": f"{server.url}/hook"}],
    }
    return look(load(**{"request": asked, "origins": [OURS], **more, **options}), world)


@pytest.mark.parametrize(
    ("protection", "options"),
    [
        (by_origin, {}),
        (by_metadata_then_origin, {"programs": "accepted"}),
        (strict, {"programs": "refused"}),
        (by_token, {"own": {"headers": {"X-CSRF-Token": "sesame"}}}),
        (json_alone, {"status": [403, 415]}),
    ],
)
def test_a_sound_protection_passes(
    server: WebServer, world: Outside, protection: Protection, options: dict[str, Any]
) -> None:
    outcomes = judge(server, world, protection, **options)
    assert not broken(outcomes)
    assert len(outcomes) == 6 + 4 + 1 + 2 + ("programs" in options)


def test_what_is_sent_is_what_browsers_send(server: WebServer, world: Outside) -> None:
    judge(server, world, by_origin)
    sent = [asked for asked in server.asked if asked.path == "/x"]
    script, old, sandbox, text, form, upload = sent[:6]
    assert script.headers["origin"] == "https://evil.example"
    assert script.headers["sec-fetch-site"] == "cross-site"
    assert script.body == text.body == b'{"tier":"gold","n":1}'
    assert "sec-fetch-site" not in old.headers
    assert (sandbox.headers["origin"], "referer" in sandbox.headers) == ("null", False)
    assert text.headers["content-type"] == "text/plain;charset=UTF-8"
    assert (form.body, form.headers["sec-fetch-mode"]) == (b"tier=gold&n=1", "navigate")
    assert b'name="tier"\r\n\r\ngold\r\n' in upload.body
    assert sent[-1].headers["sec-fetch-site"] == "cross-site"  # our pages are not on the host of this test


@pytest.mark.parametrize(
    ("protection", "said"),
    [
        (lambda _: 0, "(a script of https://evil.example)"),
        (by_metadata_alone, "in a browser without Sec-Fetch-Site"),
        (lambda handler: 0 if origin(handler) == "null" else by_origin(handler), "whose origin is null"),
        (lambda handler: by_origin(handler) if kind(handler) == "application/json" else 0, "calls its JSON text/plain"),
        (lambda handler: 0 if "form" in kind(handler) else by_origin(handler), "(a form of"),
        (lambda handler: 0 if "multipart" in kind(handler) else by_origin(handler), "(a multipart form of"),
        (lambda handler: 0 if (origin(handler) or OURS).startswith(OURS) else 403, f"(a page of {OURS}.evil.example)"),
        (lambda handler: 0 if (origin(handler) or OURS).endswith("kamiyo.ai") else 403, "(a page of https://evilkamiyo.ai)"),
        (lambda handler: 403 if origin(handler) else 0, f"(our own page of {OURS})"),
        (lambda handler: 503 if origin(handler) == OURS else by_origin(handler), f"(our own page of {OURS})"),
        (lambda handler: by_origin(handler) and 400, "answered 400 Bad Request, expected refused with 403"),
    ],
)  # fmt: skip
def test_a_gap_fails(server: WebServer, world: Outside, protection: Protection, said: str) -> None:
    assert any(said in message for message in broken(judge(server, world, protection)))


def test_programs(server: WebServer, world: Outside) -> None:
    assert "no browser" in broken(judge(server, world, strict, programs="accepted"))[0]
    assert "no browser" in broken(judge(server, world, by_origin, programs="refused"))[0]


def test_a_referer_counts_where_it_is_asked_for(server: WebServer, world: Outside) -> None:
    def careful(handler: BaseHTTPRequestHandler) -> int:
        foreign = (handler.headers.get("Referer") or OURS).startswith("https://evil.example")
        return 403 if foreign else by_origin(handler)

    assert not broken(judge(server, world, careful, forgeries=["referer"]))
    assert "that only Referer tells" in broken(judge(server, world, by_origin, forgeries=["referer"]))[0]


def test_reading_and_exempt_requests_must_get_through(server: WebServer, world: Outside) -> None:
    server.scripts |= {"/list": Answer(status=403), "/hook": Answer(status=403)}
    bad = broken(judge(server, world, by_origin))
    assert len(bad) == 2
    assert all("not refused as a cross-site one" in message for message in bad)


def test_a_limit_that_is_reached_tells_nothing(server: WebServer, world: Outside) -> None:
    with pytest.raises(CannotTell, match="429"):
        judge(server, world, lambda _: 429)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"origins": []}, "`origins` is empty"),
        ({"forgeries": []}, "`forgeries` is empty"),
        ({"status": []}, "`status` is empty"),
        ({"origins": ["https://a.example/x"]}, "no origin"),
        ({"foreign": OURS}, "both ours and foreign"),
        ({"request": {"url": "https://a.example/"}}, "changes nothing"),
        ({"exempt": [{}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**{"request": {"method": "POST", "url": "https://a.example/"}, "origins": [OURS], **options})


def test_elsewhere_it_writes() -> None:
    asked = {"method": "POST", "url": "https://a.example/"}
    assert load(request=asked, origins=[OURS]).effect is Effect.WRITE
    assert list(load(request=asked, origins=[OURS]).looks_at()) == ["POST https://a.example/"]
    assert load(request={"method": "POST", "url": "http://127.0.0.1:1/"}, origins=[OURS]).effect is Effect.READ
