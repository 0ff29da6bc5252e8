"""The kind ``http.methods`` against servers and frameworks that refuse, and that do not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from checks.http_methods import HttpMethods
from readiness.api import CannotTell, Effect, Outcome
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, Script, WebServer, broken, look


def load(**options: Any) -> HttpMethods:
    check: HttpMethods = adapter(HttpMethods).validate_python(options)
    return check


def refuse(allow: str | None, status: int = 405) -> Answer:
    return Answer(status=status, headers=(("Allow", allow),) if allow is not None else ())


def judge(world: Outside, allow: list[str], answers: dict[str, Script], rest: Script, **more: Any) -> list[Outcome]:
    scripts = {f"{method} /x": answer for method, answer in answers.items()}
    with WebServer(scripts={"/x": rest, **scripts}) as server:
        return look(load(request={"url": f"{server.url}/x", "json": {}}, allow=allow, **more), world)


HTML = Answer(headers=(("Content-Type", "text/html"),))
GET = Answer(headers=(("Content-Type", "text/plain"),), body=b"hello")


def test_a_strict_server_passes(world: Outside) -> None:
    outcomes = judge(world, ["POST"], {"POST": Answer(status=400)}, refuse("POST"))
    assert not broken(outcomes)
    assert len(outcomes) == 1 + 4 * 2 + 3
    assert not broken(judge(world, ["GET"], {"GET": GET, "HEAD": GET}, refuse("GET, HEAD, OPTIONS")))
    assert not broken(judge(world, ["GET"], {"GET": GET, "OPTIONS": Answer(status=204)}, refuse("GET")))
    assert not broken(judge(world, ["POST"], {"POST": Answer(status=501)}, refuse(None, 404), refused=[404]))


@pytest.mark.parametrize(
    ("allow", "answers", "rest", "said"),
    [
        (["POST"], {"POST": refuse("GET")}, refuse("POST"), "POST http://127.0.0.1"),
        (["POST"], {"POST": Answer(), "DELETE": Answer()}, refuse("POST"), "expected refused with 405"),
        (["POST"], {"POST": Answer(), "PUT": Answer(status=500)}, refuse("POST"), "500 Internal"),
        (["POST"], {"POST": Answer()}, refuse("POST", 404), "answered 404 Not Found"),
        (["POST"], {"POST": Answer()}, refuse(None), "the header allow is not there"),
        (["POST"], {"POST": Answer()}, refuse(""), "the header allow is "),
        (["POST"], {"POST": Answer()}, refuse("POST, DELETE"), "the header allow is POST, DELETE"),
        (["POST"], {"POST": Answer(), "TRACE": Answer()}, refuse("POST"), "TRACE http://"),
        (["POST"], {"POST": Answer(), "TRACK": Answer()}, refuse("POST"), "TRACK http://"),
        (["GET"], {"GET": GET, "HEAD": Answer(status=404)}, refuse("GET"), "status 404 instead of 200"),
        (["GET"], {"GET": GET, "HEAD": HTML}, refuse("GET"), "text/html instead"),
        (["GET", "HEAD"], {"GET": GET}, refuse("GET"), "HEAD http://"),
    ],
)  # fmt: skip
def test_a_fault_fails(world: Outside, allow: list[str], answers: dict[str, Script], rest: Script, said: str) -> None:
    assert any(said in message for message in broken(judge(world, allow, answers, rest)))


def test_hanging_up_on_trace_is_a_refusal(world: Outside) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    assert not broken(judge(world, ["POST"], {"POST": Answer(), "TRACE": hang_up}, refuse("POST")))


def test_a_limit_tells_nothing(world: Outside) -> None:
    with pytest.raises(CannotTell, match="429"):
        judge(world, ["POST"], {}, Answer(status=429))


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """An ASGI application on a free port."""
    ready = threading.Event()

    class Watched(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready.set()

    server = Watched(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_frameworks_that_refuse_by_themselves_pass(world: Outside) -> None:
    api = FastAPI(openapi_url=None)
    api.post("/x")(lambda: {"ok": True})
    api.get("/both")(lambda: {"ok": True})
    api.post("/both")(lambda: {"ok": True})

    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    for app, path, allow in (
        (api, "/x", ["POST"]),
        (api, "/both", ["GET", "POST"]),  # its Allow names one of the two
        (Starlette(routes=[Route("/x", hello)]), "/x", ["GET"]),
    ):
        with serving(app) as url:
            assert not broken(look(load(request={"url": f"{url}{path}"}, allow=allow), world))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"allow": []}, "name the methods"),
        ({"allow": ["TRACE"]}, "cannot be allowed"),
        ({"allow": ["post"]}, "cannot be allowed"),
        ({"allow": ["GET"], "refused": []}, "nothing would count"),
        ({"allow": ["GET"], "request": {}}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**{"request": {"url": "https://a.example/"}, **options})


def test_elsewhere_it_writes() -> None:
    check = load(request={"url": "https://a.example/"}, allow=["GET"])
    assert check.effect is Effect.WRITE
    assert "DELETE https://a.example/" in check.looks_at()
    assert load(request={"url": "http://127.0.0.1:1/"}, allow=["GET"]).effect is Effect.READ
