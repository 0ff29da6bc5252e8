"""attestations.yaml and waivers.yaml: every fault is told with its line, all at once, and nothing is guessed."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine import Folder, refused
from tests.people.words import SOME_SHA, day, waive, waiver

CHECKLIST = """
a: {title: A, manual: look}
b: {title: B, manual: look, if_applicable: where there is one}
c: {title: C, check: t.local}
d: {title: D, severity: critical, manual: look}
e: {title: E, severity: critical, items: {x: X, y: {title: Y, severity: low}}}
f: {title: F, check: t.local, if_applicable: where there is one}
z: {title: Z, items: all}
"""
HEAD = "environments: {here: {}, there: {gate: release}}\n"
GOOD = {
    "item": "a",
    "environment": "here",
    "state": "pass",
    "by": "ann@example.test",
    "at": "2026-01-02T03:04:05Z",
    "fingerprint": SOME_SHA,
}


@pytest.fixture
def project(folder: Folder) -> Folder:
    folder.checklist(CHECKLIST, HEAD)
    return folder


def attestations(folder: Folder, text: str) -> str:
    """What is said of attestations.yaml with this text."""
    folder.write("attestations.yaml", text)
    return refused(folder.run("list", "--allow", "plugin"))


def one(**changes: Any) -> str:
    """A file with one attestation; its fields stand on lines 3 to 8."""
    entry = {**GOOD, **changes}
    kept = {name: value for name, value in entry.items() if value is not None}
    return "version: 1\nattestations:\n" + textwrap.indent(yaml.safe_dump([kept], sort_keys=False), "  ")


FAULTS = {
    "unknown item": (one(item="aa"), "3:11", "`aa` is no item of the checklist", "did you mean `a`?"),
    "unknown environment": (one(environment="her"), "4:18", "unknown environment `her`", "did you mean `here`?"),
    "an item with parts": (one(item="e"), "3:11", "`e` has parts, which are attested one by one", ""),
    "the sum of all": (one(item="z"), "3:11", "`z` is decided by all other items, not by a person", ""),
    "an item with a check": (
        one(item="c"),
        "3:11",
        "`c` is decided by the check `t.local`, not by a person",
        "a waiver lets a finding pass",
    ),
    "it always applies": (one(state="na"), "5:12", "`a` always applies", "only an item with `if_applicable`"),
    "it always applies, with a check": (one(item="c", state="na"), "5:12", "`c` always applies", ""),
    "a state in other words": (one(state="passed"), "5:12", "`state`: expected 'pass', 'fail' or 'na'", "`pass`"),
    "no name": (one(by=" "), "6:9", "must not be empty", ""),
    "no item": (one(item=None), "3:5", "`item` is missing", "add `item: ...`"),
    "no time": (one(at=None), "3:5", "`at` is missing", ""),
    "a day": (one(at="2026-01-02"), "7:9", "'2026-01-02' is no time with a zone", "2026-12-31T12:00:00Z"),
    "a time without a zone": (one(at="2026-01-02T03:04:05"), "7:9", "is no time with a zone", ""),
    "no such day": (one(at="2026-02-30T00:00:00Z"), "7:9", "'2026-02-30T00:00:00Z' is no time with a zone", ""),
    "after the last day": (one(at="9999-12-31T23:59:59-01:00"), "7:9", "is no time with a zone", ""),
    "before the first day": (one(at="0001-01-01T00:00:00+01:00"), "7:9", "is no time with a zone", ""),
    "a number": (one(at=20260102), "7:9", "20260102 is no time with a zone", ""),
    "a fingerprint cut": (one(fingerprint="abc"), "8:18", "'abc' is no sha256: expected 64 hexadecimal digits", ""),
    "an item that is none, in an entry with another fault": (
        one(item="rotta", fingerprint="abc"),
        "3:11",
        "`rotta` is no item of the checklist",
        "",
    ),
    "an unknown key": (one(attested_by="x"), "9:5", "unknown key `attested_by`", ""),
    "a key misspelt": (one(notes="x"), "9:5", "unknown key `notes`", "did you mean `note`?"),
    "evidence misspelt": (one(evidence={"ulr": "https://x.test"}), "10:7", "unknown key `ulr`", "did you mean `url`?"),
    "evidence that is no URL": (one(evidence={"url": "x.test"}), "10:12", "'x.test' is no URL", "https://host/path"),
    "a script as URL": (one(evidence={"url": "javascript:alert(1)"}), "10:12", "is no URL", ""),
    "a URL with a space": (one(evidence={"url": "https://x.test/a b"}), "10:12", "is no URL", ""),
    "a file without its digest": (one(evidence={"file": "x"}), "10:7", "`file` and `sha256` belong together", ""),
    "a digest without its file": (one(evidence={"sha256": SOME_SHA}), "10:7", "belong together", ""),
    "a source that is no digest": (one(source="x"), "9:13", "'x' is no sha256", ""),
    "entries that are no list": ("version: 1\nattestations: {}\n", "2:15", "`attestations` must be a list", ""),
    "entries that are false": ("version: 1\nattestations: false\n", "2:15", "`attestations` must be a list", ""),
    "entries that are a text": ('version: 1\nattestations: ""\n', "2:15", "`attestations` must be a list", ""),
    "an entry that is a text": ("version: 1\nattestations: [a]\n", "2:16", "expected a mapping", ""),
    "the file is a list": ("- item: a\n", "1:1", "attestations.yaml is a mapping", "it begins with `version: 1`"),
    "the file is a text": ("attested\n", "1:1", "attestations.yaml is a mapping", ""),
    "another version": ("version: 2\nattestations: []\n", "1:10", "`version`: expected 1", ""),
    "the other list": ("version: 1\nwaivers: []\n", "2:1", "unknown key `waivers`", ""),
    "a doubled key": (one() + "    state: fail\n", "9:5", "the key `state` stands twice", "the first is on line 5"),
    "a tag": ("version: 1\nattestations: !!python/tuple []\n", "2:15", "the tag", "remove the tag"),
    "a tab": ("version: 1\nattestations:\n\t- item: a\n", "3:1", "not valid YAML", "indent with spaces"),
    "not closed": ("version: 1\nattestations: [\n", "2:16", "not valid YAML", ""),
    "a second document": ("version: 1\n---\nversion: 1\n", "2:1", "a second document starts here", ""),
    "a key in the note": (one(note="sk_live_" + "a1B2" * 5), "9:11", "`note` holds what looks like a key", "git keeps"),
    "a password in the URL": (one(evidence={"url": "https://u:pw12345@x.test"}), "10:12", "looks like a key", ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_attestations(project: Folder, name: str) -> None:
    text, place, message, hint = FAULTS[name]
    said = attestations(project, text)
    first = next(line for line in said.splitlines() if "error: " in line)
    assert f"attestations.yaml:{place}: error: " in first
    assert message in first
    assert hint in said
    assert "sk_live_" not in said
    assert "pw12345" not in said


WAIVER = {
    "id": "w",
    "item": "a",
    "environments": ["here"],
    "reason": "the cure is in review",
    "requested_by": "ann@example.test",
    "approved_by": "bob@example.test",
    "expires": day(30),
}


def bad(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**WAIVER, **changes}.items() if value is not None}


WAIVER_FAULTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "unknown item": (bad(item="aa"), 4, "`aa` is no item of the checklist"),
    "unknown environment": (bad(environments=["here", "theer"]), 7, "unknown environment `theer`"),
    "no environment": (bad(environments=[]), 5, "must not be empty"),
    "critical": (bad(item="d"), 4, "`d` is critical, and such an item is never waived"),
    "critical by its whole": (bad(item="e.x"), 4, "`e.x` is critical"),
    "a whole": (bad(item="e"), 4, "`e` has parts: waive the part that fails"),
    "the sum of all": (bad(item="z"), 4, "`z` is decided by all other items: waive the one that fails"),
    **{f"no {name}": (bad(**{name: None}), 3, f"`{name}` is missing") for name in WAIVER},
    "an empty reason": (bad(reason=""), 7, "must not be empty"),
    "an end that is no day": (bad(expires="next week"), 10, "'next week' is no day and no time with a zone"),
    "an end without a zone": (bad(expires="2027-01-01T00:00:00"), 10, "is no day and no time with a zone"),
    "no such day": (bad(expires="2027-02-30"), 10, "'2027-02-30' is no day and no time"),
    "a misspelt key": (bad(matches="x"), 11, "unknown key `matches`"),
    "covers something else": (bad(covers=["failed"]), 12, "expected 'fail', 'error', 'pending' or 'skipped'"),
    "covers nothing": (bad(covers=[]), 11, "must not be empty"),
    "matches everything": (bad(match=""), 11, "must not be empty"),
    "a key in the reason": (bad(reason="sk_live_" + "a1B2" * 5), 7, "`reason` holds what looks like a key"),
}


@pytest.mark.parametrize("name", WAIVER_FAULTS)
def test_a_fault_of_waivers(project: Folder, name: str) -> None:
    entry, line, message = WAIVER_FAULTS[name]
    waive(project, entry)
    said = refused(project.run("list", "--allow", "plugin"))
    first = next(part for part in said.splitlines() if "error: " in part)
    assert first.startswith(f"waivers.yaml:{line}:")
    assert message in first


@pytest.mark.parametrize(
    ("requested", "approved"),
    [
        ("ann@example.test", "ann@example.test"),
        ("ann@example.test", "ANN@Example.TEST"),
        ("ann@example.test", " ann@example.test "),
        ("ann@example.test", "Ann Onymous <ann@example.test>"),
        ("ann@example.test", "mailto:ann@example.test"),
        ("ann@example.test", "ann+second@example.test"),
        ("ann@example.test", "\uff41nn@example.test"),
        ("ann@example.test", "ann\u200b@example.test"),
        ("ann@example.test", '"ann@example.test"'),
        ("Ann Onymous", "ann  onymous"),
    ],
)
def test_nobody_approves_their_own_waiver_however_they_are_spelled(
    project: Folder, requested: str, approved: str
) -> None:
    waive(project, bad(requested_by=requested, approved_by=approved))
    said = refused(project.run("list", "--allow", "plugin"))
    assert "waivers.yaml:9:16: error: " in said
    assert "approves a waiver that they requested" in said
    assert "help: another person must approve it" in said


def test_critical_by_the_defaults(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look}", "defaults: {severity: critical}")
    waive(folder, waiver())
    assert "`a` is critical" in refused(folder.run("list", "--allow", "plugin"))


def test_two_waivers_have_two_ids(project: Folder) -> None:
    waive(project, bad(), bad(item="b"))
    said = refused(project.run("list", "--allow", "plugin"))
    assert "waivers.yaml:3:7: error: the waiver id `w` is used 2 times" in said
    assert "waivers.yaml:11:7: error: the waiver id `w` is used 2 times" in said


@pytest.mark.parametrize(("days", "told"), [(90, False), (91, True)])
def test_how_far_ahead_a_waiver_may_end(project: Folder, days: int, told: bool) -> None:
    waive(project, bad(environments=["there"], expires=day(days)))
    done = project.run("list", "--allow", "plugin")
    assert ("the gate allows 90 days at most" in done.err) is told
    assert done.code == (2 if told else 0)
    if told:
        assert f"waivers.yaml:10:12: error: the waiver `w` ends on {day(91)}" in done.err
        assert f"help: write a day up to {day(90)}" in done.err


def test_the_gate_of_the_command_line_bounds_a_waiver_too(project: Folder) -> None:
    waive(project, bad(expires=day(91)))
    assert project.run("check", "--allow", "plugin").code != 2
    assert "90 days at most" in refused(project.run("check", "--allow", "plugin", "--gate", "release"))


def test_a_bound_beyond_the_calendar_is_none(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}", "gates: {merge: {max_waiver_days: 99999999999}}")
    waive(folder, waiver(expires="9999-12-31"))
    assert folder.check().code == 0


def test_every_fault_of_the_three_files_at_once(project: Folder) -> None:
    project.checklist("a: {title: A, manual: look, sevrity: low}\nb: {title: B, manual: look}", HEAD)
    attest = one(item="b", state="maybe", at="yesterday") + "  - {item: bb}\n"
    project.write("attestations.yaml", attest)
    waive(project, bad(item="x", environments=["mars"], approved_by="ann@example.test", expires="soon"))
    said = refused(project.run("check", "--allow", "plugin"))
    told = [line.partition(": error: ")[0].rsplit(":", 1)[0] for line in said.splitlines() if ": error: " in line]
    assert told[0] == "checklist.yaml:9"
    assert told.count("attestations.yaml:5") == told.count("attestations.yaml:7") == 1
    assert [place for place in told if place.startswith("attestations.yaml:9")]
    assert "waivers.yaml:10" in told
    assert f"{len(told)} problems; nothing was run" in said


def test_the_rest_of_a_broken_file_is_judged_too(project: Folder) -> None:
    project.write("attestations.yaml", one(item="aa") + one(state="x").partition("attestations:\n")[2])
    waive(project, bad(item="x"), bad(id="v", environments=["mars"]))
    said = refused(project.run("list", "--allow", "plugin"))
    for place in ("attestations.yaml:3:11", "attestations.yaml:11:12", "waivers.yaml:4:9", "waivers.yaml:14:5"):
        assert f"{place}: error" in said


def test_what_a_broken_checklist_hides_is_not_told_twice(project: Folder) -> None:
    project.checklist("a: {title: A, manual: look, sevrity: low}", "environments: [here]")
    project.write("attestations.yaml", one())
    said = refused(project.run("list", "--allow", "plugin"))
    assert "attestations.yaml" not in said
    assert "2 problems" in said


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "\ufeff", "---\n", "---\n# nothing\n...\n"])
@pytest.mark.parametrize("name", ["attestations.yaml", "waivers.yaml"])
def test_a_file_in_which_nothing_stands(project: Folder, name: str, text: str) -> None:
    project.write(name, text)
    assert project.run("list", "--allow", "plugin").code == 0


@pytest.mark.parametrize("value", ["", " []", " ~", " null"])
def test_a_list_in_which_nothing_stands(project: Folder, value: str) -> None:
    project.write("attestations.yaml", f"version: 1\nattestations:{value}\n")
    assert project.run("list", "--allow", "plugin").code == 0


@pytest.mark.parametrize("moment", ["2026-01-02T03:04:05Z", "2026-01-02 03:04Z", "2026-01-02t03:04:05.123+02:00"])
def test_a_time_needs_no_quotes(project: Folder, moment: str) -> None:
    project.write("attestations.yaml", one().replace("'2026-01-02T03:04:05Z'", moment))
    assert project.run("list", "--allow", "plugin").code == 0


def put_folder(path: Path) -> None:
    path.mkdir()


def put_fifo(path: Path) -> None:
    os.mkfifo(path)


def put_link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_text("a line that is nobody's business\n", "utf-8")
    path.symlink_to(elsewhere)


def put_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def put_circle(path: Path) -> None:
    path.symlink_to(path.name)


def put_too_much(path: Path) -> None:
    path.write_text("# " + "x" * 5_000_000, "utf-8")


def put_latin(path: Path) -> None:
    path.write_bytes(b"version: 1\n# caf\xe9\n")


@pytest.mark.parametrize(
    ("put", "message"),
    [
        (put_folder, "cannot read {}: is a directory"),
        (put_fifo, "cannot read {}: it is no regular file"),
        (put_link, "{} is a link"),
        (put_dangling_link, "{} is a link"),
        (put_circle, "{} is a link"),
        (put_too_much, "{} has more than the 4,194,304 bytes"),
        (put_latin, "{}:2:1: error: byte 0xe9 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["attestations.yaml", "waivers.yaml"])
def test_what_is_no_file_of_words(project: Folder, name: str, put: Any, message: str) -> None:
    put(project.path / name)
    said = refused(project.run("list", "--allow", "plugin"))
    assert message.format(name) in said
    assert "nobody's business" not in said


@pytest.mark.parametrize("validity", ["1m", "30s", "500ms", "90", "30", "1.5", "one day", "30 d", "-1d", "0d", "1mo"])
def test_a_validity_is_hours_or_days(folder: Folder, validity: str) -> None:
    folder.checklist(f'a: {{title: A, manual: look, valid_for: "{validity}"}}')
    said = refused(folder.run("list", "--allow", "plugin"))
    assert "checklist.yaml:8:" in said
    assert "12h or 30d" in said or "longer than nothing" in said


@pytest.mark.parametrize("validity", ["12h", "30d", "1.5d", "release"])
def test_a_validity(folder: Folder, validity: str) -> None:
    folder.checklist(f"a: {{title: A, manual: look, valid_for: {validity}}}")
    assert folder.run("list", "--allow", "plugin").code == 0
