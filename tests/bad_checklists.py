"""Checklists with one mistake each: the text, the beginning of what is said of it, and the cure."""

from __future__ import annotations

HEAD = "version: 1\n"
ITEM = 'sections: {"1": {title: T, items: {a: {title: A, manual: look}}}}\n'


def one(fields: str) -> str:
    """A checklist whose only item, `a`, has these fields; they begin in column 42 of line 2."""
    return f'{HEAD}sections: {{"1": {{title: T, items: {{a: {{{fields}}}}}}}}}\n'


CASES: dict[str, tuple[str, str, str | None]] = {
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
        one("title: A, manual: look, sevrity: low"),
        "checklist.yaml:2:64: error: unknown key `sevrity`",
        "did you mean `severity`?",
    ),
    "unknown key of a part": (
        one("title: A, items: {b: {title: B, need: x}}"),
        "checklist.yaml:2:72: error: unknown key `need`",
        "did you mean `needs`?",
    ),
    "unknown option of a kind": (
        one("title: A, check: env.key, with: {key: X, fromat: y}"),
        "checklist.yaml:2:81: error: unknown key `fromat`",
        "did you mean `format`?",
    ),
    "missing option of a kind": (
        one("title: A, check: env.key"),
        "checklist.yaml:2:36: error: `key` is missing",
        "add `key: ...`",
    ),
    "wrong type of an option": (
        one("title: A, check: env.key, with: {key: [x]}"),
        "checklist.yaml:2:78: error: `key`: expected text, found a list",
        None,
    ),
    "options that are no mapping": (
        one("title: A, check: env.key, with: x"),
        'checklist.yaml:2:72: error: `with`: expected a mapping, found "x"',
        None,
    ),
    "doubled key": (
        one("title: A, manual: x}, a: {title: B, manual: y"),
        "checklist.yaml:2:62: error: the key `a` stands twice",
        "the first is on line 2; keep one of them",
    ),
    "wrong type": (
        one("title: A, manual: x, tags: one"),
        'checklist.yaml:2:67: error: `tags`: expected a list, found "one"',
        "write it as a list: [...]",
    ),
    "truth where a number belongs": (
        one("title: A, manual: x, retries: true"),
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
        one('title: "${env:HOME}", manual: x'),
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
        one("title: A, check: env.kye"),
        "checklist.yaml:2:57: error: unknown check `env.kye`",
        "did you mean `env.key`?",
    ),
    "unknown environment of an item": (
        HEAD
        + "environments: {dev: {}, prod: {}}\n"
        + 'sections: {"1": {title: T, items: {a: {title: A, manual: x, environments: [pord]}}}}\n',
        "checklist.yaml:3:75: error: unknown environment `pord`",
        "did you mean `prod`?",
    ),
    "no environment of an item": (
        one("title: A, manual: x, environments: []"),
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
        one("title: A, manual: x, severity: hihg"),
        "checklist.yaml:2:71: error: `severity`: expected 'critical', 'high', 'medium' or 'low', found \"hihg\"",
        "did you mean `high`?",
    ),
    "no way to verify": (
        one("title: A"),
        "checklist.yaml:2:36: error: `a` says no way to verify it",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "text as an item": (
        HEAD + 'sections: {"1": {title: T, items: {a: Look at it}}}\n',
        "checklist.yaml:2:36: error: `a` says no way to verify it",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "two ways": (
        one("title: A, manual: x, check: env.key, with: {key: X}"),
        "checklist.yaml:2:36: error: `a` names 2 ways to verify it: check and manual",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "check and parts": (
        one("title: A, check: env.key, with: {key: X}, items: {b: B}"),
        "checklist.yaml:2:36: error: `a` names 2 ways to verify it: check and items",
        "give it exactly one of `check`, `manual` or `items`",
    ),
    "parts of parts": (
        one("title: A, items: {b: {title: B, items: {c: C}}}"),
        "checklist.yaml:2:72: error: `b` is a part of `a` and cannot have parts itself",
        "make it an item of the section",
    ),
    "options without a check": (
        one("title: A, manual: x, with: {key: X}"),
        "checklist.yaml:2:67: error: `with` belongs to a `check`, and there is none",
        "name the `check` that these are the options of, or remove them",
    ),
    "circle of needs": (
        one("title: A, manual: x, needs: b}, b: {title: B, manual: x, needs: a"),
        "checklist.yaml:2:68: error: items need each other in a circle: a -> b -> a",
        "remove one of these needs",
    ),
    "need of itself": (
        one("title: A, manual: x, needs: [a]"),
        "checklist.yaml:2:68: error: items need each other in a circle: a -> a",
        "remove one of these needs",
    ),
    "part that needs its whole": (
        one("title: A, items: {b: {title: B, manual: x, needs: a}}"),
        "error: items need each other in a circle:",
        "remove one of these needs",
    ),
    "unknown need": (
        HEAD
        + 'sections: {"1": {title: T, items: {first: {title: A, manual: x}, '
        + "b: {title: B, manual: x, needs: frist}}}}\n",
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
        one("title: A, manual: x, valid_for: 90 days"),
        "checklist.yaml:2:72: error: '90 days' is no validity",
        None,
    ),
    "bad expression": (
        one('title: A, check: repo.text, with: {files: ["*"], must: ["(a"]}'),
        "checklist.yaml:2:",
        None,
    ),
    "id that is none": (
        HEAD + 'sections: {"1": {title: T, items: {a b: {title: A, manual: x}}}}\n',
        "checklist.yaml:2:36: error: `a b` is no id",
        "letters, digits, dots, dashes and underscores; it starts with a letter or a digit",
    ),
    "id twice": (
        one('title: A, manual: x}}}, "2": {title: U, items: {a: {title: A, manual: x'),
        "checklist.yaml:2:88: error: the id `a` is used twice",
        "the first is at checklist.yaml:2; rename one of them",
    ),
    "id of a part twice": (
        one("title: A, items: {b: B}}, a.b: {title: A, manual: x"),
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
    "code": (
        HEAD + "vars: {a: !!python/name:os.system }\n" + ITEM,
        "is refused: a checklist is plain data",
        "remove the tag",
    ),
    "folder of checks that is not there": (
        HEAD + "checks: [nowhere]\n" + 'sections: {"1": {title: T, items: {a: {title: A, check: x.y}}}}\n',
        "nowhere is not there",
        "`checks:` is relative to the checklist",
    ),
}  # fmt: skip
