"""Steps to facts: whatever a check does, the run ends, in time, with a state for every item."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import pytest

from readiness.api import Reason
from readiness.checklist.model import State
from readiness.commands.progress import Nobody
from readiness.facts import Facts
from readiness.lanes import LIMITS
from readiness.run import run
from readiness.world import Outside
from tests.engine import Folder, Watcher
from tests.threads import no_thread_stays


def of(folder: Folder, does: str, more: str = "", kind: str = "t.local") -> tuple[str, str | None, str]:
    """State, reason and message of one item that does this."""
    folder.checklist(f"a: {{title: A, check: {kind}, with: {{does: [{does}]}}{more}}}")
    result = folder.result()
    return result.state.value, result.reason and result.reason.value, result.message


def run_it(folder: Folder, observer: Nobody | None = None) -> Facts:
    session = folder.session()
    world = Outside(environment="default", root=folder.path, env=session.env, redactor=session.redactor)
    return run(session.plan, world, observer or Nobody())


@pytest.mark.parametrize(
    ("does", "state", "reason"),
    [
        ("pass", "pass", None),
        ("pass, pass", "pass", None),
        ("fail", "fail", "mismatch"),
        ("'fail:missing'", "fail", "missing"),
        ("'fail:not_found'", "fail", "not_found"),
        ("pass, fail, pass", "fail", "mismatch"),
        ("away", "fail", "unreachable"),
        ("'away:timeout'", "fail", "timeout"),
        ("'away:tls'", "fail", "tls"),
        ("pass, away", "fail", "unreachable"),
        ("cannot", "error", "unavailable"),
        ("'cannot:denied'", "error", "denied"),
        ("'cannot:rate_limited'", "error", "rate_limited"),
        ("'cannot:not_found'", "error", "not_found"),
        ("pass, cannot", "error", "unavailable"),
        ("fail, cannot", "fail", "mismatch"),
        ("fail, 'raise:value'", "fail", "mismatch"),
        ("nothing", "error", "nothing_checked"),
        ("'raise:value'", "error", "crash"),
        ("'raise:exit'", "error", "crash"),
        ("'raise:interrupt'", "error", "crash"),
        ("recurse", "error", "crash"),
        ("mute", "error", "crash"),
        ("odd", "error", "crash"),
        ("reason", "error", "crash"),
        ("wordless", "pass", None),
        ("pass, 'raise:exit'", "error", "crash"),
        ("'many:10000'", "pass", None),
        ("'many:10001'", "error", "unavailable"),
    ],
)
def test_the_state_of_what_a_check_does(folder: Folder, does: str, state: str, reason: str | None) -> None:
    assert of(folder, does, ", retries: 0")[:2] == (state, reason)


def test_a_crash_is_that_item_alone(folder: Folder) -> None:
    folder.checklist("""
        a: {title: A, check: t.local, with: {does: ["raise:exit"]}}
        b: {title: B, check: t.local, with: {does: ["raise:interrupt"]}}
        c: {title: C, check: t.local}
        d: {title: D, check: t.local, with: {does: [recurse]}}
        e: {title: E, check: t.local, with: {does: [fail]}}
    """)
    report = folder.observe()
    assert [result.state.value for result in report.results] == ["error", "error", "pass", "error", "fail"]
    assert not report.interrupted
    assert report.verdict.exit_code == 1


def test_a_crash_says_where_and_what(folder: Folder) -> None:
    message = of(folder, "'raise:value'")[2]
    assert "the check `t.local` crashed at t_local.py:" in message
    assert "ValueError" in message


def test_a_name_that_is_no_utf8_reaches_the_report(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [surrogate]}}")
    assert folder.check().code == 1
    (result,) = folder.report()["results"]
    assert result["message"] == r"name \udcff"


def log(folder: Folder) -> Path:
    return folder.path / "log"


def attempts(folder: Folder, does: str, later: str, more: str) -> tuple[str, int, bool]:
    options = f"{{does: [{does}], later: [{later}], text: x, log: '{log(folder)}'}}"
    folder.checklist(f"a: {{title: A, check: t.local, with: {options}{more}}}")
    result = folder.result()
    assert log(folder).read_text("utf-8").split().count("x") == result.attempts
    return result.state.value, result.attempts, result.flaky


@pytest.mark.parametrize(
    ("does", "later", "more", "expected"),
    [
        ("pass", "pass", ", retries: 3", ("pass", 1, False)),
        ("cannot", "pass", ", retries: 1", ("pass", 2, True)),
        ("cannot", "cannot", ", retries: 2", ("error", 3, False)),
        ("cannot", "pass", ", retries: 0", ("error", 1, False)),
        ("away", "pass", ", retries: 1", ("pass", 2, True)),
        ("away", "fail", ", retries: 1", ("fail", 2, False)),
        ("fail", "pass", ", retries: 3", ("fail", 1, False)),
        ("'raise:value'", "pass", ", retries: 3", ("error", 1, False)),
        ("nothing", "pass", ", retries: 3", ("error", 1, False)),
        ("fail", "pass", ", retries: 0, eventually: 30s", ("pass", 2, True)),
        ("cannot", "pass", "", ("pass", 2, True)),
    ],
)
def test_what_is_tried_again(folder: Folder, does: str, later: str, more: str, expected: tuple[str, int, bool]) -> None:
    assert attempts(folder, does, later, more) == expected


def test_eventually_comes_to_an_end(folder: Folder) -> None:
    state, count, flaky = attempts(folder, "fail", "fail", ", retries: 0, eventually: 500ms")
    assert (state, flaky) == ("fail", False)
    assert 2 <= count <= 4


def test_a_check_that_hangs_ends_in_time(folder: Folder) -> None:
    begin = time.monotonic()
    assert of(folder, "hang", ", timeout: 100ms, retries: 0") == ("error", "timeout", "no answer within 0.1 s")
    assert time.monotonic() - begin < 10


def test_what_was_seen_before_a_check_hung_is_not_taken_for_all(folder: Folder) -> None:
    assert of(folder, "pass, hang", ", timeout: 100ms, retries: 0")[:2] == ("error", "timeout")


def test_a_late_answer_is_not_heard(folder: Folder) -> None:
    gate = folder.path / "gate"
    folder.checklist(f"""
        late: {{title: L, check: t.local, timeout: 100ms, retries: 0, with: {{does: ["wait:{gate}", pass]}}}}
        opens: {{title: O, check: t.local, needs: [], with: {{does: ["sleep:1.5", "touch:{gate}", "sleep:0.5", pass]}}}}
    """)
    assert folder.states() == {"late": ("error", "timeout"), "opens": ("pass", None)}


def test_the_deadline_of_the_run(folder: Folder) -> None:
    folder.checklist("""
        a: {title: A, check: t.local}
        b: {title: B, check: t.local, with: {does: [hang]}, timeout: 1h}
        c: {title: C, check: t.local, needs: b}
        d: {title: D, manual: look}
    """)
    begin = time.monotonic()
    report = folder.observe(timeout=0.5)
    assert time.monotonic() - begin < 10
    found = {result.id: (result.state, result.reason) for result in report.results}
    assert found == {
        "a": (State.PASS, None),
        "b": (State.ERROR, Reason.TIMEOUT),
        "c": (State.ERROR, Reason.TIMEOUT),
        "d": (State.PENDING, Reason.NEVER_ATTESTED),
    }
    assert "deadline of 0.5 s" in report.results[1].message
    assert report.verdict.exit_code == 3


def most_at_once(folder: Folder, kind: str, count: int, jobs: int | None = None) -> int:
    """How many checks of a kind were between their beginning and their end at the same time."""
    where = folder.path / "at"
    where.mkdir()
    items = [
        f"i{number}: {{title: I, check: {kind}, timeout: 30s, "
        f"with: {{does: ['touch:{where}/b{number}', 'wait:{folder.path}/go', pass]}}}}"
        for number in range(count)
    ]
    folder.checklist("\n".join(items))
    seen = 0

    def open_when_full() -> None:
        nonlocal seen
        expected = min(jobs or 99, LIMITS[{"t.net": "default", "t.local": "local"}.get(kind, kind.removeprefix("t."))])
        until = time.monotonic() + 20
        while len(list(where.iterdir())) < expected and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.3)  # room for one too many to show itself
        seen = len(list(where.iterdir()))
        (folder.path / "go").touch()

    watcher = threading.Thread(target=open_when_full)
    watcher.start()
    report = folder.observe(jobs=jobs)
    watcher.join()
    assert {result.state for result in report.results} == {State.PASS}
    return seen


@pytest.mark.parametrize("kind", ["t.local", "t.net", "t.dns", "t.stripe", "t.state"])
def test_a_lane_holds_as_many_as_its_instrument_bears(folder: Folder, kind: str) -> None:
    limit = {"t.local": 4, "t.net": 16, "t.dns": 8, "t.stripe": 4, "t.state": 1}[kind]
    assert most_at_once(folder, kind, limit + 4) == limit


def test_jobs_bounds_a_lane(folder: Folder) -> None:
    assert most_at_once(folder, "t.net", 6, jobs=2) == 2


def test_a_hanging_lane_starves_nobody(folder: Folder) -> None:
    gate = folder.path / "gate"
    hanging = "\n".join(
        f"s{number}: {{title: S, check: t.stripe, timeout: 30s, with: {{does: ['wait:{gate}', pass]}}}}"
        for number in range(8)
    )
    folder.checklist(f"{hanging}\nn: {{title: N, check: t.net, with: {{does: ['touch:{gate}', pass]}}}}")
    assert set(folder.states().values()) == {("pass", None)}


def test_abandoned_threads_leave_their_room(folder: Folder) -> None:
    hanging = "\n".join(
        f"h{number}: {{title: H, check: t.stripe, timeout: 50ms, retries: 0, with: {{does: [hang]}}}}"
        for number in range(9)
    )
    folder.checklist(f"{hanging}\nlast: {{title: L, check: t.stripe}}")
    found = folder.states()
    assert found.pop("last") == ("pass", None)
    assert set(found.values()) == {("error", "timeout")}


@pytest.mark.parametrize(
    ("first", "expected", "message"),
    [
        ("check: t.local", ("pass", None), None),
        ("check: t.local, environments: [other]", ("pass", None), None),
        ("check: t.local, with: {does: [fail]}", ("skipped", "needs"), "needs `a`, which is fail"),
        ("check: t.local, with: {does: [nothing]}", ("skipped", "needs"), "needs `a`, which is error"),
        ("manual: look", ("skipped", "needs"), "needs `a`, which is pending"),
        ("check: t.write", ("skipped", "needs"), "needs `a`, which is skipped"),
        ("items: {x: {title: X, check: t.local}, y: {title: Y, check: t.local}}", ("pass", None), None),
        (
            "items: {x: {title: X, check: t.local}, y: {title: Y, check: t.local, with: {does: [fail]}}}",
            ("skipped", "needs"),
            "needs `a`, which is fail",
        ),
        (
            "items: {x: {title: X, check: t.local}, y: Look at it}",
            ("skipped", "needs"),
            "needs `a`, which is pending",
        ),
    ],
)
def test_needs(folder: Folder, first: str, expected: tuple[str, str | None], message: str | None) -> None:
    head = "environments: {here: {}, other: {}}"
    folder.checklist(f"b: {{title: B, check: t.local, needs: a}}\na: {{title: A, {first}}}", head)
    result = next(result for result in folder.observe().results if result.id == "b")
    assert (result.state.value, result.reason and result.reason.value) == expected
    assert message is None or result.message == message


def test_needs_hand_on(folder: Folder) -> None:
    folder.checklist("""
        c: {title: C, check: t.local, needs: b}
        b: {title: B, check: t.local, needs: a}
        a: {title: A, check: t.local, with: {does: [fail]}}
    """)
    report = folder.observe()
    assert [result.message for result in report.results[:2]] == [
        "needs `b`, which is skipped",
        "needs `a`, which is fail",
    ]


def test_a_group_that_needs_something(folder: Folder) -> None:
    folder.checklist("""
        g: {title: G, needs: a, items: {x: {title: X, check: t.local}, y: {title: Y, check: t.local, needs: [b]}}}
        a: {title: A, check: t.local, with: {does: [fail]}}
        b: {title: B, check: t.local}
    """)
    assert folder.states()["g.x"] == ("skipped", "needs")
    assert folder.states()["g.y"] == ("pass", None)


def test_the_report_has_the_order_of_the_file(folder: Folder) -> None:
    gate = folder.path / "gate"
    folder.checklist(f"""
        z: {{title: Z, check: t.net, with: {{does: ["wait:{gate}", pass]}}}}
        a: {{title: A, needs: m, check: t.local, with: {{does: ["touch:{gate}", pass]}}}}
        m: {{title: M, check: t.local}}
    """)
    assert list(folder.states()) == ["z", "a", "m"]


def test_the_same_world_gives_the_same_report(folder: Folder) -> None:
    folder.checklist("""
        a: {title: A, check: t.net}
        b: {title: B, check: t.local, with: {does: [fail, fail]}}
        c: {title: C, items: {x: X, y: {title: Y, check: t.dns, with: {does: [cannot]}}}}
    """)
    first, second = folder.observe(), folder.observe()
    timeless = [
        dataclasses.replace(
            report,
            started="",
            finished="",
            results=tuple(dataclasses.replace(result, started=None, duration_ms=0) for result in report.results),
        )
        for report in (first, second)
    ]
    assert timeless[0] == timeless[1]


def test_the_observer_hears_of_each_item_once(folder: Folder) -> None:
    folder.checklist("""
        a: {title: A, check: t.local, retries: 2, with: {does: [cannot]}}
        b: {title: B, check: t.local}
        c: {title: C, manual: look}
    """)
    watcher = Watcher()
    facts = run_it(folder, watcher)
    assert sorted(watcher.begun) == ["a", "b"]
    assert facts.by_id["a"].attempts == 3


def test_threads_end_with_the_run(folder: Folder) -> None:
    folder.checklist("\n".join(f"i{number}: {{title: I, check: t.net}}" for number in range(20)))
    with no_thread_stays():
        run_it(folder)
