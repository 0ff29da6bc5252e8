"""Facts to a verdict: what blocks, with which exit code, and that nothing unseen is ever a success."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.checklist.model import State
from readiness.errors import ExitCode
from readiness.facts import roll_up
from tests.engine import Folder, commit_all, git

WAYS = {
    "pass": "check: t.local",
    "fail": "check: t.local, with: {does: [fail]}",
    "error": "check: t.local, with: {does: [nothing]}",
    "pending": "manual: look",
    "skipped": "check: t.write",
    "not_applicable": "check: t.local, environments: [other]",
}
HEAD = "environments: {here: {}, other: {}}\n"
ALL = "gates: {all: {block: [fail, error, pending, skipped]}}\n"


def verdict(folder: Folder, *states: str, head: str = "", severity: str = "high", gate: str | None = None) -> int:
    folder.checklist(
        "\n".join(f"i{n}: {{title: I, severity: {severity}, {WAYS[state]}}}" for n, state in enumerate(states)),
        HEAD + head,
    )
    report = folder.observe(gate=gate)
    assert [result.state.value for result in report.results] == list(states)
    assert (
        report.verdict.state.value
        == {0: "ready", 1: "not_ready", 3: "unverified", 4: "waiting"}[report.verdict.exit_code]
    )
    assert sum(report.verdict.counts.values()) == len(states)
    return report.verdict.exit_code


@pytest.mark.parametrize(
    ("states", "merge", "everything"),
    [
        (["pass"], 0, 0),
        (["pass", "not_applicable"], 0, 0),
        (["pass", "fail"], 1, 1),
        (["pass", "error"], 3, 3),
        (["pass", "pending"], 0, 4),
        (["pass", "skipped"], 0, 4),
        (["fail", "error", "pending", "skipped", "pass"], 1, 1),
        (["error", "pending", "skipped", "pass"], 3, 3),
        (["pending"], 4, 4),
        (["skipped"], 4, 4),
        (["skipped", "skipped"], 4, 4),
        (["not_applicable"], 4, 4),
        (["not_applicable", "skipped", "pending"], 4, 4),
        (["fail"], 1, 1),
        (["error"], 3, 3),
    ],
)
def test_the_exit_code_of_states(folder: Folder, states: list[str], merge: int, everything: int) -> None:
    assert verdict(folder, *states) == merge
    assert verdict(folder, *states, head=ALL, gate="all") == everything


@pytest.mark.parametrize(
    ("severity", "at", "code"),
    [
        ("critical", "critical", 1),
        ("high", "critical", 0),
        ("high", "high", 1),
        ("medium", "high", 0),
        ("medium", "medium", 1),
        ("low", "medium", 0),
        ("low", "low", 1),
        ("critical", "low", 1),
    ],
)
def test_the_severity_that_blocks(folder: Folder, severity: str, at: str, code: int) -> None:
    head = f"gates: {{g: {{at: {at}}}}}\n"
    assert verdict(folder, "pass", "fail", head=head, severity=severity, gate="g") == code


def test_a_gate_that_blocks_on_failures_alone(folder: Folder) -> None:
    head = "gates: {g: {block: [fail]}}\n"
    assert verdict(folder, "pass", "error", "pending", head=head, gate="g") == 0
    assert verdict(folder, "pass", "fail", head=head, gate="g") == 1


def test_severity_from_the_defaults_and_from_the_parent(folder: Folder) -> None:
    folder.checklist(
        """
        a: {title: A, check: t.local}
        g:
          title: G
          severity: critical
          items: {x: {title: X, check: t.local}, y: {title: Y, severity: medium, check: t.local}}
        """,
        "defaults: {severity: low}",
    )
    found = {result.id: result.severity.value for result in folder.observe().results}
    assert found == {"a": "low", "g": "critical", "g.x": "critical", "g.y": "medium"}


def test_a_part_blocks_and_its_whole_is_not_counted(folder: Folder) -> None:
    folder.checklist("g: {title: G, items: {x: {title: X, check: t.local, with: {does: [fail]}}, y: Y}}")
    report = folder.observe()
    whole, first, second = report.results
    assert (whole.state, whole.message) == (State.FAIL, "1 of 2 parts is fail")
    assert report.verdict.blocking == ("g.x",)
    assert report.verdict.counts["fail"] == 1
    assert (first.parent, second.parent, whole.parent) == ("g", "g", None)
    assert (report.verdict.score.passed, report.verdict.score.applicable, report.verdict.score.unknown) == (0, 2, 1)


def test_the_score_never_gates(folder: Folder) -> None:
    assert verdict(folder, *["pass"] * 99, "fail") == 1
    assert verdict(folder, "pass", *["pending"] * 99) == 0


def test_scope_leaves_out_what_reads_more(folder: Folder) -> None:
    folder.checklist(
        "a: {title: A, check: t.local}\nb: {title: B, check: t.net}\nc: {title: C, check: t.net, with: {does: [fail]}}",
        "gates: {g: {scope: [repo]}}",
    )
    report = folder.observe(gate="g")
    assert [(result.state.value, result.reason) for result in report.results] == [
        ("pass", None),
        ("skipped", "out_of_scope"),
        ("skipped", "out_of_scope"),
    ]
    assert report.verdict.exit_code == 0


def test_the_gate_of_the_environment_and_of_the_command(folder: Folder) -> None:
    folder.checklist(
        "a: {title: A, check: t.local}\nb: {title: B, manual: look}",
        ALL + "environments: {dev: {}, prod: {gate: all}}",
    )
    assert folder.observe().verdict.exit_code == 0
    assert folder.observe(environment="prod").verdict.exit_code == 4
    assert folder.observe(environment="prod", gate="merge").verdict.exit_code == 0


def test_a_filtered_run_says_so_and_satisfies_no_full_gate(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}\nb: {title: B, check: t.local}", "gates: {full: {full_run: true}}")
    whole, part = folder.observe(gate="full"), folder.observe(gate="full", only=("a",))
    assert (whole.partial, whole.verdict.exit_code) == (False, 0)
    assert (part.partial, part.verdict.exit_code) == (True, 4)
    assert "asks for a full run" in part.verdict.because
    assert folder.observe(only=("a",)).verdict.exit_code == 0


def test_a_filter_that_leaves_everything_is_a_full_run(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}", "gates: {full: {full_run: true}}")
    assert folder.observe(gate="full", only=("1",)).verdict.exit_code == 0


# --- the tree -------------------------------------------------------------------------------------


def clean(folder: Folder) -> str:
    folder.checklist("a: {title: A, check: t.local}", "gates: {g: {clean_tree: true}}")
    folder.write(".gitignore", "__pycache__/\n")
    return commit_all(folder.path)


def edit(folder: Folder) -> None:
    folder.write("checklist.yaml", (folder.path / "checklist.yaml").read_text("utf-8") + "\n# more\n")


def stage(folder: Folder) -> None:
    folder.write("new.py", "x = 1\n")
    git(folder.path, "add", "new.py")


CHANGES: dict[str, tuple[Callable[[Folder], object], bool]] = {
    "nothing": (lambda _folder: None, False),
    "changed": (edit, True),
    "untracked": (lambda folder: folder.write("new.py", "x = 1\n"), True),
    "untracked in a new folder": (lambda folder: folder.write("deep/er/new.py", "x = 1\n"), True),
    "staged": (stage, True),
    "deleted": (lambda folder: (folder.path / "kinds" / "t_net.py").unlink(), True),
    "ignored": (lambda folder: folder.write("__pycache__/x.pyc", ""), False),
    "a report": (lambda folder: folder.write("reports/default/20250101T000000Z-abc/report.json", "{}"), False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_clean_tree(folder: Folder, name: str) -> None:
    commit = clean(folder)
    change, dirty = CHANGES[name]
    change(folder)
    report = folder.observe(gate="g")
    assert (report.commit, report.dirty) == (commit, dirty)
    assert report.verdict.exit_code == (1 if dirty else 0)
    assert folder.observe().verdict.exit_code == 0


def test_a_tree_that_git_does_not_know(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}", "gates: {g: {clean_tree: true}}")
    report = folder.observe(gate="g")
    assert (report.commit, report.dirty, report.source_digest) == (None, None, None)
    assert report.verdict.exit_code == 3
    assert "git could not tell" in report.verdict.because


def test_a_repository_without_a_commit(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}", "gates: {g: {clean_tree: true}}")
    git(folder.path, "init", "-q")
    assert folder.observe(gate="g").verdict.exit_code == 3


@pytest.mark.parametrize("reports", [".", "src", "reports"])
def test_no_choice_of_the_reports_folder_hides_a_change(folder: Folder, reports: str) -> None:
    folder.write("src/a.py", "")
    clean(folder)
    folder.write("src/a.py", "x = 1\n")
    done = folder.check("--gate", "g", "--reports", reports)
    assert done.code == 1, done.out


@pytest.mark.parametrize("reports", ["reports", "out/of[1]*the/way", "."])
def test_reports_do_not_make_a_tree_dirty(folder: Folder, reports: str) -> None:
    clean(folder)
    for _ in range(2):
        done = folder.check("--gate", "g", "--reports", reports)
        assert done.code == 0, done.out


def test_the_source_digest_is_that_of_the_commit_without_reports(folder: Folder) -> None:
    clean(folder)
    first = folder.observe().source_digest
    folder.write("reports/sample.json", "{}")
    git(folder.path, "add", "-A")
    git(folder.path, "commit", "-q", "-m", "report")
    assert folder.observe().source_digest == first
    edit(folder)
    git(folder.path, "commit", "-q", "-a", "-m", "edit")
    assert folder.observe().source_digest != first


def test_a_repository_cannot_start_programs(folder: Folder, tmp_path: Path) -> None:
    clean(folder)
    hook = folder.write("hook.sh", f"#!/bin/sh\ntouch {tmp_path}/started\n")
    hook.chmod(0o755)
    git(folder.path, "config", "core.fsmonitor", str(hook))
    folder.observe(gate="g")
    assert not (tmp_path / "started").exists()


# --- roll-up --------------------------------------------------------------------------------------

STATES = st.lists(st.sampled_from(State))


@given(STATES)
def test_the_whole_is_as_bad_as_its_worst_part(states: list[State]) -> None:
    assert roll_up(states) == min(states, key=list(State).index, default=State.NOT_APPLICABLE)


@given(STATES, STATES)
def test_a_part_never_makes_the_whole_better(states: list[State], more: list[State]) -> None:
    order = list(State)
    assert order.index(roll_up(states + more)) <= order.index(roll_up(states))
    assert roll_up([roll_up(states), roll_up(more)]) == roll_up(states + more)


@given(st.lists(st.sampled_from(State), min_size=1))
def test_a_whole_passes_only_where_a_part_does_and_none_is_worse(states: list[State]) -> None:
    whole = roll_up(states)
    assert (whole is State.PASS) == (State.PASS in states and set(states) <= {State.PASS, State.NOT_APPLICABLE})


def test_the_exit_codes_are_one_table() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "READY": 0,
        "NOT_READY": 1,
        "USAGE": 2,
        "UNVERIFIED": 3,
        "WAITING": 4,
        "INVALID": 5,
        "STALE": 6,
        "CRASH": 70,
        "INTERRUPTED": 130,
    }
