"""What items that others decide come to: their parts, or all other items of the checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from readiness.api import Reason
from readiness.checklist.model import Gate, State
from readiness.facts import Fact, Facts, roll_up
from readiness.plan import Step
from readiness.report.model import Result

UNSATISFIED = (State.FAIL, State.ERROR, State.PENDING, State.SKIPPED)


def sum_of(step: Step, results: Iterable[Result], gate: Gate) -> Fact:
    """What an item written `items: all` comes to: the worst of what the gate asks for and has not got."""
    required = [result for result in results if not result.whole and result.severity.rank <= gate.at.rank]
    open_ = [result for result in required if result.state in UNSATISFIED and result.waiver is None]
    if not open_:
        return _satisfied(step, required)
    state = roll_up([result.state for result in open_])
    counts = Counter(result.state for result in open_)
    words = ", ".join(f"{counts[each]} {each.value}" for each in UNSATISFIED if counts[each])
    reason = next(result.reason for result in open_ if result.state is state)
    message = f"{len(open_)} of {len(required)} items that the gate asks for are not satisfied: {words}"
    return Fact(id=step.id, state=state, reason=reason, message=message)


def _satisfied(step: Step, required: list[Result]) -> Fact:
    """Nothing is left open; it passes where anything was asked for that concerns this run."""
    apart = next((result for result in required if result.state is State.NOT_APPLICABLE), None)
    if any(result.state is not State.NOT_APPLICABLE for result in required):
        message = f"all {len(required)} items that the gate asks for are satisfied"
        return Fact(id=step.id, state=State.PASS, message=message)
    message = "the gate asks for no item that concerns this run"
    reason = apart.reason if apart else Reason.NOTHING_CHECKED
    return Fact(id=step.id, state=State.NOT_APPLICABLE, reason=reason, message=message)


def group_of(step: Step, facts: Facts) -> Fact:
    """What a parent comes to: its worst part, in words."""
    parts = [facts.by_id[child] for child in step.children]
    state = roll_up([part.state for part in parts])
    alike = [part for part in parts if part.state is state]
    message = f"{len(alike)} of {len(parts)} parts {'is' if len(alike) == 1 else 'are'} {state.value}"
    return Fact(
        id=step.id, state=state, reason=alike[0].reason, message=message, duration=max(part.duration for part in parts)
    )
