"""The report for a terminal: 80 columns, the worst first, and nothing that a stranger's text could do."""

from __future__ import annotations

import re

import pytest

from readiness.console import Style, one_line, printable
from readiness.report.text import render
from tests.engine import Folder

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "\r\x1b[1A",
    "\x9b31m",
    "\u202etxt.exe",
    "\u2066\u200b",
    "::set-output name=x::y",
    "::error file=a.py::you were here",
    " \n ::warning::x",
    "##vso[task.setvariable variable=x]y",
    "text ##[error]z",
    "##teamcity[buildStatus status='SUCCESS']",
    "\x00\x7f",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_spelled_out(text: str) -> None:
    for made in (printable(text), one_line(text), Style(width=40).wrap(text, "    "), Style().cut(text, 30)):
        assert harmless(made)


def harmless(text: str) -> bool:
    """No control character, no mark that reorders, no command of a CI system."""
    controls = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text)
    commands = re.search(r"^\s*::|##\w*\[", text, re.MULTILINE)
    return not controls and not commands


@pytest.mark.parametrize("lead", range(30, 90))
def test_no_line_break_makes_a_command(lead: int) -> None:
    """Wherever a paragraph is broken, no line of it begins with a command."""
    assert harmless(Style().wrap(f"{'x' * lead} ::error::y", " " * 13))
    assert harmless(Style().wrap(f"{'x' * lead}::error::y", " " * 13))


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\0" not in text])
def test_hostile_text_from_everywhere(folder: Folder, text: str) -> None:
    quoted = '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'
    folder.checklist(
        f"a: {{title: {quoted}, check: t.local, fix: {quoted}, with: {{does: [fail], text: {quoted}}}}}\n"
        f"b: {{title: B, check: t.local, with: {{does: [cannot], text: {quoted}}}, retries: 0}}\n"
        f"c: {{title: C, manual: {quoted}}}",
        head=f"title: {quoted}\nservice: {quoted}",
    )
    for arguments in (["check"], ["list"], ["explain", "a"], ["explain", "c"], ["plan"]):
        done = folder.run(*arguments, "--allow", "plugin")
        assert done.code in {0, 1}, done.err
        assert harmless(done.out), arguments
        assert harmless(done.err), arguments


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_mistake(folder: Folder, text: str) -> None:
    quoted = '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'
    folder.checklist(
        f"a: {{title: A, check: {quoted}, needs: {quoted}}}", head=f"vars: {{{quoted}: x}}\nroot: {quoted}"
    )
    done = folder.check()
    assert done.code == 2
    assert harmless(done.err)


def report_of(folder: Folder, **options: bool) -> list[str]:
    return render(folder.observe(), Style(), **options).splitlines()


LONG = "word " * 60


def test_eighty_columns(folder: Folder) -> None:
    folder.checklist(
        f"""
        a: {{title: {LONG}, check: t.local, fix: {LONG}, with: {{does: [fail, fail], text: {LONG}}}}}
        b: {{title: {"x" * 300}, check: t.local, with: {{does: [cannot], text: {"y" * 300}}}, retries: 0}}
        c: {{title: {LONG}, manual: {LONG}}}
        """,
        f"title: {LONG}\nenvironments: {{{'e' * 100}: {{}}}}",
    )
    lines = report_of(folder)
    assert lines
    assert max(map(len, lines)) <= 80


def test_failures_come_first_with_all_that_is_needed(folder: Folder) -> None:
    folder.checklist("""
        ok: {title: Fine, check: t.local}
        odd: {title: Could not see, check: t.local, with: {does: [cannot]}, retries: 1}
        bad:
          title: Wrong amount
          severity: critical
          check: t.local
          with: {does: [fail], text: the price is wrong}
          fix: Change it
    """)
    text = "\n".join(report_of(folder))
    assert text.index("FAIL bad (critical, section 1, mismatch)") < text.index(
        "ERROR odd (high, section 1, unavailable, 2 attempts)"
    )
    assert "  - the price is wrong\n    observed b\n    expected a\n    fix      Change it\n" in text
    assert text.index("ERROR odd") < text.index("1 First") < text.index("pass     Fine")
    assert text.endswith("NOT READY: 1 item failed; 1 item could not be verified")


def test_many_contradictions_are_cut(folder: Folder) -> None:
    folder.checklist(f"a: {{title: A, check: t.local, with: {{does: [{', '.join(['fail'] * 9)}]}}}}")
    lines = report_of(folder)
    assert lines.count("  - it does not hold") == 5
    assert "  - and 4 more, in report.json" in lines


def test_parts_are_shown_where_they_differ(folder: Folder) -> None:
    folder.checklist("""
        g:
          title: Group
          items: {x: {title: Ex, check: t.local}, y: {title: Why, check: t.local, with: {does: [fail]}}}
        h: {title: Other, items: {x: {title: One, check: t.local}, y: {title: Two, check: t.local}}}
    """)
    lines = report_of(folder)
    assert any("g.x" in line for line in lines)
    assert not any("h.x" in line for line in lines)
    assert any("h.x" in line for line in report_of(folder, verbose=True))


@pytest.mark.parametrize(
    ("items", "arguments", "last"),
    [
        ("a: {title: A, check: t.local}", [], "READY: nothing blocks"),
        (
            "a: {title: A, check: t.local}\nb: {title: B, manual: look}",
            [],
            "READY: nothing blocks; the gate lets 1 pending through",
        ),
        ("a: {title: A, check: t.net}", ["--offline"], "WAITING: no item passed, so nothing is proved"),
        (
            "a: {title: A, check: t.local}\nb: {title: B, check: t.local, with: {does: [nothing]}}",
            [],
            "UNVERIFIED: 1 item could not be verified",
        ),
        (
            "a: {title: A, check: t.local}\nb: {title: B, check: t.local, with: {does: [fail]}}",
            [],
            "NOT READY: 1 item failed",
        ),
    ],
)
def test_the_verdict_is_the_last_line(folder: Folder, items: str, arguments: list[str], last: str) -> None:
    folder.checklist(items)
    assert folder.check(*arguments).out.splitlines()[-1] == last


def test_a_partial_run_says_so_in_its_headline(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}\nb: {title: B, check: t.local}")
    assert (
        "PARTIAL: not every item was looked at, environment default" in folder.check("--only", "a").out.splitlines()[1]
    )
    assert "PARTIAL" not in folder.check().out


def test_a_flaky_pass_is_marked(folder: Folder) -> None:
    folder.checklist(
        f"a: {{title: A, check: t.local, with: {{does: [cannot], later: [pass], text: x, log: '{folder.path}/log'}}}}"
    )
    assert any("A (flaky)" in line for line in report_of(folder))
