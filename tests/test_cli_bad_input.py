"""Bad input, as a user types it: exit 2, file, line, caret and cure; never a traceback, and nothing is run."""

from __future__ import annotations

import re

import pytest

from tests.bad_checklists import CASES, HEAD, ITEM
from tests.engine import Folder, refused


def told(folder: Folder, text: str, *arguments: str) -> str:
    folder.write("checklist.yaml", text)
    return refused(folder.check(*arguments))


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_of_the_checklist(folder: Folder, name: str) -> None:
    text, message, cure = CASES[name]
    said = told(folder, text)
    assert message in said
    assert cure is None or f"help: {cure}" in said
    assert not (folder.path / "reports").exists()


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_told_once(folder: Folder, name: str) -> None:
    text, _, _ = CASES[name]
    said = told(folder, text)
    if name not in {"unknown key at the top", "folder of checks that is not there"}:
        assert said.count("error: ") == 1, said


def test_the_caret_is_below_the_fault(folder: Folder) -> None:
    said = told(folder, HEAD + "titel: x\n" + ITEM).splitlines()
    assert said[1:3] == ["    2 | titel: x", "      | ^"]


def test_a_long_line_is_cut_around_the_caret(folder: Folder) -> None:
    said = told(folder, HEAD + f"vars: {{a: {'x' * 300}, b: 1.10, c: {'y' * 300}}}\n" + ITEM).splitlines()
    assert "1.10" in said[1]
    assert len(said[1]) < 120
    assert said[1][said[2].index("^") :].startswith("1.10")


def test_a_line_that_holds_a_key_is_shown_without_it(folder: Folder) -> None:
    key = "sk_" + "live_" + "a1B2" * 6
    said = told(folder, HEAD + f"vars: {{key: {key}, b: 1.10}}\n" + ITEM)
    assert "[redacted]" in said
    assert key not in said


def test_mistakes_of_every_layer_at_once_in_file_order(folder: Folder) -> None:
    said = told(
        folder,
        """\
        version: 1
        titel: x
        vars: {n: 1.10, bad: "${nope}"}
        environments: {dev: {gate: realease, dotenv: broken.env}}
        sections:
          "1":
            title: T
            items:
              a: {title: A, check: env.kye}
              b: {title: "${wrod}", manual: x, needs: zzz}
              c: {title: C, check: env.key, with: {kye: X}}
              d: {title: D}
              d: {title: D}
        """,
        "--gate",
        "mrege",
        "--only",
        "zzzz",
    )
    lines = [int(found) for found in re.findall(r"^checklist\.yaml:(\d+):\d+: error:", said, re.MULTILINE)]
    assert lines == sorted(lines)
    assert set(lines) == {2, 3, 4, 9, 10, 11, 12, 13}
    assert "unknown gate `mrege`" in said
    assert "--only zzzz: no item and no section has this id" in said
    assert f"{said.count('error: ')} problems; nothing was run" in said


@pytest.mark.parametrize(
    ("arguments", "message", "cure"),
    [
        (["--env", "porduction"], "unknown environment `porduction`", "did you mean `production`?"),
        (["--gate", "realease"], "unknown gate `realease`", "did you mean `release`?"),
        (["--only", "frist"], "--only frist: no item and no section has this id", "did you mean `first`?"),
        (["--only", ""], "--only : no item and no section has this id", None),
        (["--tag", "fats"], "--tag fats: no item has this tag", "did you mean `fast`?"),
        (["--only", "second", "--tag", "fast"], "nothing is selected: no item matches the filters", None),
        (["--var", "modee=live"], "--var modee: the checklist has no such variable", "did you mean `mode`?"),
        (["--var", "mode"], "--var mode: expected NAME=VALUE", None),
        (["--var", "=x"], "--var =x: expected NAME=VALUE", None),
        (["--var", "mode=${nope}"], "--var mode: the variable `nope` is not defined", None),
        (["--bind", "KEY"], "--bind KEY: expected NAME=VALUE", None),
        (["--allow", "wirte"], "--allow wirte: there is no such effect", "did you mean `write`?"),
        (["--format", "jsno"], "--format jsno: there is no such format", "did you mean `json`?"),
        (["--timeout", "5"], "--timeout: '5' is no duration", None),
        (["--jobs", "0"], "0 is not in the range", None),
        (["--jobs", "many"], "'many' is not a valid int", None),
        (["--colour"], "No such option", None),
        (["extra"], "unexpected extra argument", None),
    ],
)
def test_a_mistake_of_the_command_line(folder: Folder, arguments: list[str], message: str, cure: str | None) -> None:
    folder.checklist(
        "first: {title: F, manual: x, tags: [fast]}\nsecond: {title: S, manual: x}",
        "vars: {mode: test}\nenvironments: {development: {}, production: {}}",
    )
    said = refused(folder.check(*arguments))
    assert message in said
    assert cure is None or f"help: {cure}" in said


def test_values_that_only_one_environment_knows_are_known(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: x}", "environments: {dev: {}, prod: {vars: {mode: live}}}")
    assert folder.check("--var", "mode=x").code == 4


def test_a_variable_of_the_command_line_alone(folder: Folder) -> None:
    folder.checklist('a: {title: "A of ${who}", manual: x, when: {who: us}}')
    assert "the variable `who` is not defined" in refused(folder.check())
    assert folder.check("--var", "who=us").code == 4


def test_a_bad_checklist_in_a_process_of_its_own(folder: Folder) -> None:
    folder.write("checklist.yaml", HEAD + "titel: x\n" + ITEM)
    done = folder.shell("check")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("checklist.yaml:2:1: error: unknown key `titel`\n")
