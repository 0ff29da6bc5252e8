"""A waiver lets a finding pass: the item keeps its state, and what is not covered still blocks."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.people.model import Waiver
from readiness.people.waiving import chosen, covering
from readiness.report.model import Report
from tests.engine import Folder, commit_all
from tests.people.words import ago, attest, day, said, waive, waiver

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FAILS = 'check: t.local, with: {does: [fail], text: "port 80 is open"}'
TWICE = "check: t.local, with: {does: [fail, 'fail:missing'], text: same}"
TWO = """a:
  title: A
  check: env.modes
"""
OTHER = "b: {title: B, check: t.local}\n"
ALL = "gates: {merge: {block: [fail, error, pending, skipped]}}\n"
WAYS = {
    "fail": FAILS,
    "error": "check: t.local, with: {does: [cannot], text: out of reach}",
    "pending": "manual: look",
    "skipped": "check: t.write",
}


def project(folder: Folder, fields: str = FAILS, head: str = "", *waivers: dict[str, Any]) -> Report:
    folder.checklist(f"a: {{title: A, {fields}}}\n{OTHER}", head)
    waive(folder, *waivers)
    return folder.observe()


def statuses(report: Report) -> dict[str, str]:
    return {record.id: record.status.value for record in report.waivers}


# --- what it covers --------------------------------------------------------------------------------


def test_the_state_stays_and_the_blocking_goes(folder: Folder) -> None:
    assert project(folder).verdict.exit_code == 1
    report = project(folder, FAILS, "", waiver(ticket="SHOP-1"))
    item = report.results[0]
    assert (item.state.value, item.reason and item.reason.value, item.blocking) == ("fail", "mismatch", False)
    assert item.waiver is not None
    assert (item.waiver.id, item.waiver.ticket, item.waiver.status.value) == ("w", "SHOP-1", "used")
    assert item.waiver.expires == f"{day(30)}T23:59:59.999Z"
    assert (report.verdict.exit_code, report.verdict.waived, report.verdict.blocking) == (0, 1, ())
    assert report.verdict.counts["fail"] == 1
    assert report.verdict.because == "nothing blocks; 1 waived (w)"
    assert statuses(report) == {"w": "used"}


@pytest.mark.parametrize("covered", WAYS)
@pytest.mark.parametrize("state", WAYS)
def test_a_waiver_covers_the_states_that_it_names(folder: Folder, state: str, covered: str) -> None:
    report = project(folder, WAYS[state], ALL, waiver(covers=[covered]))
    assert report.results[0].state.value == state
    assert report.results[0].blocking is (state != covered)
    assert statuses(report) == {"w": "used" if state == covered else "unused"}


def test_a_failure_alone_where_nothing_is_said(folder: Folder) -> None:
    assert project(folder, WAYS["error"], "", waiver()).verdict.exit_code == 3


def test_a_waiver_of_a_state_that_would_not_block_is_not_counted(folder: Folder) -> None:
    report = project(folder, "manual: look", "", waiver(covers=["pending"]))
    assert (report.verdict.waived, report.verdict.because) == (0, "nothing blocks; the gate lets 1 pending through")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"environments": ["there"]}, None),
        ({"item": "b"}, "unused"),
        ({"match": "port 443"}, "unused"),
        ({"expires": ago(seconds=1)}, "expired"),
        ({"expires": day(-1)}, "expired"),
        ({"covers": ["error"]}, "unused"),
    ],
)
def test_what_a_waiver_does_not_cover(folder: Folder, changes: dict[str, Any], status: str | None) -> None:
    head = "environments: {here: {}, there: {}}\n"
    report = project(folder, FAILS, head, waiver(**{"environments": ["here"], **changes}))
    assert report.verdict.exit_code == 1
    assert report.results[0].waiver is None
    assert statuses(report) == ({} if status is None else {"w": status})


# --- match -----------------------------------------------------------------------------------------

BOTH = """a:
  title: A
  check: env.two
"""
TWO_FINDINGS = '''
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import Effect, Outcome, Reads, World, failed


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Finds one thing after another."""

    id: ClassVar = "t.ports"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ
    ports: tuple[str, ...]

    def looks_at(self) -> Iterator[str]:
        yield "nothing"

    def run(self, world: World) -> Iterator[Outcome]:
        for port in self.ports:
            yield failed("a port is open", observed=f"port {port}", subject=f"host {port}")
'''


def ports(folder: Folder, open_ports: str, *waivers: dict[str, Any]) -> Report:
    folder.write("kinds/t_ports.py", TWO_FINDINGS)
    return project(folder, f"check: t.ports, with: {{ports: [{open_ports}]}}", "", *waivers)


def test_a_new_finding_beside_the_one_that_is_waived_blocks(folder: Folder) -> None:
    assert ports(folder, "'80'", waiver(match="port 80")).verdict.exit_code == 0
    report = ports(folder, "'80', '22'", waiver(match="port 80"))
    assert report.verdict.exit_code == 1
    assert report.results[0].waiver is None
    assert statuses(report) == {"w": "used"}


@pytest.mark.parametrize("match", ["a port is open", "port 80", "host 80"])
def test_a_match_is_in_what_is_said_or_seen_or_where(folder: Folder, match: str) -> None:
    assert ports(folder, "'80'", waiver(match=match)).verdict.exit_code == 0


def test_a_match_is_no_pattern_and_keeps_its_case(folder: Folder) -> None:
    assert ports(folder, "'80'", waiver(match="port .*")).verdict.exit_code == 1
    assert ports(folder, "'80'", waiver(match="Port 80")).verdict.exit_code == 1


def test_two_waivers_that_together_cover_all(folder: Folder) -> None:
    first = waiver(id="first", match="port 80", expires=day(40))
    second = waiver(id="second", match="port 22", expires=day(20))
    report = ports(folder, "'80', '22'", first, second)
    assert report.verdict.exit_code == 0
    assert report.results[0].waiver is not None
    assert report.results[0].waiver.id == "second", "the first of them to end, for with it the item blocks again"
    assert statuses(report) == {"first": "used", "second": "used"}


def test_a_waiver_of_what_a_person_said(folder: Folder) -> None:
    folder.checklist(f"a: {{title: A, manual: look}}\n{OTHER}")
    attest(folder, said(folder, state="fail", note="no rota for August"))
    assert folder.observe().verdict.exit_code == 1
    waive(folder, waiver(match="rota for August"))
    assert folder.observe().verdict.exit_code == 0
    waive(folder, waiver(match="rota for July"))
    assert folder.observe().verdict.exit_code == 1


FINDINGS = st.lists(st.sampled_from(["x 1", "x 2", "y 3"]), min_size=1, max_size=3)
MATCHES = st.lists(st.sampled_from([None, "x", "1", "2", "3", "z"]), max_size=3)
BASE = Waiver(
    id="w",
    item="a",
    environments=("e",),
    reason="r",
    requested_by="p",
    approved_by="q",
    expires=NOW + timedelta(days=1),
)


@given(findings=FINDINGS, matches=MATCHES)
def test_nothing_passes_that_no_waiver_names(findings: list[str], matches: list[str | None]) -> None:
    waivers = [dataclasses.replace(BASE, id=str(number), match=match) for number, match in enumerate(matches)]
    found = chosen(covering(waivers, "a", "fail", findings, NOW), findings)
    named = all(any(match is None or match in finding for match in matches) for finding in findings)
    assert (found is not None) is named


@pytest.mark.parametrize(("left", "covers"), [(1, True), (0, False), (-1, False)])
def test_it_ends_at_its_moment(left: int, covers: bool) -> None:
    one = dataclasses.replace(BASE, expires=NOW + timedelta(seconds=left))
    assert bool(covering([one], "a", "fail", ["x"], NOW)) is covers


# --- how it is shown -------------------------------------------------------------------------------


def test_what_needs_somebody_comes_first(folder: Folder) -> None:
    report = project(
        folder,
        FAILS,
        "",
        waiver(id="in-force"),
        waiver(id="soon", expires=day(3)),
        waiver(id="unused", item="b"),
        waiver(id="over", expires=day(-2)),
    )
    assert [(record.id, record.expiring) for record in report.waivers] == [
        ("over", False),
        ("unused", False),
        ("soon", True),
        ("in-force", False),
    ]
    lines = folder.check().out.splitlines()
    assert lines[2:5] == [
        f"expired  waiver over of a, until {day(-2)}",
        f"unused   waiver unused of b, until {day(30)}",
        f"expiring waiver soon of a, until {day(3)}",
    ]


def test_the_terminal_shows_the_finding_and_who_let_it_pass(folder: Folder) -> None:
    project(folder, FAILS, "", waiver())
    out = folder.check().out
    assert f"    waived   w until {day(30)}, approved by bob@example.test: the cure is in\n             review" in out
    assert "FAIL a (high, section 1, mismatch)" in out
    assert "A (waived)" in out
    assert "READY: nothing blocks; 1 waived (w)" in out


def test_junit_has_it_skipped(folder: Folder) -> None:
    project(folder, FAILS, "", waiver())
    root = ET.fromstring(folder.check("--format", "junit").out)  # noqa: S314 - our own output
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == f"fail (mismatch), waived by w until {day(30)}: port 80 is open"


def test_sarif_has_it_suppressed(folder: Folder) -> None:
    project(folder, FAILS, "", waiver())
    results = json.loads(folder.check("--format", "sarif").out)["runs"][0]["results"]
    found = {result["ruleId"]: result.get("suppressions") for result in results}
    assert found == {
        "a": [{"kind": "external", "status": "accepted", "justification": "the cure is in review"}],
        "b": None,
    }


# --- the sum of all --------------------------------------------------------------------------------

SUM = "z: {title: Z, items: all}\n"


def summed(folder: Folder, items: str, head: str = "", **options: Any) -> tuple[str, str | None, Report]:
    folder.checklist(items + SUM, head)
    report = folder.observe(**options)
    last = report.results[-1]
    assert last.id == "z"
    assert last.whole
    assert not last.blocking
    return last.state.value, last.reason and last.reason.value, report


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("fail", ("fail", "mismatch")),
        ("error", ("error", "unavailable")),
        ("pending", ("pending", "never_attested")),
        ("skipped", ("skipped", "effect_refused")),
    ],
)
def test_the_sum_is_the_worst_of_the_rest(folder: Folder, state: str, expected: tuple[str, str]) -> None:
    state_found, reason, report = summed(folder, f"a: {{title: A, {WAYS[state]}}}\n{OTHER}")
    assert (state_found, reason) == expected
    assert report.results[-1].message == f"1 of 2 items that the gate asks for are not satisfied: 1 {state}"
    assert sum(report.verdict.counts.values()) == 2
    assert "z" not in report.verdict.blocking


def test_the_sum_of_all_kinds_of_trouble(folder: Folder) -> None:
    items = "".join(f"i-{state}: {{title: I, {way}}}\n" for state, way in WAYS.items())
    state, _, report = summed(folder, items)
    assert state == "fail"
    assert report.results[-1].message.endswith("4 of 4 items that the gate asks for are not satisfied: "
                                               "1 fail, 1 error, 1 pending, 1 skipped")  # fmt: skip


def test_the_sum_takes_a_waived_item_as_satisfied(folder: Folder) -> None:
    waive(folder, waiver())
    state, reason, report = summed(folder, f"a: {{title: A, {FAILS}}}\n{OTHER}")
    assert (state, reason, report.verdict.exit_code) == ("pass", None, 0)
    assert report.results[-1].message == "all 2 items that the gate asks for are satisfied"


def test_the_sum_of_waived_items_alone(folder: Folder) -> None:
    waive(folder, waiver())
    state, _, report = summed(folder, f"a: {{title: A, {FAILS}}}\n")
    assert state == "pass"
    assert report.verdict.exit_code == 4, "nothing is proved"


def test_the_sum_of_what_does_not_concern_this_run(folder: Folder) -> None:
    state, reason, report = summed(
        folder, "a: {title: A, environments: [there], manual: x}\n", "environments: {here: {}, there: {}}"
    )
    assert (state, reason) == ("not_applicable", "environment")
    assert report.results[-1].message == "the gate asks for no item that concerns this run"


def test_the_sum_where_the_gate_asks_for_nothing(folder: Folder) -> None:
    state, reason, _ = summed(folder, "a: {title: A, severity: low, check: t.local}\n")
    assert (state, reason) == ("not_applicable", "nothing_checked")


@pytest.mark.parametrize(("severity", "state"), [("high", "fail"), ("medium", "pass"), ("low", "pass")])
def test_the_sum_looks_at_what_the_gate_asks_for(folder: Folder, severity: str, state: str) -> None:
    assert summed(folder, f"a: {{title: A, severity: {severity}, {FAILS}}}\n{OTHER}")[0] == state


def test_the_sum_leaves_what_does_not_apply_alone(folder: Folder) -> None:
    items = f"a: {{title: A, manual: look, if_applicable: where there is one}}\n{OTHER}"
    assert summed(folder, items)[0] == "pending"
    attest(folder, said(folder, state="na", note="there is none"))
    assert summed(folder, items)[0] == "pass"


def test_the_sum_counts_parts_and_not_their_whole(folder: Folder) -> None:
    items = f"g: {{title: G, items: {{x: {{title: X, {FAILS}}}, y: {{title: Y, check: t.local}}}}}}\n"
    _, _, report = summed(folder, items)
    assert report.results[-1].message == "1 of 2 items that the gate asks for are not satisfied: 1 fail"


def test_the_sum_of_a_filtered_run_is_not_satisfied(folder: Folder) -> None:
    state, reason, report = summed(folder, f"a: {{title: A, check: t.local}}\n{OTHER}", only=("a", "z"))
    assert (state, reason, report.partial) == ("skipped", "filtered", True)


def test_the_sum_that_is_filtered_itself_is_not_counted(folder: Folder) -> None:
    state, reason, report = summed(folder, f"a: {{title: A, check: t.local}}\n{OTHER}", only=("a",))
    assert (state, reason) == ("skipped", "filtered")
    assert sum(report.verdict.counts.values()) == 2


def test_the_sum_alone_looks_at_nothing(folder: Folder) -> None:
    state, _, report = summed(folder, OTHER, only=("z",))
    assert (state, report.verdict.exit_code) == ("skipped", 4)


def test_the_sum_where_it_stands_first(folder: Folder) -> None:
    folder.checklist(f"{SUM}a: {{title: A, {FAILS}}}\n{OTHER}")
    assert folder.observe().results[0].state.value == "fail"


def test_the_sum_of_an_environment(folder: Folder) -> None:
    folder.checklist(
        f"{OTHER}z: {{title: Z, environments: [there], items: all}}", "environments: {here: {}, there: {}}"
    )
    last = folder.observe().results[-1]
    assert (last.state.value, last.reason and last.reason.value) == ("not_applicable", "environment")
    assert folder.observe(environment="there").results[-1].state.value == "pass"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (f"{SUM}a: {{title: A, check: t.local, needs: z}}", "`a` needs `z`, which is decided after all others"),
        ("z: {title: Z, items: all, needs: a}\na: {title: A, manual: x}", "`z` sums up all items and needs none"),
        ("z: {title: Z, items: everything}", "`items`: expected a mapping"),
        ("z: {title: Z, items: all, check: t.local}", "`z` names 2 ways to verify it"),
    ],
)
def test_a_sum_that_makes_no_sense(folder: Folder, items: str, message: str) -> None:
    folder.checklist(items)
    assert message in folder.check().err


# --- the gate of a release -------------------------------------------------------------------------

RELEASE = "environments: {live: {gate: release}}\n"


@pytest.mark.parametrize(
    ("state", "code"), [("pass", 0), ("fail", 1), ("error", 3), ("pending", 4), ("skipped", 4)]
)  # fmt: skip
def test_what_a_release_waits_for(folder: Folder, state: str, code: int) -> None:
    folder.checklist(f"a: {{title: A, {WAYS.get(state, 'check: t.local')}}}\n{OTHER}", RELEASE)
    commit_all(folder.path)
    assert folder.observe().verdict.exit_code == code


@pytest.mark.parametrize(("state", "code"), [("pass", 0), ("fail", 1)])
def test_what_a_person_said_decides_a_release(folder: Folder, state: str, code: int) -> None:
    folder.checklist(f"a: {{title: A, manual: look}}\n{OTHER}", RELEASE)
    attest(folder, said(folder, state=state, note="seen"))
    commit_all(folder.path)
    report = folder.observe()
    assert (report.verdict.exit_code, report.verdict.attested) == (code, 1)


def test_a_release_asks_for_a_full_run_of_a_clean_tree(folder: Folder) -> None:
    folder.checklist(f"a: {{title: A, check: t.local}}\n{OTHER}", RELEASE)
    assert folder.observe().verdict.conditions == (
        "the gate `release` asks for a clean commit, and git could not tell",
    )
    commit = commit_all(folder.path)
    assert folder.observe().verdict.exit_code == 0
    partial = folder.observe(only=("a",)).verdict
    assert (partial.exit_code, len(partial.conditions)) == (4, 1)
    folder.write("more.py", "")
    dirty = folder.observe().verdict
    sentence = f"the gate `release` asks for a clean commit, and files differ from {commit[:12]}"
    assert (dirty.exit_code, dirty.conditions) == (1, (sentence,))


def test_a_filtered_item_is_not_counted_as_attested(folder: Folder) -> None:
    folder.checklist(f"a: {{title: A, manual: look}}\n{OTHER}")
    attest(folder, said(folder))
    assert folder.observe().verdict.attested == 1
    assert folder.observe(only=("b",)).verdict.attested == 0
