"""JSON Schema."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.api import CannotTell, HttpRequest, Outcome, Reason
from readiness.expect.expectation import Expect
from tests.wire import Answer, WebServer, outside, view

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "amount"],
    "properties": {
        "id": {"type": "string", "pattern": "^cs_"},
        "amount": {"type": "integer", "minimum": 0},
        "at": {"type": "string", "format": "date-time"},
        "part": {"$ref": "#/$defs/part"},
    },
    "$defs": {"part": {"enum": ["a", "b"]}},
}


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def judge(server: WebServer, folder: Path, value: Any, schema: str | dict[str, Any]) -> Outcome:
    server.scripts["/x"] = value if isinstance(value, Answer) else Answer.json(value)
    with outside(folder) as world:
        (outcome,) = Expect(schema=schema).judge(view(world), HttpRequest(url=f"{server.url}/x"))
        return outcome


@pytest.mark.parametrize(
    "value",
    [{"id": "cs_1", "amount": 1}, {"id": "cs_1", "amount": 1.0, "at": "2025-10-28T12:00:00Z", "part": "a"}],
)
def test_what_fits_passes(server: WebServer, tmp_path: Path, value: Any) -> None:
    assert judge(server, tmp_path, value, SCHEMA).ok


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"id": "cs_1"}, "'amount' is a required property"),
        ({"id": "cs_1", "amount": "1"}, "$.amount: '1' is not of type 'integer'"),
        ({"id": "pi_1", "amount": 1}, "$.id: 'pi_1' does not match"),
        ({"id": "cs_1", "amount": 1, "at": "yesterday"}, "is not a 'date-time'"),
        ({"id": "cs_1", "amount": 1, "part": "c"}, "$.part"),
        ([], "is not of type 'object'"),
        (Answer(body=b"<html>"), "no JSON"),
    ],
)
def test_what_does_not_fit_fails(server: WebServer, tmp_path: Path, value: Any, said: str) -> None:
    outcome = judge(server, tmp_path, value, SCHEMA)
    assert not outcome.ok
    assert said in outcome.message


def test_a_file_below_the_root(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "x.json").write_text(json.dumps(SCHEMA))
    assert judge(server, tmp_path, {"id": "cs_1", "amount": 1}, "schemas/x.json").ok
    assert not judge(server, tmp_path, {}, "schemas/x.json").ok


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("missing.json", Reason.NOT_FOUND),
        ("broken.json", Reason.NOTHING_CHECKED),
        ({"type": "strnig"}, Reason.NOTHING_CHECKED),
        ({"$ref": "#/$defs/none"}, Reason.NOTHING_CHECKED),
        ({"$ref": "http://127.0.0.1:1/schema.json"}, Reason.NOTHING_CHECKED),
        ({"$ref": "file:///etc/passwd"}, Reason.NOTHING_CHECKED),
        ({"patternProperties": {"(a+)+$": {}}}, Reason.NOTHING_CHECKED),
        ({"properties": {"id": {"pattern": "(?=a)"}}}, Reason.NOTHING_CHECKED),
    ],
)
def test_a_schema_that_cannot_be_used_is_an_error(
    server: WebServer, tmp_path: Path, schema: str | dict[str, Any], reason: Reason
) -> None:
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(CannotTell) as error:
        judge(server, tmp_path, {"id": "cs_1"}, schema)
    assert error.value.reason is reason


def test_a_hostile_pattern_ends(server: WebServer, tmp_path: Path) -> None:
    started = time.monotonic()
    outcome = judge(server, tmp_path, "a" * 5000 + "!", {"pattern": "^(a+)+$"})
    assert not outcome.ok
    assert time.monotonic() - started < 5
