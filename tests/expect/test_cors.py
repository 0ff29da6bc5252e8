"""The CORS protocol, spoken with real servers."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from readiness.api import HttpRequest, Outcome
from readiness.expect.cors import Cors
from readiness.expect.expectation import Expect
from tests.wire import Answer, Script, WebServer, outside, view

OURS, FOREIGN = "https://kamiyo.ai", "https://evil.example"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def judge(
    server: WebServer, folder: Path, *, method: str = "POST", content_type: str = "application/json"
) -> list[Outcome]:
    request = HttpRequest(
        method=method, url=f"{server.url}/x", headers=(("Content-Type", content_type),), content=b"{}"
    )
    with outside(folder) as world:
        expect = Expect(cors=Cors(allow=(OURS,), deny=(FOREIGN, "null")))
        return list(expect.judge(view(world), request))


def policy(
    allowed: str | None, *, status: int = 200, methods: str = "POST, DELETE", headers: str = "content-type"
) -> Script:
    """A server that allows one origin (``*``: any, ``echo``: whoever asks, None: nobody)."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        origin = handler.headers.get("Origin", "")
        granted = allowed in {"*", "echo"} or origin == allowed
        preflight = handler.command == "OPTIONS"
        said = [("Vary", "Origin")]
        if granted:
            said.append(("Access-Control-Allow-Origin", "*" if allowed == "*" else origin))
        if granted and preflight:
            said += [("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", headers)]
        Answer(status=(status if granted else 400) if preflight else 200, headers=tuple(said))(handler)

    return answer


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_one_origin_passes(server: WebServer, tmp_path: Path, method: str) -> None:
    server.scripts["/x"] = policy(OURS)
    outcomes = judge(server, tmp_path, method=method)
    assert [outcome.message for outcome in outcomes if not outcome.ok] == []
    assert len(outcomes) == (6 if method == "GET" else 3)
    preflights = [asked for asked in server.asked if asked.method == "OPTIONS"]
    assert {asked.headers["access-control-request-method"] for asked in preflights} == {method}
    assert preflights[0].headers["access-control-request-headers"] == "content-type"


def test_a_status_of_204_and_wildcards_for_methods_pass(server: WebServer, tmp_path: Path) -> None:
    server.scripts["/x"] = policy(OURS, status=204, methods="*", headers="*")
    assert all(outcome.ok for outcome in judge(server, tmp_path, method="PUT"))


@pytest.mark.parametrize("allowed", ["*", "echo"])
def test_everybody_allowed_fails_the_denied(server: WebServer, tmp_path: Path, allowed: str) -> None:
    server.scripts["/x"] = policy(allowed)
    assert [outcome.ok for outcome in judge(server, tmp_path)] == [True, False, False]


@pytest.mark.parametrize(
    "script",
    [
        policy(None),
        policy("https://www.kamiyo.ai"),
        policy("https://kamiyo.ai/"),
        policy(OURS, status=404),
        policy(OURS, headers="x-other"),
    ],
)
def test_ours_refused_fails(server: WebServer, tmp_path: Path, script: Script) -> None:
    server.scripts["/x"] = script
    assert [outcome.ok for outcome in judge(server, tmp_path)] == [False, True, True]


def test_a_method_that_is_not_allowed_fails(server: WebServer, tmp_path: Path) -> None:
    server.scripts["/x"] = policy(OURS, methods="GET, POST")
    (allow, *_) = judge(server, tmp_path, method="DELETE")
    assert not allow.ok
    assert "the method DELETE is not allowed" in allow.message


def test_a_preflight_that_refuses_does_not_hide_an_answer_that_tells_all(server: WebServer, tmp_path: Path) -> None:
    server.scripts |= {"OPTIONS /x": policy(OURS), "GET /x": policy("echo")}
    outcomes = judge(server, tmp_path, method="GET")
    assert [outcome.ok for outcome in outcomes] == [True, True, True, False, True, False]


def test_a_writing_request_is_not_sent_again(server: WebServer, tmp_path: Path) -> None:
    server.scripts["/x"] = policy(OURS)
    judge(server, tmp_path)
    assert [asked.method for asked in server.asked].count("POST") == 1
