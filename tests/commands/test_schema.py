"""``readiness schema``: what loads is valid, and an editor refuses what would not load."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from readiness._bundled import CHECKLIST
from readiness.main import main
from tests.engine import Folder, commit_all
from tests.people.words import ago, attest, day, said, waive, waiver


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Draft202012Validator:
    """Of the schema that the command writes; made once, for it takes a second."""
    place = tmp_path_factory.mktemp("schema") / "checklist.json"
    assert main(("schema", "-o", str(place))) == 0
    schema = json.loads(place.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def item(**fields: Any) -> dict[str, Any]:
    return {"version": 1, "sections": {"1": {"title": "T", "items": {"a": {"title": "A", **fields}}}}}


LOOK = {"check": "http", "with": {"request": {"url": "${evidence}"}, "expect": {"status": 200}}}
VALID = [
    item(manual="look"),
    item(check="env.key", **{"with": {"key": "X"}}),
    item(check="env.key", **{"with": {"key": "${name}"}}),
    item(items={"x": "X", "y": {"title": "Y", "manual": "look"}}),
    item(manual="look", timeout="10s", severity="low", valid_for="release", needs="b", environments=["dev"]),
    item(manual="look", needs=["b"], seed=["1.1"], retries=2, eventually="2m"),
    item(items="all"),
    item(manual="look", evidence="url", evidence_check=LOOK),
    item(manual="look", items={"x": {"title": "X", "evidence": "url", "manual": "look", "evidence_check": LOOK}}),
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
    item(manual="look", valid_for="1m"),
    item(items="every"),
    item(manual="look", evidence_check=LOOK),
    item(evidence="url", check="env.key", evidence_check=LOOK, **{"with": {"key": "X"}}),
    item(manual="look", evidence="link"),
    item(manual="look", evidence="url", evidence_check={"check": "htpt"}),
    item(manual="look", evidence="url", evidence_check={"check": "http", "with": {"requset": {}}}),
    item(manual="look", evidence="url", evidence_check={**LOOK, "url": "x"}),
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


# --- the files of people, and the report -----------------------------------------------------------


def schema_of(folder: Folder, name: str) -> tuple[dict[str, Any], Draft202012Validator]:
    schema = json.loads(folder.run("schema", name).out)
    Draft202012Validator.check_schema(schema)
    return schema, Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["attestations", "waivers"])
def test_what_the_commands_write_is_valid(folder: Folder, name: str) -> None:
    folder.checklist("a: {title: A, manual: look}\nc: {title: C, check: t.local, with: {does: [fail]}}")
    commit_all(folder.path)
    folder.write("proof.txt", "seen")
    cli = ("--allow", "plugin")
    assert folder.run("attest", "a", "--by", "a", "--note", "n", "--evidence", "proof.txt", *cli).code == 0
    assert folder.run("attest", "a", "--by", "a", "--evidence", "https://x.test/", *cli).code == 0
    words = ("--id", "w", "--reason", "r", "--requested-by", "a", "--approved-by", "b", "--expires", day(3))
    assert folder.run("waivers", "add", "c", *words, "--covers", "error", *cli).code == 0
    schema, validator = schema_of(folder, name)
    data = yaml.safe_load((folder.path / f"{name}.yaml").read_text("utf-8"))
    validator.validate(data)
    changes: list[dict[str, Any]] = [
        {"version": 2},
        {name: {}},
        {name: [{}]},
        {"more": 1},
        {name: [{**data[name][0], "itme": "a"}]},
    ]
    for change in changes:
        assert not validator.is_valid({**data, **change})
    validator.validate({"version": 1, name: None})
    assert schema["title"].startswith("The file")
    assert "description" in json.dumps(schema["$defs"])


def test_a_report_with_people_in_it_is_valid(folder: Folder) -> None:
    folder.checklist(
        """
        a: {title: A, manual: look}
        b: {title: B, manual: look}
        c: {title: C, check: t.local, with: {does: [fail]}}
        d: {title: D, manual: look, evidence: url}
        z: {title: Z, items: all}
        """
    )
    digest = hashlib.sha256(folder.write("proof.txt", "seen").read_bytes()).hexdigest()
    attest(
        folder,
        said(folder, note="n", evidence={"file": "proof.txt", "sha256": digest}),
        said(folder, "b", state="fail", release="0" * 40),
        said(folder, "d", evidence={"url": "https://x.test/"}, at=ago(days=400)),
    )
    waive(folder, waiver(item="c", ticket="T-1"), waiver(id="over", expires=day(-1)), waiver(id="unused", match="x"))
    folder.check()
    report = folder.report()
    schema_of(folder, "report")[1].validate(report)
    assert [bool(result["attestation"]) for result in report["results"]] == [True, True, False, True, False]
    assert [bool(result["waiver"]) for result in report["results"]] == [False, False, True, False, False]
    assert {file["path"] for file in report["people"]} == {"attestations.yaml", "waivers.yaml"}
    for file in report["people"]:
        assert file["sha256"] == hashlib.sha256((folder.path / file["path"]).read_bytes()).hexdigest()
