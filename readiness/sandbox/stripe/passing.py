"""Time: a clock that a test turns on, and what its passing makes due."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from readiness.sandbox.stripe import subscribing
from readiness.sandbox.stripe.resources import sessions
from readiness.sandbox.stripe.routes import Call


class Clock:
    """Seconds since the epoch, ahead of another clock by as much as it was turned."""

    def __init__(self, behind: Callable[[], float]) -> None:
        self._behind, self._ahead = behind, 0.0

    def __call__(self) -> float:
        """Now."""
        return self._behind() + self._ahead

    def advance(self, seconds: float) -> None:
        """Turn it on. Raises ValueError for less than nothing: events never happen before older ones."""
        if seconds < 0:
            raise ValueError(f"time goes forward only, not by {seconds} seconds")
        self._ahead += seconds


def settle(call: Call) -> None:
    """Sessions end, subscriptions are renewed, tried again and ended, before anybody looks; no call causes it."""
    alone = dataclasses.replace(call, cause=None)
    sessions.expire_due(alone)
    subscribing.advance(alone)
