"""The account's events of late, each list asked for once a run (https://docs.stripe.com/api/events/list)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness.api import StripeAnswer, World

HOUR = 3600
MONTH = 30 * 24 * HOUR
"""Seconds for which Stripe keeps events."""
LATEST = 100
"""Events that are looked at one by one: a page."""


@dataclass(frozen=True, kw_only=True)
class Recent:
    """Events of some types since a moment."""

    failing: StripeAnswer
    """Those that wait for an endpoint, or that one never took."""
    all: StripeAnswer
    """The latest, whatever became of them."""

    def of(self, event: str) -> list[Mapping[str, Any]]:
        """Those of a type."""
        return [thing for thing in self.all.objects if thing.get("type") == event]

    def delivered(self, event: str) -> list[Mapping[str, Any]]:
        """Those of a type that every endpoint has taken."""
        others = {thing.get("id") for thing in self.undelivered(event)}
        return [thing for thing in self.of(event) if thing.get("id") not in others]

    def undelivered(self, event: str) -> list[Mapping[str, Any]]:
        """Those of a type that some endpoint has not taken."""
        waiting = [thing for thing in self.of(event) if thing.get("pending_webhooks")]
        failing = [thing for thing in self.failing.objects if thing.get("type") == event]
        return [*{thing.get("id"): thing for thing in (*failing, *waiting)}.values()]


def recent(world: World, events: Sequence[str], window: float) -> Recent:
    """Events of the last `window` seconds; begins with a full hour, so that items of one run ask the same."""
    since = int(world.now().timestamp() - window) // HOUR * HOUR
    types, created = sorted(events), {"gte": since}
    return Recent(
        failing=world.stripe.list("events", delivery_success=False, types=types, created=created),
        all=world.stripe.list("events", most=LATEST, types=types, created=created),
    )
