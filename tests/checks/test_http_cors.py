"""The kind ``http.cors`` against real servers: careless comparisons are found, careful ones are not accused."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from pydantic import ValidationError

from checks.http_cors import HttpCors
from readiness.api import CannotTell, Effect, Outcome
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, Script, WebServer, broken, look

OURS = "https://shop.kamiyo.ai"
Compare = Callable[[str], bool]


def load(**options: Any) -> HttpCors:
    check: HttpCors = adapter(HttpCors).validate_python(options)
    return check


def policy(
    compare: Compare,
    *,
    credentials: bool = False,
    wildcard: bool = False,
    vary: str | None = "Accept-Encoding, Origin",
    errors: bool = True,
    fixed: str | None = None,
) -> Script:
    """A server whose middleware compares origins so."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        origin = handler.headers.get("Origin", "")
        preflight = handler.command == "OPTIONS"
        said = [("Vary", vary)] if vary else []
        failing = handler.path == "/gone"
        if (compare(origin) or fixed) and (errors or not failing):
            said.append(("Access-Control-Allow-Origin", "*" if wildcard else fixed or origin))
            said += [("Access-Control-Allow-Credentials", "true")] if credentials else []
            if preflight:
                said += [
                    ("Access-Control-Allow-Methods", "GET, POST"),
                    ("Access-Control-Allow-Headers", "content-type"),
                ]
        Answer(status=404 if failing and not preflight else 200, headers=tuple(said))(handler)

    return answer


def judge(server: WebServer, world: Outside, script: Script, **options: Any) -> list[Outcome]:
    server.scripts |= {"/x": script, "/list": script, "/gone": script}
    asked = {"method": "POST", "url": f"{server.url}/x", "json": {"a": 1}}
    answers = [{"url": f"{server.url}/list"}, {"url": f"{server.url}/gone"}]
    return look(load(**{"request": asked, "allow": [OURS], "answers": answers, **options}), world)


def exact(origin: str) -> bool:
    return origin == OURS


@pytest.mark.parametrize(
    "script",
    [
        policy(exact),
        policy(lambda origin: bool(re.fullmatch(r"https://[a-z]+\.kamiyo\.ai", origin))),
        policy(lambda origin: origin in {OURS, "https://admin.kamiyo.ai"}, vary="*"),
        policy(exact, credentials=True),
        policy(lambda _: True, fixed=OURS, vary=None),
    ],
)
def test_a_careful_comparison_passes(server: WebServer, world: Outside, script: Script) -> None:
    outcomes = judge(server, world, script)
    assert not broken(outcomes)
    assert len(outcomes) >= 7 * 3
    assert "POST" not in {asked.method for asked in server.asked}


@pytest.mark.parametrize(
    ("compare", "origin"),
    [
        (lambda origin: origin.startswith(OURS), f"{OURS}.evil.example"),
        (lambda origin: origin.endswith("kamiyo.ai"), "https://evilkamiyo.ai"),
        (lambda origin: bool(re.fullmatch("https://shop.kamiyo.ai", origin)), "https://shopxkamiyo.ai"),
        (lambda origin: origin.removeprefix("https://").removeprefix("http://") == OURS[8:], "http://shop.kamiyo.ai"),
        (lambda origin: origin in {OURS, "null"}, "null"),
        (lambda _: True, "https://evil.example"),
    ],
)
def test_a_careless_comparison_fails(server: WebServer, world: Outside, compare: Compare, origin: str) -> None:
    bad = broken(judge(server, world, policy(compare)))
    assert any(f"the origin {origin} is allowed, expected refused" in message for message in bad)
    assert not any(f"the origin {OURS} " in message for message in bad)


@pytest.mark.parametrize(
    ("script", "options", "said"),
    [
        (policy(lambda _: False), {}, f"{OURS} is refused"),
        (policy(exact, errors=False), {}, "/gone: the origin"),
        (policy(exact, vary=None), {}, "the header vary is not there"),
        (policy(exact, vary="Accept"), {}, "the header vary is Accept"),
        (policy(lambda _: True, wildcard=True, credentials=True), {}, "given to every origin"),
        (policy(exact), {"credentials": True}, "send cookies is not given"),
        (policy(exact, credentials=True), {"credentials": False}, "send cookies is given"),
    ],
)
def test_other_faults(server: WebServer, world: Outside, script: Script, options: dict[str, Any], said: str) -> None:
    assert any(said in message for message in broken(judge(server, world, script, **options)))


def test_a_reading_request_is_sent_with_each_origin(server: WebServer, world: Outside) -> None:
    server.scripts |= {"OPTIONS /x": policy(exact), "GET /x": policy(lambda _: True)}
    bad = broken(look(load(request={"url": f"{server.url}/x"}, allow=[OURS], look_alikes=False), world))
    assert len(bad) == 1
    assert "GET" in bad[0]


def test_this_machine_is_not_asked_for_tls(server: WebServer, world: Outside) -> None:
    local = "http://localhost:3000"
    server.scripts |= {
        "/x": policy(lambda origin: origin == local),
        "/y": policy(lambda origin: origin.startswith("http://localhost")),
    }
    check = load(request={"method": "POST", "url": f"{server.url}/x"}, allow=[local])
    assert not broken(look(check, world))
    check = load(request={"method": "POST", "url": f"{server.url}/y"}, allow=[local])
    assert "localhost.evil.example:3000" in broken(look(check, world))[0]


def test_an_answer_that_is_limited_tells_nothing(server: WebServer, world: Outside) -> None:
    server.scripts |= {"/x": policy(exact), "/busy": Answer(status=429, headers=(("Retry-After", "7"),))}
    check = load(
        request={"method": "POST", "url": f"{server.url}/x"}, allow=[OURS], answers=[{"url": f"{server.url}/busy"}]
    )
    with pytest.raises(CannotTell, match="429") as error:
        look(check, world)
    assert "7 seconds" in str(error.value.fix)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"allow": []}, "no page uses"),
        ({"allow": ["https://a.example/"]}, "no origin"),
        ({"allow": ["a.example"]}, "no origin"),
        ({"allow": [OURS], "deny": ["https://x/y"]}, "no origin"),
        ({"allow": [OURS], "answers": [{}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(request={"url": "https://a.example/x"}, **options)


def test_only_what_is_really_sent_counts() -> None:
    asked = {"method": "POST", "url": "https://a.example/x"}
    check = load(request=asked, allow=[OURS])
    assert (check.effect, list(check.looks_at())) == (Effect.READ, ["OPTIONS https://a.example/x"])
    assert load(request=asked, allow=[OURS], answers=[asked]).effect is Effect.WRITE
    assert "GET https://a.example/x" in load(request={"url": "https://a.example/x"}, allow=[OURS]).looks_at()
