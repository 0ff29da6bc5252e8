"""``readiness schema``: what loads is valid, and an editor refuses what would not load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from readiness._bundled import CHECKLIST
from tests.engine import Folder


@pytest.fixture
def validator(folder: Folder) -> Draft202012Validator:
    schema = json.loads(folder.run("schema").out)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def item(**fields: Any) -> dict[str, Any]:
    return {"version": 1, "sections": {"1": {"title": "T", "items": {"a": {"title": "A", **fields}}}}}


VALID = [
    item(manual="look"),
    item(check="env.key", **{"with": {"key": "X"}}),
    item(check="env.key", **{"with": {"key": "${name}"}}),
    item(items={"x": "X", "y": {"title": "Y", "manual": "look"}}),
    item(manual="look", timeout="10s", severity="low", valid_for="release", needs="b", environments=["dev"]),
    item(manual="look", needs=["b"], seed=["1.1"], retries=2, eventually="2m"),
    {**item(manual="look"), "vars": {"a": 1, "b": True, "c": "x"}, "environments": {"dev": None}},
    {**item(manual="look"), "gates": {"g": {"block": ["fail"], "at": "low", "scope": ["repo"]}}},
]
INVALID = [
    {},
    {"version": 1},
    {"version": 2, "sections": item(manual="x")["sections"]},
    {**item(manual="x"), "titel": "x"},
    {**item(manual="x"), "sections": {}},
    item(manaul="look"),
    item(check="env.kye"),
    item(check="env.key"),
    item(check="env.key", **{"with": {"kye": "X"}}),
    item(check="env.key", **{"with": {"key": "X", "fromat": "url"}}),
    item(check="env.key", **{"with": {"key": ["X"]}}),
    item(manual="look", severity="hihg"),
    item(manual="look", timeout=10),
    item(manual="look", timeout="10 s"),
    item(manual="look", retries=11),
    item(manual="look", valid_for="90 days"),
    item(manual="look", environments=[]),
    {**item(manual="x"), "gates": {"g": {"block": ["fial"]}}},
    {**item(manual="x"), "gates": {"g": {"block": []}}},
    {**item(manual="x"), "environments": {"dev": {"var": {}}}},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(VALID)))
def test_what_loads_is_valid(folder: Folder, validator: Draft202012Validator, number: int) -> None:
    validator.validate(VALID[number])
    folder.write("checklist.yaml", yaml.safe_dump(VALID[number]))
    done = folder.run("list")
    told = [line for line in done.err.splitlines() if "error: " in line]
    names = ("`needs`", "which is no item", "unknown environment", "the variable `name`")
    assert all(any(name in line for name in names) for line in told), told


@pytest.mark.parametrize("number", range(len(INVALID)))
def test_what_does_not_load_is_not_valid(folder: Folder, validator: Draft202012Validator, number: int) -> None:
    assert not validator.is_valid(INVALID[number])
    folder.write("checklist.yaml", yaml.safe_dump(INVALID[number]))
    assert folder.run("list").code == 2


def test_the_bundled_checklists_are_valid(folder: Folder, validator: Draft202012Validator) -> None:
    validator.validate(yaml.safe_load(CHECKLIST.read_text("utf-8")))
    assert folder.run("init").code == 0
    validator.validate(yaml.safe_load((folder.path / "checklist.yaml").read_text("utf-8")))


def test_the_kinds_of_a_checklist_of_ones_own(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    schema = json.loads(folder.run("schema", "-c", "checklist.yaml", "--allow", "plugin").out)
    validator = Draft202012Validator(schema)
    own = item(check="t.local", **{"with": {"number": "${n}"}})
    validator.validate({**own, "checks": ["kinds"]})
    assert not validator.is_valid(item(check="t.local", **{"with": {"nubmer": 1}}))
    assert not validator.is_valid(item(check="t.local", **{"with": {"number": "x"}}))


def test_an_editor_shows_the_words_below_each_field(folder: Folder) -> None:
    plain = json.loads(folder.shell("schema").out)
    folder.checklist("a: {title: A, manual: x}", "checks: []")
    own = json.loads(folder.shell("schema", "-c", "checklist.yaml").out)
    assert "description" in plain["$defs"]["Item"]["properties"]["title"]
    assert own == plain


def test_a_file_for_the_editor(folder: Folder) -> None:
    done = folder.run("schema", "-o", "schema.json")
    assert (done.code, done.out) == (0, "")
    assert json.loads((folder.path / "schema.json").read_text("utf-8"))["$id"] == "readiness/checklist/v1"
    assert folder.run("schema", "-o", str(Path("no") / "such" / "folder.json")).code == 2


def test_there_is_no_other_schema(folder: Folder) -> None:
    done = folder.run("schema", "checklsit")
    assert done.code == 2
    assert "help: did you mean `checklist`?" in done.err
