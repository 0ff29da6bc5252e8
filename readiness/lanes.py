"""Attempts that wait for room: a lane per instrument, so that one slow service starves nobody.

A thread cannot be killed, so one whose attempt is overdue is abandoned: it is a daemon, and the
lane starts another in its place.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue

from readiness.api import Check, Reads, World
from readiness.plan import Step

LIMITS = {"local": 4, "stripe": 4, "dns": 8, "state": 1, "default": 16}
"""Attempts at the same time, an instrument. More threads on files and syntax trees only take turns; and of what sends
bursts to a service and looks for the result in its database, one would measure the load that another one makes."""


@dataclass(kw_only=True, eq=False)
class Attempt:
    """One look at one item."""

    step: Step
    check: Check
    number: int = 1
    first: float = 0.0
    """Monotonic time of the item's first attempt."""
    at: datetime
    """The same, for the report."""
    deadline: float = 0.0
    given_up: bool = False


@dataclass
class Lane:
    """The room of one instrument."""

    limit: int
    look: Callable[[Attempt, World], None]
    """What a thread does with an attempt; never raises."""
    active: int = 0
    idle: int = 0
    """Threads that wait for work; one whose attempt was given up is never counted again."""
    threads: int = 0
    """All that were started."""
    waiting: deque[Attempt] = field(default_factory=deque)
    work: SimpleQueue[tuple[Attempt, World] | None] = field(default_factory=SimpleQueue)

    def start(self, attempt: Attempt, world: World) -> None:
        """Have it looked at, by a thread that waits or by a new one."""
        self.active += 1
        self.work.put((attempt, world))
        if self.idle:
            self.idle -= 1
            return
        self.threads += 1
        threading.Thread(target=self.labour, daemon=True, name=f"check in {attempt.step.id}").start()

    def labour(self) -> None:
        """On a thread of the lane: one attempt after another."""
        while (task := self.work.get()) is not None:
            self.look(*task)

    def leave(self, attempt: Attempt) -> None:
        """The attempt no longer needs its room."""
        self.active -= 1
        self.idle += not attempt.given_up

    def dismiss(self) -> None:
        """Let every thread end, those too whose attempts were given up."""
        self.waiting.clear()
        for _ in range(self.threads):
            self.work.put(None)


def make_lanes(jobs: int | None, look: Callable[[Attempt, World], None]) -> dict[str, Lane]:
    """Every lane by its name; `jobs` bounds each."""
    return {name: Lane(min(limit, jobs or limit), look) for name, limit in LIMITS.items()}


def lane_of(check: Check) -> str:
    """The lane that a check belongs to: that of the scarcest instrument it uses."""
    if check.reads <= {Reads.REPO, Reads.ENV}:
        return "local"
    if {Reads.NETWORK, Reads.DB} <= check.reads:
        return "state"
    if Reads.STRIPE in check.reads:
        return "stripe"
    return "dns" if Reads.DNS in check.reads else "default"
