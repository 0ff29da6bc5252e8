"""``readiness verify --json``: one object that its schema describes, whatever is said; and its words say the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from readiness.schema import verification_schema
from readiness.signoff import strict_json
from readiness.signoff.model import Code
from tests.engine import Folder
from tests.signoff.attacks import approves, process, says, signs, told
from tests.signoff.scene import Scene


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = verification_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def nobody(_: Scene) -> None:
    """No sign-off."""


def damaged(scene: Scene) -> None:
    scene.signed()
    scene.report.write_bytes(b"{")


def all_said(scene: Scene) -> None:
    """Every field has something to say."""
    scene.on_main({".readiness/policy.yaml": "production: {match: tree, max_age: 2d}\n"})
    scene.sign("completer", "alice", comment="\x1b[31mred \u202e", **times(scene))
    scene.sign("approver", "carol")
    scene.sign("approver", "dave", decision="reject", comment="no")


def times(scene: Scene) -> dict[str, Any]:
    made = scene.predicate("completer", "alice").signed_on
    return {"planned_deployment": made, "expires_on": made.replace(year=made.year + 1)}


ATTACKS: dict[str, Callable[[Scene], None]] = {
    "signed": lambda scene: void(scene.signed()),
    "nobody signed": nobody,
    "no report any more": damaged,
    "all said": all_said,
    "author": signs("dev"),
    "mismatch": says(environment="staging"),
    "malformed": approves(lambda payload: payload["predicate"].pop("role")),
}


def void(_: object) -> None:
    """A scene is no answer."""


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_what_the_schema_says(scene: Scene, validator: Draft202012Validator, name: str) -> None:
    ATTACKS[name](scene)
    found = told(scene, "--json")
    read = strict_json.loads(found.out.encode(), "it")
    assert list(validator.iter_errors(read)) == []
    assert found.out.isascii()
    assert found.out.count("\n") == 1
    assert (read["exit_code"], read["valid"]) == (found.exit, found.exit == 0)
    words = told(scene)
    assert words.exit == found.exit
    assert words.first.startswith(read["state"].upper().replace("_", " "))
    assert bool(read["findings"]) == (Code.__members__.keys() >= {words.first.split(":")[0].split()[-1]})


def test_as_a_process(scene: Scene, validator: Draft202012Validator) -> None:
    scene.signed()
    assert list(validator.iter_errors(json.loads(process(scene, "--json").out))) == []


def test_the_schema_refuses_what_is_not_said(scene: Scene, validator: Draft202012Validator) -> None:
    said = told(scene, "--json").json
    assert validator.is_valid(said)
    changes: tuple[dict[str, Any], ...] = (
        {"state": "fine"},
        {"exit_code": 7},
        {"valid": "yes"},
        {"more": 1},
        {"findings": [{}]},
    )
    for change in changes:
        assert not validator.is_valid({**said, **change})
    assert not any(validator.is_valid({key: said[key] for key in said if key != name}) for name in said)


def test_the_command_prints_it(folder: Folder) -> None:
    assert json.loads(folder.run("schema", "verification").out) == verification_schema()
