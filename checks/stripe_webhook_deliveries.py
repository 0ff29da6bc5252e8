"""``stripe.webhook_deliveries``: what Stripe sent lately was taken by the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from readiness.address import shown
from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, StripeAnswer, World, failed, passed
from readiness.billing.access import Access
from readiness.billing.events import MONTH, Recent, recent
from readiness.billing.listeners import leading_to, listeners
from readiness.duration import parse_duration


@dataclass(frozen=True, kw_only=True)
class StripeWebhookDeliveries:
    """What Stripe sent lately was taken by the service: no delivery failed, and none waits for long.

    Without an enabled endpoint for the URL nothing could fail, so that is a failure. Without an event in the
    time that is looked at nothing is known, so that is an error: make a purchase in test mode, or look further
    back. Stripe keeps events for 30 days and tells of all the account's endpoints together.
    """

    id: ClassVar = "stripe.webhook_deliveries"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = (Access.EVENTS, Access.WEBHOOKS)

    url: str
    """Where the service listens."""
    events: tuple[str, ...]
    """Types that are looked at, at most 20."""
    window: str = "7d"
    """How far to look back, at most 30 days."""
    grace: str = "10m"
    """How long a delivery may wait: Stripe repeats one that failed, for up to three days."""
    each: bool = False
    """An event of each type must have been there, not only one of any."""
    event_destinations: bool = True
    """Look at event destinations too; false for a key that cannot be allowed to."""

    def __post_init__(self) -> None:
        if not 0 < len(self.events) <= 20:  # noqa: PLR2004 - the API's bound
            raise ValueError("name 1 to 20 types of `events`")
        if parse_duration(self.window) > MONTH:
            raise ValueError("Stripe keeps events for 30 days: `window` cannot be longer")
        if parse_duration(self.grace) >= parse_duration(self.window):
            raise ValueError("`grace` must be shorter than `window`, or nothing could fail")

    def looks_at(self) -> Iterator[str]:
        """The lists at Stripe."""
        yield f"Stripe events of the last {self.window}: {', '.join(self.events)}"
        yield f"Stripe webhook endpoints that lead to {shown(self.url).partition('://')[2]}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Look for a listener, for deliveries that failed or wait, and for any at all."""
        yield self._listener(world)
        seen = recent(world, self.events, parse_duration(self.window))
        limit = world.now().timestamp() - parse_duration(self.grace)
        for event in self.events:
            yield from self._event(event, seen, limit)
        missing = [event for event in self.events if not seen.delivered(event)]
        if len(missing) == len(self.events) or (self.each and missing):
            raise CannotTell(
                f"no {' and no '.join(missing)} was delivered in the last {self.window}, so nothing is known of it",
                reason=Reason.NOTHING_CHECKED,
                fix="make a purchase in test mode or send a test event, then look again; or look back further",
            )

    def _listener(self, world: World) -> Outcome:
        found = leading_to(listeners(world, destinations=self.event_destinations), self.url)
        mine = [one for one in found if one.enabled and any(map(one.hears, self.events))]
        if mine:
            return passed(f"{mine[0]} listens", subject=self.url, evidence=[mine[0].evidence])
        return failed(
            f"no enabled endpoint for {shown(self.url)} hears these events, so that none is delivered",
            reason=Reason.MISSING,
            subject=self.url,
            evidence=[one.evidence for one in found],
        )

    def _event(self, event: str, seen: Recent, limit: float) -> Iterator[Outcome]:
        """One outcome for a type that was there, or that failed."""
        late = [thing for thing in seen.undelivered(event) if float(thing.get("created") or 0) <= limit]
        taken = seen.delivered(event)
        if late:
            yield self._undelivered(event, late, seen.failing)
        elif taken:
            waiting = len(seen.undelivered(event))
            sentence = f"{event}: {len(taken)} of the last {self.window} were delivered"
            sentence += f", {waiting} may still wait" if waiting else ""
            evidence = Evidence.of(seen.all.source, "\n".join(map(_line, taken)))
            yield passed(sentence, expected="none undelivered", observed="none", subject=event, evidence=[evidence])

    def _undelivered(self, event: str, late: list[Mapping[str, Any]], answer: StripeAnswer) -> Outcome:
        first = late[0]
        return failed(
            f"{event}: {len(late)} of the last {self.window} could not be delivered, among them {first.get('id')};"
            " the endpoint's page in the dashboard shows what the service answered",
            expected="none undelivered",
            observed=f"{len(late)} undelivered",
            subject=event,
            evidence=[Evidence.of(answer.source, "\n".join(map(_line, late)))],
        )


def _line(event: Mapping[str, Any]) -> str:
    when = datetime.fromtimestamp(float(event.get("created") or 0), UTC).isoformat()
    return f"{event.get('id')} {event.get('type')} {when} pending_webhooks: {event.get('pending_webhooks')}"
