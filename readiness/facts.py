"""What a run saw of each item: data between the runner and the judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from readiness.api import Outcome, Reason
from readiness.checklist.model import State


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What one item came to, redacted already."""

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


ORDER = {state: rank for rank, state in enumerate(State)}


def roll_up(states: list[State]) -> State:
    """The state of a whole from those of its parts: the worst, not applicable only where all are."""
    return min(states, key=ORDER.__getitem__, default=State.NOT_APPLICABLE)
