"""The kind ``http.leaks``: services that say too much when they are provoked, and ones that do not."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import ValidationError

from checks.http_leaks import HttpLeaks
from readiness.api import CannotTell, Effect, Outcome, Unreachable
from readiness.expect.provocations import PROVOCATIONS
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, Asked, WebServer, broken, look, outside

Trigger = Callable[[Asked], bool]
LEAK = "Traceback (most recent call last):"


def load(**options: Any) -> HttpLeaks:
    check: HttpLeaks = adapter(HttpLeaks).validate_python(options)
    return check


class Service(WebServer):
    """Whatever is asked, and however: one answer; another one where the trigger says so."""

    trigger: Trigger = staticmethod(lambda _: False)
    html = False

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = self.asked[-1]
        kind = "text/html" if self.html else "application/json"
        body = LEAK if self.trigger(asked) else json.dumps({"error": "invalid", "detail": "Please check the fields."})
        Answer(status=500 if body is LEAK else 400, headers=(("Content-Type", kind),), body=body.encode())(handler)


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        running.scripts = Everything(running.answer)
        yield running


class Everything(dict[str, Callable[[BaseHTTPRequestHandler], None]]):
    """One script for every path."""

    def __init__(self, script: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.script = script

    def get(self, *_: Any) -> Any:
        return self.script


def judge(service: Service, world: Outside, **options: Any) -> list[Outcome]:
    asked = {"method": "POST", "url": f"{service.url}/x/1", "json": {"tier": "gold", "user_email": "a@b.example"}}
    return look(load(**{"requests": [asked], **options}), world)


def test_a_discreet_service_passes(service: Service, world: Outside) -> None:
    outcomes = judge(service, world, status=["4xx"])
    assert not broken(outcomes)
    assert len(outcomes) == 2 * len(PROVOCATIONS)
    assert {asked.method for asked in service.asked} == {"POST", "PROPFIND"}


def parsed(asked: Asked) -> Any:
    try:
        return json.loads(asked.body)
    except (ValueError, RecursionError):
        return None


def fields(asked: Asked) -> str:
    found = parsed(asked)
    return str(found.get("tier")) if isinstance(found, dict) else ""


@pytest.mark.parametrize(
    ("provocation", "trigger"),
    [
        ("broken-json", lambda asked: asked.body == b'{"'),
        ("no-body", lambda asked: asked.body == b""),
        ("other-kind", lambda asked: asked.body == b"[null]"),
        ("wrong-types", lambda asked: fields(asked).startswith("[{")),
        ("huge-number", lambda asked: asked.body.startswith(b'{"tier": 1000000')),
        ("deep", lambda asked: asked.body.startswith(b"[[[[")),
        ("huge", lambda asked: len(asked.body) > 1_000_000),
        ("no-utf8", lambda asked: b"\xff" in asked.body),
        ("quotes", lambda asked: "'\"" in fields(asked)),
        ("templates", lambda asked: "{{7*7}}" in fields(asked)),
        ("script", lambda asked: "<" in fields(asked) and "{{" not in fields(asked)),
        ("unicode", lambda asked: "\U0001f4a5" in fields(asked)),
        ("control", lambda asked: "\x00" in fields(asked)),
        ("other-type", lambda asked: "xml" in asked.headers.get("content-type", "")),
        ("charset", lambda asked: "charset=readiness" in asked.headers.get("content-type", "")),
        ("method", lambda asked: asked.method == "PROPFIND"),
        ("unknown-route", lambda asked: asked.path == "/x/1/readiness-unknown"),
        ("path", lambda asked: "'" in unquote(asked.path.partition("?")[0])),
        ("query", lambda asked: "id=%ff" in asked.path),
        ("credentials", lambda asked: "authorization" in asked.headers),
        ("accept", lambda asked: asked.headers.get("accept") == "application/x-readiness"),
    ],
)
def test_each_provocation_finds_what_only_it_can(
    service: Service, world: Outside, provocation: str, trigger: Trigger
) -> None:
    service.trigger = trigger
    (bad,) = broken(judge(service, world))
    assert f"({provocation})" in bad
    assert "telling a Python traceback" in bad


def test_a_request_without_a_body_is_spoiled_elsewhere(service: Service, world: Outside) -> None:
    assert not broken(judge(service, world, requests=[{"url": f"{service.url}/x"}]))
    assert len(service.asked) == 6


def test_what_is_sent_as_it_is(service: Service, world: Outside) -> None:
    service.trigger = lambda asked: asked.path == "/known"
    (bad,) = broken(judge(service, world, requests=[], also=[{"url": f"{service.url}/known"}]))
    assert "(as it is)" in bad


def test_markup_that_comes_back_in_a_page(service: Service, world: Outside) -> None:
    def echo(handler: BaseHTTPRequestHandler) -> None:
        kind = "text/html; charset=utf-8" if service.html else "application/json"
        body = service.asked[-1].body if service.asked[-1].body.startswith(b'{"tier": "<') else b"{}"
        Answer(status=400, headers=(("Content-Type", kind),), body=body.replace(b'\\"', b'"'))(handler)

    service.scripts = Everything(echo)
    assert not broken(judge(service, world))
    service.html = True
    (bad,) = broken(judge(service, world))
    assert "the markup that was sent" in bad


def test_secrets_of_the_service(service: Service, tmp_path: Path) -> None:
    value = secrets.token_urlsafe(24)
    service.scripts = Everything(Answer(status=400, body=f'{{"detail": "{value}"}}'.encode()))
    with outside(tmp_path, env={"SHOP_PASS": value}) as world:
        bad = broken(judge(service, world, secrets=["SHOP_PASS", "NOT_SET"], provocations=["quotes"]))
    assert len(bad) == 1
    assert "a secret of the service (all of it)" in bad[0]
    assert value not in bad[0]


def test_patterns_of_ones_own(service: Service, world: Outside) -> None:
    assert "a text that matches Please" in broken(judge(service, world, patterns=["Please"]))[0]
    assert not broken(judge(service, world, patterns=["kamiyo-internal"]))


def test_faults_of_the_server_may_be_refused(service: Service, world: Outside) -> None:
    service.scripts = Everything(Answer(status=500, body=b'{"error": "internal"}'))
    assert not broken(judge(service, world))
    assert len(broken(judge(service, world, status=["4xx"]))) == len(PROVOCATIONS)


def test_a_limit_is_an_error_unless_something_was_found(service: Service, world: Outside) -> None:
    service.scripts = Everything(Answer(status=429, body=b"{}"))
    with pytest.raises(CannotTell, match="21 of 21 requests were answered 429"):
        judge(service, world)


def test_a_server_may_hang_up_on_what_is_far_too_big(service: Service, world: Outside) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        if len(service.asked[-1].body) > 1_000_000:
            handler.close_connection = True
            return
        service.answer(handler)

    service.scripts = Everything(hang_up)
    assert len(judge(service, world)) == len(PROVOCATIONS) - 1
    service.scripts = Everything(lambda handler: setattr(handler, "close_connection", True))
    with pytest.raises(Unreachable):
        judge(service, world)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "neither `requests` nor `also`"),
        ({"requests": [{"url": "https://a.example/"}], "provocations": []}, "never be sent"),
        ({"requests": [{"url": "https://a.example/"}], "patterns": ["("]}, "RE2"),
        ({"requests": [{"url": "https://a.example/"}], "status": ["fine"]}, "no status"),
        ({"requests": [{}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**options)


def test_elsewhere_it_writes_where_it_posts() -> None:
    assert load(requests=[{"url": "https://a.example/"}]).effect is Effect.READ
    assert load(requests=[{"method": "POST", "url": "https://a.example/", "json": {}}]).effect is Effect.WRITE
    assert "$KEY" in load(requests=[{"url": "https://a.example/"}], secrets=["KEY"]).looks_at()
