"""The kind ``http.openapi`` against a FastAPI service, documents with every fault, and real answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError

from checks.http_openapi import HttpOpenapi
from readiness.api import CannotTell, Effect, Outcome
from readiness.expect.openapi import Document, differences, without
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, WebServer, broken, look


class Fault(BaseModel):
    error: str
    detail: str | None = None


class Session(BaseModel):
    status: str
    amount: int


def document() -> dict[str, Any]:
    """What FastAPI writes of a small service."""
    app = FastAPI(title="Shop", version="1.0")

    @app.post("/pay", summary="Pay", responses={400: {"model": Fault}, 501: {"description": "Planned for later."}})
    def pay(body: Fault) -> Session:
        return Session(status=body.error, amount=0)

    @app.get("/session/{name}", description="Read a session.", responses={404: {"model": Fault}})
    def session(name: str) -> Session:
        return Session(status=name, amount=0)

    @app.get("/session/new", description="A new one.", response_model=None)
    def new() -> Any: ...

    return json.loads(json.dumps(app.openapi()))  # type: ignore[no-any-return]  # an object


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document()


def load(**options: Any) -> HttpOpenapi:
    check: HttpOpenapi = adapter(HttpOpenapi).validate_python(options)
    return check


def judge(server: WebServer, world: Outside, served: Any, **options: Any) -> list[Outcome]:
    body = served if isinstance(served, bytes) else json.dumps(served).encode()
    server.scripts["/openapi.json"] = Answer(headers=(("Content-Type", "application/json"),), body=body)
    answers = [{**request, "url": f"{server.url}{request['url']}"} for request in options.pop("answers", [])]
    return look(load(url=f"{server.url}/openapi.json", answers=answers, **options), world)


ROUTES = {"POST /pay": [200, 400, 501], "GET /session/{name}": [200, 404], "GET /session/new": []}


def test_a_whole_document_passes(server: WebServer, world: Outside, made: dict[str, Any], tmp_path: Path) -> None:
    shuffled = {**dict(reversed(made.items())), "info": {"title": "Shop", "version": "0.9"}}
    tmp_path.joinpath("openapi.json").write_text(json.dumps(shuffled))
    outcomes = judge(
        server, world, made,
        routes=ROUTES, only=True, described=True, mentions={"POST /pay": "(?i)planned"},
        committed="openapi.json", ignore=["/info/version"],
    )  # fmt: skip
    assert not broken(outcomes)
    assert len(outcomes) == 1 + 3 + 1 + 1 + 1 + 1


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda doc: doc["paths"].pop("/pay"), "POST /pay is not there"),
        (lambda doc: doc["paths"].update({"/v2/pay": doc["paths"].pop("/pay")}), "POST /pay is not there"),
        (lambda doc: doc["paths"]["/pay"].update(put=doc["paths"]["/pay"].pop("post")), "POST /pay is not there"),
        (lambda doc: doc["paths"]["/pay"]["post"]["responses"].pop("400"), "there without 400"),
        (lambda doc: doc["paths"].update({"/debug": {"get": {"summary": "x", "responses": {}}}}), "there: GET /debug"),
        (lambda doc: doc["paths"]["/pay"]["post"].update(summary=" "), "routes without a word is there: POST /pay"),
        (lambda doc: doc["paths"]["/pay"]["post"]["responses"]["501"].update(description="No."), "is not said"),
        (lambda doc: doc["info"].update(title="Other"), '/info/title is "Other" and "Shop"'),
        (lambda doc: doc["components"]["schemas"]["Fault"]["required"].clear(), "/components/schemas/Fault/required"),
        (lambda doc: doc["components"]["schemas"].pop("Fault"), "leads nowhere"),
        (lambda doc: doc.update(openapi="2.0"), "not 3.x"),
        (lambda doc: doc.pop("paths"), "no `paths`"),
    ],
)
def test_a_fault_fails(server: WebServer, world: Outside, made: dict[str, Any], change: Change, said: str) -> None:
    world.root.joinpath("openapi.json").write_text(json.dumps(made))
    changed = copy.deepcopy(made)
    change(changed)
    options: dict[str, Any] = {"routes": ROUTES, "only": True, "described": True, "committed": "openapi.json"}
    bad = broken(judge(server, world, changed, mentions={"POST /pay": "(?i)planned"}, **options))
    assert any(said in message for message in bad), bad


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"openapi": 3.1, "paths": []}'])
def test_what_is_no_document_fails(server: WebServer, world: Outside, body: bytes) -> None:
    (bad,) = broken(judge(server, world, body, routes=ROUTES))
    assert "the document is none" in bad


def test_the_committed_document(server: WebServer, world: Outside, made: dict[str, Any], tmp_path: Path) -> None:
    assert "not in the repository" in broken(judge(server, world, made, committed="openapi.json"))[0]
    tmp_path.joinpath("broken.json").write_text("{")
    with pytest.raises(CannotTell, match="cannot be read as JSON"):
        judge(server, world, made, committed="broken.json")


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer.json(value, status)


PAY = {"method": "POST", "url": "/pay", "json": {}}
PAGE = Answer(status=404, headers=(("Content-Type", "text/html"),), body=b"<h1>404</h1>")


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ((PAY, json_answer({"status": "open", "amount": 3})), None),
        ((PAY, json_answer({"error": "x", "detail": None}, 400)), None),
        (({"url": "/session/cs_1?x=2"}, json_answer({"error": "x"}, 404)), None),
        (({"url": "/session/new"}, json_answer(["anything"])), None),
        ((PAY, Answer(status=501)), None),
        ((PAY, json_answer({"error": "x"}, 500)), "500 Internal Server Error of"),
        ((PAY, json_answer({"error": 1}, 400)), "$.error: 1 is not of"),
        ((PAY, json_answer({"status": "open"})), "'amount' is a required"),
        (({"url": "/session/cs_1"}, PAGE), "text/html, expected documented, as application/json"),
        (({"url": "/nowhere"}, json_answer({}, 404)), "a route that is not there"),
        (({"method": "DELETE", "url": "/pay"}, json_answer({}, 405)), "a route that is not there"),
    ],
)  # fmt: skip
def test_real_answers(
    server: WebServer, world: Outside, made: dict[str, Any], probe: tuple[dict[str, Any], Answer], said: str | None
) -> None:
    request, answer = probe
    server.scripts[request["url"].partition("?")[0]] = answer
    bad = broken(judge(server, world, made, answers=[request]))
    assert said in bad[0] if said else not bad, bad


def old(schema: dict[str, Any]) -> dict[str, Any]:
    """A document of OpenAPI 3.0 with one route, under a server's prefix and with a wildcard."""
    answers = {"2XX": {"$ref": "#/components/responses/Fine"}, "default": {"description": "Any other error."}}
    fine = {"description": "Fine.", "content": {"application/*": {}, "application/json; v=1": {"schema": schema}}}
    return {
        "openapi": "3.0.3",
        "servers": [{"url": "/v1"}, {"url": "https://a.example"}],
        "paths": {"/x": {"$ref": "#/paths/~1y"}, "/y": {"get": {"responses": answers}}},
        "components": {"responses": {"Fine": fine}},
    }


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "string", "nullable": True}, None, True),
        ({"type": "string"}, None, False),
        ({"type": "object", "properties": {"n": {"type": "integer", "nullable": True}}}, {"n": None}, True),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 3, False),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": False}, 3, True),
        ({"type": "array", "items": {"enum": ["a"], "nullable": True}}, ["a", None], True),
    ],
)
def test_schemas_of_the_older_version(
    server: WebServer, world: Outside, schema: dict[str, Any], value: Any, fits: bool
) -> None:
    server.scripts["/v1/x"] = json_answer(value, 201)
    outcomes = judge(server, world, old(schema), answers=[{"url": "/v1/x"}], routes={"GET /y": ["2XX", "default"]})
    assert [outcome.ok for outcome in outcomes] == [True, True, True, fits]


def test_references_in_a_circle_do_no_harm() -> None:
    circle = {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}}
    assert Document.of(circle).operations == {}


def test_differences() -> None:
    assert list(differences({"a": [1, {"b": 2}]}, {"a": [{"b": 2.0}, 1]})) == []
    assert list(differences({"a/b": 1}, {})) == ["/a~1b is only in the first"]
    assert without({"a": {"b/c": 1, "d": 2}}, ["/a/b~1c", "/x/y"]) == {"a": {"d": 2}}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"routes": {"/pay": []}}, "is no route"),
        ({"mentions": {"post /pay": "x"}}, "is no route"),
        ({"mentions": {"POST /pay": "("}}, "RE2"),
        ({"only": True}, "there are none"),
        ({"ignore": ["/info"]}, "there is none"),
        ({"committed": "a.json", "ignore": ["info"]}, "begin with /"),
        ({"answers": [{}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(url="https://a.example/openapi.json", **options)


def test_the_plan_tells_what_is_read() -> None:
    sent = {"method": "POST", "url": "https://a.example/pay"}
    check = load(url="https://a.example/openapi.json", committed="docs/openapi.json", answers=[sent])
    assert list(check.looks_at()) == [
        "GET https://a.example/openapi.json",
        "POST https://a.example/pay",
        "docs/openapi.json",
    ]
    assert check.effect is Effect.WRITE
