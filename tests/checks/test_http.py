"""The kind ``http`` against real servers: what passes, what fails, and what is refused when it is loaded."""

from __future__ import annotations

import ssl
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks.http import Http
from readiness.api import CannotTell, Effect, Outcome, Reason, Unreachable
from readiness.typed import adapter
from readiness.world import Outside
from tests.ports import free_port
from tests.wire import Answer, WebServer, broken, certificate, look

SESSION = {"checkout_url": "https://pay.example/c/cs_test_1", "session_id": "cs_test_1", "expires_at": 1_790_000_000}
EXPECT = {
    "status": 200,
    "time": {"total": "<2s", "first_byte": "<2s"},
    "headers": {"content-type": {"contains": "application/json"}, "server": {"not": {"contains": "uvicorn"}}},
    "json": {
        "$.checkout_url": {"format": "uri"},
        "$.session_id": {"matches": "^cs_(test|live)_"},
        "$.expires_at": {"type": "integer", "min": 1},
    },
    "body": {"absent": ["Traceback", "sk_" + "live_"], "max_bytes": 2000},
}


def load(**options: Any) -> Http:
    """The check as a checklist makes it."""
    check: Http = adapter(Http).validate_python(options)
    return check


def judge(server: WebServer, world: Outside, answer: Answer, expect: dict[str, Any]) -> list[Outcome]:
    server.scripts["/x"] = answer
    return look(load(request={"url": f"{server.url}/x"}, expect=expect), world)


def test_a_good_answer_passes_with_one_outcome_an_assertion(server: WebServer, world: Outside) -> None:
    server.scripts["POST /x"] = Answer.json(SESSION)
    request = {"method": "POST", "url": f"{server.url}/x", "json": {"tier": "team"}, "headers": {"Origin": "https://a"}}
    outcomes = look(load(request=request, expect=EXPECT), world)
    assert not broken(outcomes)
    assert len(outcomes) == 11
    asked = server.asked[0]
    assert (asked.body, asked.headers["content-type"]) == (b'{"tier":"team"}', "application/json")
    seen = outcomes[0].evidence[0]
    assert seen.source == f"POST {server.url}/x"
    assert seen.seen.startswith("200 OK\n")
    assert "cs_test_1" in seen.seen
    assert all(outcome.expected and outcome.observed and outcome.subject for outcome in outcomes)


@pytest.mark.parametrize(
    ("answer", "said", "reason"),
    [
        (Answer.json({**SESSION, "expires_at": None}), "$.expires_at is null", Reason.MISMATCH),
        (Answer.json({**SESSION, "expires_at": "1790000000"}), '$.expires_at is "1790000000"', Reason.MISMATCH),
        (Answer.json({**SESSION, "expires_at": True}), "$.expires_at is true", Reason.MISMATCH),
        (Answer.json({**SESSION, "expires_at": 1.5}), "$.expires_at is 1.5", Reason.MISMATCH),
        (
            Answer.json({"checkout_url": "https://a/b", "session_id": "cs_test_1"}),
            "$.expires_at is not there",
            Reason.MISSING,
        ),
        (Answer.json({**SESSION, "checkout_url": "/relative"}), "in the format uri", Reason.MISMATCH),
        (Answer.json({**SESSION, "checkout_url": "https://"}), "in the format uri", Reason.MISMATCH),
        (Answer.json({**SESSION, "session_id": "pi_1"}), "matching ^cs_(test|live)_", Reason.MISMATCH),
        (Answer.json(SESSION, 422), "the status is 422", Reason.MISMATCH),
        (Answer.json(SESSION, 302, Location="/login"), "the status is 302 Found", Reason.MISMATCH),
        (Answer.json({**SESSION, "debug": "Traceback (most recent"}), 'the text "Traceback" is there', Reason.MISMATCH),
        (Answer.json({**SESSION, "pad": "x" * 3000}), "the body's size is", Reason.MISMATCH),
        (
            Answer(headers=(("Content-Type", "text/html"),), body=b"<html>Oops</html>"),
            "no JSON (text/html)",
            Reason.MISMATCH,
        ),
        (
            Answer(headers=(("Content-Type", "application/json"),), body=b""),
            "no JSON (application/json)",
            Reason.MISMATCH,
        ),
        (
            Answer(headers=(("Content-Type", "application/json"),), body=b'{"a": NaN}'),
            "NaN is no JSON",
            Reason.MISMATCH,
        ),
        (Answer(headers=(("Content-Type", "application/json"),), body=b"[" * 100_000), "no JSON", Reason.MISMATCH),
        (Answer.json([SESSION]), "$.checkout_url is not there", Reason.MISSING),
    ],
)
def test_a_defect_fails(server: WebServer, world: Outside, answer: Answer, said: str, reason: Reason) -> None:
    bad = [outcome for outcome in judge(server, world, answer, EXPECT) if not outcome.ok]
    assert any(said in outcome.message and outcome.reason is reason for outcome in bad), bad


def test_a_slow_answer_fails(server: WebServer, world: Outside) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.15)
        Answer()(handler)

    server.scripts["/x"] = slow
    check = load(request={"url": f"{server.url}/x"}, expect={"time": {"total": "<100ms", "first_byte": "<=2s"}})
    (outcome,) = [outcome for outcome in look(check, world) if not outcome.ok]
    assert (outcome.reason, outcome.expected) == (Reason.TIMEOUT, "<100ms")


def test_a_quick_failure_is_no_quick_answer(server: WebServer, world: Outside) -> None:
    answers = iter([(1.1, 200)])

    def late(handler: BaseHTTPRequestHandler) -> None:
        seconds, status = next(answers, (0, 503))
        time.sleep(seconds)
        Answer(status=status)(handler)

    server.scripts["/x"] = late
    (outcome,) = look(load(request={"url": f"{server.url}/x"}, expect={"time": {"total": "<1s"}}), world)
    assert (outcome.ok, outcome.reason, len(server.asked)) == (False, Reason.TIMEOUT, 2)


@pytest.mark.parametrize(("method", "tries"), [("GET", 2), ("POST", 1)])
def test_what_was_a_little_late_is_asked_for_once_more(
    method: str, tries: int, server: WebServer, world: Outside
) -> None:
    seconds = iter([1.1])

    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(next(seconds, 0))
        Answer()(handler)

    server.scripts["/x"] = late
    check = load(request={"method": method, "url": f"{server.url}/x"}, expect={"time": {"total": "<1s"}})
    (outcome,) = look(check, world)
    assert (outcome.ok, len(server.asked)) == (tries == 2, tries)


@pytest.mark.parametrize(
    ("wanted", "status", "ok"),
    [
        (200, 200, True),
        ([200, 204], 204, True),
        ("2xx", 299, True),
        ("2xx", 302, False),
        ([400, "5xx"], 503, True),
        (400, 422, False),
    ],
)
def test_statuses(server: WebServer, world: Outside, wanted: object, status: int, ok: bool) -> None:
    (outcome,) = judge(server, world, Answer(status=status), {"status": wanted})
    assert outcome.ok is ok


def test_a_health_that_is_never_ill_fails(server: WebServer, world: Outside) -> None:
    server.scripts["/health"] = Answer.json({"status": "healthy"})
    check = load(request={"url": f"{server.url}/health"}, expect={"status": 503, "json": {"$.status": "unhealthy"}})
    assert len(broken(look(check, world))) == 2


def test_headers(server: WebServer, world: Outside) -> None:
    answer = Answer(headers=(("X-Limit", "30"), ("Vary", "Origin"), ("Vary", "Accept")))
    good = {
        "x-limit": {"min": 10, "max": 30, "format": "integer"},
        "vary": {"contains": ["Origin", "Accept"]},
        "x-powered-by": {"absent": True},
        "X-LIMIT": "30",
        "content-length": 0,
    }
    assert not broken(judge(server, world, answer, {"headers": good}))
    bad = {"x-limit": {"max": 29}, "x-gone": {"present": True}, "vary": {"absent": True}, "content-length": {"min": 1}}
    assert len(broken(judge(server, world, answer, {"headers": bad}))) == 4


def test_json_paths_that_select_many(server: WebServer, world: Outside) -> None:
    answer = Answer.json({"plans": [{"price": 19}, {"price": 99}, {"price": "299"}], "error": None})
    assert not broken(
        judge(server, world, answer, {"json": {"$.plans[:2].price": {"type": "integer"}, "$.error": None}})
    )
    bad = {
        "$.plans[*].price": {"type": "integer"},
        "$.plans": {"length": 2},
        "$.error": {"absent": True},
        "$.plans[?match(@.price, '2.*')].x": {"present": True},
    }
    messages = broken(judge(server, world, answer, {"json": bad}))
    assert len(messages) == 4
    assert "$['plans'][2]['price'], one of 3" in messages[0]


def test_body_texts_and_sizes(server: WebServer, world: Outside) -> None:
    answer = Answer(headers=(("Content-Type", "text/html; charset=latin-1"),), body="Prix: 19 \xa3".encode("latin-1"))
    good = {"contains": ["£"], "matches": [r"\b19\b"], "absent": ["$"], "min_bytes": 1, "max_bytes": 50}
    assert not broken(judge(server, world, answer, {"body": good}))
    bad = {"contains": ["€"], "matches": [r"\b99\b"], "absent": ["Prix"], "min_bytes": 50}
    assert len(broken(judge(server, world, answer, {"body": bad}))) == 4


def test_a_body_that_was_cut_is_not_known(server: WebServer, world: Outside) -> None:
    server.scripts["/x"] = Answer(body=b"Traceback " + b" " * (1 << 20))
    for expect in (
        {"body": {"absent": ["later"]}},
        {"body": {"contains": ["later"]}},
        {"json": {"$": {"present": True}}},
    ):
        with pytest.raises(CannotTell, match="more than 1048576 bytes"):
            look(load(request={"url": f"{server.url}/x"}, expect=expect), world)
    check = load(request={"url": f"{server.url}/x"}, expect={"body": {"absent": ["Traceback"], "max_bytes": 10}})
    assert len(broken(look(check, world))) == 2


def test_tls_where_there_is_none_fails(server: WebServer, world: Outside) -> None:
    (outcome,) = judge(server, world, Answer(), {"tls": {"days_left": ">=21"}})
    assert (outcome.ok, outcome.reason) == (False, Reason.TLS)


def test_a_certificate_that_nobody_trusts_is_unreachable(tmp_path: Path, world: Outside) -> None:
    context: ssl.SSLContext = certificate(tmp_path).server_context()
    with WebServer(context=context) as server, pytest.raises(Unreachable) as error:
        look(load(request={"url": f"{server.url}/x"}, expect={"status": 200}), world)
    assert error.value.reason is Reason.TLS


def test_our_endpoint_out_of_reach_is_unreachable(world: Outside) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(Unreachable):
        look(load(request={"url": url}, expect={"status": 200}), world)


def test_an_address_that_may_not_be_contacted_is_an_error(world: Outside) -> None:
    with pytest.raises(CannotTell):
        look(load(request={"url": "http://10.0.0.1/"}, expect={"status": 200}), world)


# --- cases


def validator(handler: BaseHTTPRequestHandler) -> None:
    """Answers 200 to what has a tier, else 400."""
    asked = handler.server.owner.asked[-1]  # type: ignore[attr-defined]  # the server of these tests
    ok = b'"tier":"team"' in asked.body and asked.headers.get("x-key") == "1"
    Answer.json({"error": "" if ok else "unknown tier"}, 200 if ok else 400)(handler)


def test_cases_inherit_and_override(server: WebServer, world: Outside) -> None:
    server.scripts["/x"] = validator
    check = load(
        request={
            "method": "POST",
            "url": f"{server.url}/x",
            "json": {"tier": "team", "url": "u"},
            "headers": {"X-Key": "1"},
        },
        expect={"status": 400, "json": {"$.error": "unknown tier"}},
        cases=[
            {"name": "free", "request": {"json": {"tier": "free"}}},
            {"name": "no tier", "request": {"json": {"tier": None}}},
            {"request": {"headers": {"X-Key": None}}},
            {"request": {"body": "rubbish"}},
            {"name": "good", "expect": {"status": 200, "json": {"$.error": ""}}},
        ],
    )
    outcomes = look(check, world)
    assert not broken(outcomes)
    assert len(outcomes) == 10
    assert [asked.body for asked in server.asked] == [
        b'{"tier":"free","url":"u"}',
        b'{"url":"u"}',
        b'{"tier":"team","url":"u"}',
        b"rubbish",
        b'{"tier":"team","url":"u"}',
    ]
    assert outcomes[0].subject == f"POST {server.url}/x (free)"
    assert outcomes[4].subject == f"POST {server.url}/x (case 3)"


def test_a_case_that_fails_is_named(server: WebServer, world: Outside) -> None:
    server.scripts["/x"] = validator
    check = load(
        request={"method": "POST", "url": f"{server.url}/x", "json": {"tier": "free"}},
        expect={"status": 200},
        cases=[{"name": "free tier"}],
    )
    assert "(free tier): the status is 400 Bad Request, expected 200" in broken(look(check, world))[0]


def test_forms_and_redirects(server: WebServer, world: Outside) -> None:
    server.scripts |= {"/x": Answer(status=302, headers=(("Location", "/y"),)), "/y": Answer(body=b"there")}
    request = {"method": "POST", "url": f"{server.url}/x", "form": {"a": "1 2"}, "follow_redirects": True}
    assert not broken(look(load(request=request, expect={"status": 200, "body": {"contains": ["there"]}}), world))
    assert (server.asked[0].body, server.asked[1].method) == (b"a=1+2", "GET")


# --- loading


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"expect": {}},
        {"expect": {"json": {}}},
        {"expect": {"statuss": 200}},
        {"expect": {"status": 99}},
        {"expect": {"status": "2x"}},
        {"expect": {"status": []}},
        {"expect": {"status": True}},
        {"expect": {"time": {}}},
        {"expect": {"time": {"total": "2s"}}},
        {"expect": {"time": {"total": "<2"}}},
        {"expect": {"time": {"total": ">2s"}}},
        {"expect": {"headers": {"server": {"absnt": True}}}},
        {"expect": {"headers": {"server": {}}}},
        {"expect": {"headers": {"server": {"absent": True, "contains": "x"}}}},
        {"expect": {"headers": {"server": {"absent": "yes"}}}},
        {"expect": {"headers": {"server": {"optional": True}}}},
        {"expect": {"headers": {"server": {"optional": True, "absent": True, "contains": "x"}}}},
        {"expect": {"json": {"expires_at": 1}}},
        {"expect": {"json": {"$.a[": 1}}},
        {"expect": {"json": {"$.a": {"matches": "("}}}},
        {"expect": {"json": {"$.a": {"matches": ""}}}},
        {"expect": {"json": {"$.a": {"format": "urn"}}}},
        {"expect": {"json": {"$.a": {"type": "int"}}}},
        {"expect": {"json": {"$.a": {"min": "1"}}}},
        {"expect": {"json": {"$.a": {"one_of": []}}}},
        {"expect": {"json": {"$.a": {"not": {"absent": True}}}}},
        {"expect": {"body": {}}},
        {"expect": {"body": {"contains": [""]}}},
        {"expect": {"body": {"contains": "text"}}},
        {"expect": {"body": {"min_bytes": 2, "max_bytes": 1}}},
        {"expect": {"tls": {}}},
        {"expect": {"tls": {"days_left": "<21"}}},
        {"expect": {"tls": {"min_version": "TLSv1.1"}}},
        {"expect": {"security": "strict"}},
        {"expect": {"cors": {}}},
        {"expect": {"cors": {"allow": ["kamiyo.ai"]}}},
        {"expect": {"cors": {"allow": ["https://a.example/"]}}},
        {"expect": {"cors": {"allow": ["https://a.example"], "deny": ["https://a.example"]}}},
        {"expect": {"schema": {}}},
        {"expect": {"status": 200}, "request": {}},
        {"expect": {"status": 200}, "request": {"url": "ftp://a.example"}},
        {"expect": {"status": 200}, "request": {"url": "/relative"}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example:port/"}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example/a b"}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example", "method": "GE T"}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example", "json": {}, "form": {"a": "b"}}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example", "headers": {"X": "a\r\nY: b"}}},
        {"expect": {"status": 200}, "request": {"url": "http://a.example", "headers": {"X Y": "a"}}},
        {"expect": {"status": 200}, "cases": [{"name": "a"}, {"name": "a"}]},
        {"expect": {"status": 200}, "cases": [{"nam": "a"}]},
        {"expect": {"status": 200}, "cases": [{"request": {"method": "G T"}}]},
    ],
)
def test_what_makes_no_sense_is_refused_when_loaded(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        load(**{"request": {"url": "http://a.example/"}, **options})


@pytest.mark.parametrize(
    ("method", "url", "effect"),
    [
        ("GET", "https://a.example/", Effect.READ),
        ("HEAD", "https://a.example/", Effect.READ),
        ("options", "https://a.example/", Effect.READ),
        ("POST", "https://a.example/", Effect.WRITE),
        ("DELETE", "https://127.0.0.1.a.example/", Effect.WRITE),
        ("POST", "http://127.0.0.1:8000/", Effect.READ),
        ("POST", "http://localhost:8000/", Effect.READ),
        ("POST", "http://[::1]/", Effect.READ),
        ("POST", "http://127.0.0.1@a.example/", Effect.WRITE),
    ],
)
def test_effects(method: str, url: str, effect: Effect) -> None:
    assert load(request={"method": method, "url": url}, expect={"status": 200}).effect is effect


def test_a_writing_case_is_an_effect() -> None:
    check = load(
        request={"url": "https://a.example/"}, expect={"status": 200}, cases=[{}, {"request": {"method": "POST"}}]
    )
    assert check.effect is Effect.WRITE
    assert list(check.looks_at()) == ["GET https://a.example/", "POST https://a.example/"]


def test_secrets_of_the_request_are_in_no_outcome(server: WebServer, world: Outside) -> None:
    server.scripts["/x"] = Answer(status=500, headers=(("Set-Cookie", "session=topsecret; Path=/"),))
    request = {"url": f"http://ann:topsecret@127.0.0.1:{server.port}/x", "headers": {"X-Api-Key": "topsecret"}}
    outcomes = look(load(request=request, expect={"status": 200, "security": "baseline"}), world)
    assert "topsecret" not in repr(outcomes)
    assert "topsecret" not in "".join(load(request=request, expect={"status": 200}).looks_at())
