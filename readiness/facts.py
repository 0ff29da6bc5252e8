"""What a run saw of each item: data between the runner and the judge."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from readiness.api import Evidence, Outcome, Reason
from readiness.checklist.model import State
from readiness.light import dataclass


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What one item came to."""

    id: str
    state: State
    reason: Reason | None = None
    """None where, and only where, the state is `pass`."""
    message: str = ""
    fix: str | None = None
    """How to look again, where the instrument failed; the item's own cure is in the checklist."""
    outcomes: tuple[Outcome, ...] = ()
    attempts: int = 0
    """0: nothing was run."""
    flaky: bool = False
    """It passed, but not at the first attempt."""
    started: datetime | None = None
    duration: float = 0.0
    """Seconds, all attempts and the waits between them."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All of a run."""

    by_id: dict[str, Fact]
    started: datetime
    finished: datetime
    interrupted: bool = False


def redacted(fact: Fact, redact: Callable[[str], str]) -> Fact:
    """The fact with every text of it cleaned; done when the run is over, for only then are all secrets known."""

    def words(text: str) -> str:
        # bytes that were no UTF-8, as in the name of a file, would keep the whole report from being written
        return redact(text).encode("utf-8", "backslashreplace").decode("utf-8")

    def clean(text: str | None) -> str | None:
        return None if text is None else words(text)

    def evidence(part: Evidence) -> Evidence:
        return dataclasses.replace(part, source=words(part.source), seen=words(part.seen))

    def outcome(part: Outcome) -> Outcome:
        return dataclasses.replace(
            part,
            message=words(part.message),
            expected=clean(part.expected),
            observed=clean(part.observed),
            subject=clean(part.subject),
            evidence=tuple(evidence(seen) for seen in part.evidence),
        )

    return dataclasses.replace(
        fact, message=words(fact.message), fix=clean(fact.fix), outcomes=tuple(outcome(part) for part in fact.outcomes)
    )


ORDER = {state: rank for rank, state in enumerate(State)}


def roll_up(states: list[State]) -> State:
    """The state of a whole from those of its parts: the worst, not applicable only where all are."""
    return min(states, key=ORDER.__getitem__, default=State.NOT_APPLICABLE)
