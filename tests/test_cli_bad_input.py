"""Bad input, as a user types it: exit 2, file, line, caret and cure; never a traceback, and nothing is run."""

from __future__ import annotations

import re
import textwrap

import pytest

from tests.engine import Done, Folder
from tests.privileges import without_privileges

HEAD = "version: 1\n"
ITEM = 'sections: {"1": {title: T, items: {a: {title: A, manual: look}}}}\n'


def refused(done: Done) -> str:
    """What was said, once it is sure that it was said well."""
    assert done.code == 2, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "crashed" not in done.err
    return done.err


def told(folder: Folder, text: str, *arguments: str) -> str:
    folder.write("checklist.yaml", text)
    return refused(folder.check(*arguments))


CASES = {
    "unknown key at the top": (
        HEAD + "sectoins: {}\n" + ITEM,
        "checklist.yaml:2:1: error: unknown key `sectoins`",
        "did you mean `sections`?",
    ),
    "unknown key of an environment": (
        HEAD + "environments: {dev: {var: {}}}\n" + ITEM,
        "checklist.yaml:2:22: error: unknown key `var`",
        "did you mean `vars`?",
    ),
    "unknown key of a gate": (
        HEAD + "gates: {merge: {blocks: [fail]}}\n" + ITEM,
        "checklist.yaml:2:17: error: unknown key `blocks`",
        "did you mean `block`?",
    ),
    "unknown key of a section": (
        HEAD + 'sections: {"1": {titel: x, title: T, items: {a: {title: A, manual: look}}}}\n',
        "checklist.yaml:2:18: error: unknown key `titel`",
        "did you mean `title`?",
    ),
    "unknown key of an item": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: look, sevrity: low}}}}\n',
        "checklist.yaml:2:64: error: unknown key `sevrity`",
        "did you mean `severity`?",
    ),
    "unknown key of a part": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, items: {b: {title: B, need: x}}}}}}\n',
        "checklist.yaml:2:72: error: unknown key `need`",
        "did you mean `needs`?",
    ),
    "unknown option of a kind": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, check: env.key, with: {key: X, fromat: y}}}}}\n',
        "checklist.yaml:2:81: error: unknown key `fromat`",
        "did you mean `format`?",
    ),
    "missing option of a kind": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, check: env.key}}}}\n',
        "checklist.yaml:2:36: error: `key` is missing",
        "add `key: ...`",
    ),
    "wrong type of an option": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, check: env.key, with: {key: [x]}}}}}\n',
        "checklist.yaml:2:78: error: `key`: expected text, found a list",
        None,
    ),
    "options that are no mapping": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, check: env.key, with: x}}}}\n',
        'checklist.yaml:2:72: error: `with`: expected a mapping, found "x"',
        None,
    ),
    "doubled key": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x}, a: {title: B, manual: y}}}}\n',
        "checklist.yaml:2:62: error: the key `a` stands twice",
        "the first is on line 2; keep one of them",
    ),
    "wrong type": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, tags: one}}}}\n',
        'checklist.yaml:2:67: error: `tags`: expected a list, found "one"',
        "write it as a list: [...]",
    ),
    "truth where a number belongs": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, retries: true}}}}\n',
        "checklist.yaml:2:70: error: `retries`: expected a whole number, found the word true",
        None,
    ),
    "text where truth belongs": (
        HEAD + "gates: {g: {full_run: yes}}\n" + ITEM,
        'checklist.yaml:2:23: error: `full_run`: expected true or false, found "yes"',
        None,
    ),
    "bare 1.10": (
        HEAD + "document: {version: 1.10}\n" + ITEM,
        "checklist.yaml:2:21: error: 1.10 would be read as the number 1.1",
        'quote it to keep it as it is: "1.10"',
    ),
    "null variable": (
        HEAD + "vars: {a: }\n" + ITEM,
        "checklist.yaml:2:11: error: `a`: expected text or a whole number or a number or true or false, found nothing",
        None,
    ),
    "missing version": (ITEM, "checklist.yaml:1:1: error: `version` is missing", "add `version: ...`"),
    "other version": (
        "version: 2\n" + ITEM,
        "checklist.yaml:1:10: error: `version`: expected 1, found the number 2",
        None,
    ),
    "undefined variable": (
        HEAD + 'vars: {domain: x}\nsections: {"1": {title: T, items: {a: {title: "${doman}", manual: x}}}}\n',
        "checklist.yaml:3:47: error: the variable `doman` is not defined",
        "did you mean `domain`?",
    ),
    "undefined variable inside a variable": (
        HEAD + 'vars: {api: "https://${hots}", host: x}\n' + ITEM,
        "checklist.yaml:2:13: error: the variable `hots` is not defined",
        "did you mean `host`?",
    ),
    "loop of variables": (
        HEAD + 'vars: {b: "${a}", a: "x${b}"}\n' + ITEM,
        "checklist.yaml:2:22: error: the variable `a` is made of itself: a -> b -> a",
        "give one of them a value of its own",
    ),
    "reference that is not closed": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: "${doman", manual: x}}}}\n',
        "checklist.yaml:2:47: error: `${doman` is not closed",
        "write ${name}, ${env:NAME}, or $${ for the characters themselves",
    ),
    "secret in a title": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: "${env:HOME}", manual: x}}}}\n',
        "checklist.yaml:2:47: error: `title` names a secret (HOME); it would be printed",
        "use a variable of `vars` or --var instead",
    ),
    "secret in a title, through a variable": (
        HEAD + 'vars: {k: "${env:HOME}"}\nsections: {"1": {title: T, items: {a: {title: "${k}", manual: x}}}}\n',
        "checklist.yaml:3:47: error: `title` names a secret (HOME); it would be printed",
        "use a variable of `vars` or --var instead",
    ),
    "secret in a condition": (
        HEAD
        + 'vars: {k: "${env:HOME}"}\nsections: {"1": {title: T, items: {a: {title: A, manual: x, when: {k: x}}}}}\n',
        "checklist.yaml:3:67: error: `when` asks for `k`, which holds a secret; it would be printed",
        "use a variable of `vars` or --var instead",
    ),
    "unknown check": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, check: env.kye}}}}\n',
        "checklist.yaml:2:57: error: unknown check `env.kye`",
        "did you mean `env.key`?",
    ),
    "unknown environment of an item": (
        HEAD
        + 'environments: {dev: {}, prod: {}}\nsections: {"1": {title: T, items: {a: {title: A, manual: x, environments: [pord]}}}}\n',
        "checklist.yaml:3:75: error: unknown environment `pord`",
        "did you mean `prod`?",
    ),
    "no environment of an item": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, environments: []}}}}\n',
        "checklist.yaml:2:75: error: `environments`: must not be empty",
        None,
    ),
    "unknown gate of an environment": (
        HEAD + "environments: {dev: {gate: realease}}\n" + ITEM,
        "checklist.yaml:2:28: error: unknown gate `realease`",
        "did you mean `release`?",
    ),
    "unknown state of a gate": (
        HEAD + "gates: {g: {block: [fial]}}\n" + ITEM,
        "checklist.yaml:2:21: error: `block`: expected 'fail', 'error', 'pending' or 'skipped', found \"fial\"",
        "did you mean `fail`?",
    ),
    "gate that blocks nothing": (
        HEAD + "gates: {g: {block: []}}\n" + ITEM,
        "checklist.yaml:2:20: error: `block`: must not be empty",
        None,
    ),
    "unknown severity": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, severity: hihg}}}}\n',
        "checklist.yaml:2:71: error: `severity`: expected 'critical', 'high', 'medium' or 'low', found \"hihg\"",
        "did you mean `high`?",
    ),
    "no way to verify": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A}}}}\n',
        "checklist.yaml:2:36: error: `a` says no way to verify it",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "text as an item": (
        HEAD + 'sections: {"1": {title: T, items: {a: Look at it}}}\n',
        "checklist.yaml:2:36: error: `a` says no way to verify it",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "two ways": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, check: env.key, with: {key: X}}}}}\n',
        "checklist.yaml:2:36: error: `a` names 2 ways to verify it: check and manual",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "check and parts": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, check: env.key, with: {key: X}, items: {b: B}}}}}\n',
        "checklist.yaml:2:36: error: `a` names 2 ways to verify it: check and items",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "parts of parts": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, items: {b: {title: B, items: {c: C}}}}}}}\n',
        "checklist.yaml:2:72: error: `b` is a part of `a` and cannot have parts itself",
        "make it an item of the section",
    ),
    "options without a check": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, with: {key: X}}}}}\n',
        "checklist.yaml:2:67: error: `with` belongs to a `check`, and there is none",
        "name the `check` that these are the options of, or remove them",
    ),
    "circle of needs": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, needs: b}, b: {title: B, manual: x, needs: a}}}}\n',
        "checklist.yaml:2:68: error: items need each other in a circle: a -> b -> a",
        "remove one of these needs",
    ),
    "need of itself": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, needs: [a]}}}}\n',
        "checklist.yaml:2:68: error: items need each other in a circle: a -> a",
        "remove one of these needs",
    ),
    "part that needs its whole": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, items: {b: {title: B, manual: x, needs: a}}}}}}\n',
        "error: items need each other in a circle:",
        "remove one of these needs",
    ),
    "unknown need": (
        HEAD
        + 'sections: {"1": {title: T, items: {first: {title: A, manual: x}, b: {title: B, manual: x, needs: frist}}}}\n',
        "checklist.yaml:2:98: error: `b` needs `frist`, which is no item",
        "did you mean `first`?",
    ),
    "need of a part by its short name": (
        HEAD
        + 'sections: {"1": {title: T, items: {g: {title: A, items: {x: X}}, b: {title: B, manual: x, needs: x}}}}\n',
        "checklist.yaml:2:98: error: `b` needs `x`, which is no item",
        "did you mean `g.x`?",
    ),
    "unknown role": (
        HEAD
        + 'roles: {security: [a@b.c]}\nsections: {"1": {title: T, items: {a: {title: A, manual: x, by: secuirty}}}}\n',
        "checklist.yaml:3:65: error: the role `secuirty` is not defined",
        "did you mean `security`?",
    ),
    "unknown variable of a condition": (
        HEAD
        + 'vars: {mode: x}\nsections: {"1": {title: T, items: {a: {title: A, manual: x, when: {mdoe: x}}}}}\n',
        "checklist.yaml:3:67: error: `when` asks for the variable `mdoe`, which is not defined",
        "did you mean `mode`?",
    ),
    "bad duration": (
        HEAD + "defaults: {timeout: 10}\n" + ITEM,
        "checklist.yaml:2:21: error: 10 is no duration: write a number with a unit, such as 500ms, 10s, 2m, 1h or 90d",
        None,
    ),
    "bad validity": (
        HEAD + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, valid_for: 90 days}}}}\n',
        "checklist.yaml:2:72: error: '90 days' is no duration",
        None,
    ),
    "bad expression": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, check: repo.text, with: {files: ["*"], must: ["(a"]}}}}}\n',
        "checklist.yaml:2:",
        None,
    ),
    "id that is none": (
        HEAD + 'sections: {"1": {title: T, items: {a b: {title: A, manual: x}}}}\n',
        "checklist.yaml:2:36: error: `a b` is no id",
        "letters, digits, dots, dashes and underscores; it starts with a letter or a digit",
    ),
    "id twice": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, manual: x}}}, "2": {title: U, items: {a: {title: A, manual: x}}}}\n',
        "checklist.yaml:2:88: error: the id `a` is used twice",
        "the first is at checklist.yaml:2; rename one of them",
    ),
    "id of a part twice": (
        HEAD
        + 'sections: {"1": {title: T, items: {a: {title: A, items: {b: B}}, a.b: {title: A, manual: x}}}}\n',
        "checklist.yaml:2:66: error: the id `a.b` is used twice",
        "the first is at checklist.yaml:2; rename one of them",
    ),
    "no sections": (HEAD, "checklist.yaml:1:1: error: `sections` is missing", "`readiness init` writes a checklist"),
    "empty sections": (
        HEAD + "sections: {}\n",
        "checklist.yaml:2:11: error: `sections` must be a mapping of section ids",
        "`readiness init` writes a checklist to begin with",
    ),
    "list of sections": (
        HEAD + "sections: [a]\n",
        "checklist.yaml:2:11: error: `sections` must be a mapping of section ids",
        "`readiness init` writes a checklist to begin with",
    ),
    "empty section": (
        HEAD + 'sections: {"1": {title: T, items: {}}}\n',
        "checklist.yaml:2:12: error: the section `1` has no items",
        "give it one, or remove it",
    ),
    "list of items": (
        HEAD + 'sections: {"1": {title: T, items: [a]}}\n',
        "checklist.yaml:2:35: error: `items`: expected a mapping, found a list",
        None,
    ),
    "root that is none": (
        HEAD + "root: nowhere\n" + ITEM,
        "checklist.yaml:2:7: error: the root `nowhere` is no folder",
        "it is relative to the checklist",
    ),
    "a list": ("- a\n", "checklist.yaml:1:1: error: a checklist is a mapping", "`readiness init` writes a small one"),
    "empty file": ("", "checklist.yaml:1:1: error: the file is empty", "`readiness init` writes a small one"),
    "no YAML": (
        HEAD + "title: a: b\n",
        "checklist.yaml:2:9: error: not valid YAML: mapping values are not allowed",
        'quote a text that has ": " in it',
    ),
    "tab": (HEAD + "vars:\n\ta: b\n", "checklist.yaml:3:1: error: not valid YAML", "indent with spaces, not tabs"),
    "bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)),
        "more than 200000 values, with those that aliases repeat",
        None,
    ),
    "deep nesting": (HEAD + "vars: " + "[" * 5000, "nested deeper than 50 levels", None),
    "code": (HEAD + "vars: {a: !!python/name:os.system }\n" + ITEM, "is refused: a checklist is plain data", "remove the tag"),
    "folder of checks that is not there": (
        HEAD + "checks: [nowhere]\n" + 'sections: {"1": {title: T, items: {a: {title: A, check: x.y}}}}\n',
        "nowhere is not there",
        "`checks:` is relative to the checklist",
    ),
}  # fmt: skip


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


def test_a_dotenv_file_is_told_with_the_rest(folder: Folder) -> None:
    folder.write("broken.env", "A=1\nwhat is this\n")
    said = told(folder, HEAD + "titel: x\nenvironments: {dev: {dotenv: broken.env}}\n" + ITEM)
    assert "checklist.yaml:2:1: error: unknown key `titel`" in said
    assert "broken.env:2:1: error: this line of the dotenv file cannot be understood" in said
    assert "help: write NAME=value" in said
    assert "what is this" not in said


def test_a_dotenv_file_that_cannot_be_read(folder: Folder) -> None:
    folder.write(".env", "A=1\n").chmod(0)
    with without_privileges(folder.path):
        assert "cannot be read" in told(folder, HEAD + "environments: {dev: {dotenv: .env}}\n" + ITEM)


def test_a_dotenv_folder(folder: Folder) -> None:
    (folder.path / "env").mkdir()
    said = told(folder, HEAD + "environments: {dev: {dotenv: env}}\n" + ITEM)
    assert "the dotenv file is not a regular file" in said


def test_a_file_of_fifty_megabytes(folder: Folder) -> None:
    place = folder.path / "checklist.yaml"
    with place.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert "checklist.yaml has more than the 4,194,304 bytes" in refused(folder.check())


def test_an_endless_file(folder: Folder) -> None:
    assert "/dev/zero has more than" in refused(folder.check("-c", "/dev/zero"))


def test_a_file_that_is_no_utf8(folder: Folder) -> None:
    (folder.path / "checklist.yaml").write_bytes(b"version: 1\ntitle: \xff\xfe\n")
    said = refused(folder.check())
    assert "checklist.yaml:2:1: error: byte 0xff is not UTF-8" in said
    assert "help: save the file as UTF-8" in said


def test_a_byte_order_mark_is_no_mistake(folder: Folder) -> None:
    folder.write("checklist.yaml", "\ufeff" + HEAD + ITEM)
    assert folder.check().code == 4


def test_windows_line_ends_are_no_mistake(folder: Folder) -> None:
    folder.write("checklist.yaml", (HEAD + ITEM).replace("\n", "\r\n"))
    assert folder.check().code == 4


def test_a_folder_instead_of_a_file(folder: Folder) -> None:
    assert "cannot read kinds: is a directory" in refused(folder.check("-c", "kinds"))


def test_no_file_of_that_name(folder: Folder) -> None:
    said = refused(folder.check("-c", "other.yaml"))
    assert "there is no file other.yaml" in said
    assert "readiness init other.yaml" in said


@pytest.mark.parametrize("command", ["check", "plan", "list"])
def test_no_checklist_in_the_folder(folder: Folder, command: str) -> None:
    said = refused(folder.run(command))
    assert "there is no checklist.yaml in this folder" in said
    assert "readiness init" in said


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


PLUGINS = {
    "syntax": ("def x(:\n", "is no Python: invalid syntax", 1),
    "import": ("\n\nimport no_such_module_at_all\n", "cannot be imported: ModuleNotFoundError", 3),
    "raises": ("x = 1\nraise RuntimeError('no')\n", "cannot be imported: RuntimeError: no", 2),
    "leaves": ("import sys\nsys.exit(0)\n", "cannot be imported: SystemExit: 0", 2),
    "nothing": ("x = 1\n", "holds 0 check kinds", 1),
}


@pytest.mark.parametrize("name", PLUGINS)
@pytest.mark.parametrize("way", ["used", "listed"])
def test_a_plug_in_that_cannot_be_used(folder: Folder, name: str, way: str) -> None:
    source, message, line = PLUGINS[name]
    folder.write("own/x_y.py", source)
    folder.write(
        "checklist.yaml",
        HEAD + 'checks: [own]\nsections: {"1": {title: T, items: {a: {title: A, check: x.y}}}}\n',
    )
    said = refused(
        folder.check() if way == "used" else folder.run("list", "--checks", "-c", "checklist.yaml", "--allow", "plugin")
    )
    assert f"own/x_y.py:{line}:1: error: the check file x_y.py {message}" in said
    assert "help: see docs/writing-a-check.md" in said


FLAWS = {
    "two classes": (lambda text: text + text[text.index("@dataclass") :].replace("class Told", "class Other"), "holds 2 check kinds"),
    "other id": (lambda text: text.replace('"t.local"', '"t.other"'), "holds the kind 't.other'"),
    "not frozen": (lambda text: text.replace("frozen=True, ", ""), "needs `@dataclass(frozen=True"),
    "no reads": (lambda text: text.replace("    reads: ClassVar", "    raeds: ClassVar"), "lacks `reads`"),
    "reads of words": (lambda text: text.replace("frozenset({Reads.REPO})", '{"repo"}'), "needs `reads: ClassVar"),
    "no run": (lambda text: text.replace("def run(", "def rnu("), "lacks `run`"),
    "no docstring": (lambda text: text.replace('"""Does what', 'x: ClassVar = """Does what'), "needs a docstring"),
    "type that is not known": (lambda text: text.replace("number: int", "number: Decimal"), "has options that cannot be"),
    "type that cannot be read": (lambda text: text.replace("number: int", "number: threading.Event"), "has options that"),
}  # fmt: skip


@pytest.mark.parametrize("name", FLAWS)
def test_a_plug_in_with_a_flaw(folder: Folder, name: str) -> None:
    change, message = FLAWS[name]
    place = folder.path / "kinds" / "t_local.py"
    source = place.read_text("utf-8").replace("class Mute", "class _Mute").replace("raise Mute", "raise _Mute")
    place.write_text(change(source), "utf-8")
    folder.checklist("a: {title: A, check: t.local}")
    said = refused(folder.check())
    assert "t_local.py:" in said
    assert message in said


def test_a_plug_in_cannot_take_a_bundled_kinds_place(folder: Folder) -> None:
    (folder.path / "kinds" / "t_local.py").rename(folder.path / "kinds" / "env_key.py")
    folder.checklist("a: {title: A, check: env.key, with: {key: X}}")
    assert "are the same kind" in refused(folder.check())


@pytest.mark.parametrize("command", ["check", "plan", "list"])
def test_plug_ins_need_the_operators_word(folder: Folder, command: str) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    said = refused(folder.run(command))
    assert "checklist.yaml:2:1: error: the checklist brings check kinds of its own (kinds)" in said
    assert "--allow plugin" in said


def test_the_operators_word_from_the_environment(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    assert folder.shell("check", env={"READINESS_ALLOW": "plugin"}).code == 0
    assert folder.shell("check", env={"READINESS_ALLOW": "plugni"}).code == 2


def test_a_bad_checklist_in_a_process_of_its_own(folder: Folder) -> None:
    folder.write("checklist.yaml", textwrap.dedent(HEAD + "titel: x\n" + ITEM))
    done = folder.shell("check")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("checklist.yaml:2:1: error: unknown key `titel`\n")
