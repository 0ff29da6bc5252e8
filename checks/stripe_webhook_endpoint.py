"""``stripe.webhook_endpoint``: Stripe sends the events that the service lives on, once, and to where it listens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from readiness.address import shown
from readiness.api import Effect, Outcome, Reads, Reason, World, failed
from readiness.billing.access import Access
from readiness.billing.listeners import EVERY, Listener, leading_to, listeners
from readiness.billing.places import near, place, unfit
from readiness.billing.subject import Subject
from readiness.billing.versions import FORM, fits, installed

DELAYED = ("checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed")
MANY = 5


@dataclass(frozen=True, kw_only=True)
class StripeWebhookEndpoint:
    """Stripe sends the events that the service lives on: to its URL, enabled, once, and in the shape that it reads.

    Webhook endpoints and event destinations are looked at, all pages of them. The URL is compared as a server
    sees it: another letter case of the host or the port that goes without saying are the same, another final
    slash is not, for Stripe follows no redirect. Two that lead to one handler deliver every event twice. Each
    event is an outcome of its own.
    """

    id: ClassVar = "stripe.webhook_endpoint"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = (Access.WEBHOOKS,)

    url: str
    """Where the service listens."""
    events: tuple[str, ...] = ()
    """Types that must be sent: ``checkout.session.completed``. An endpoint that hears of all (``*``) passes."""
    delayed_payments: bool = False
    """Bank debits and the like are offered, so that the outcome of a payment is an event of its own."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it must exist; without it, the key's."""
    api_version: str | None = None
    """``2026-10-28.endive``, or ``sdk`` for that of the installed SDK; any release of one name has the same shape."""
    production_only: bool = False
    """Also: none of the account's enabled endpoints leads to a private machine, a tunnel or a staging host."""
    event_destinations: bool = True
    """Look at event destinations too; false for a key that cannot be allowed to."""

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{shown(self.url)!r} is no http or https URL")
        if self.api_version not in {None, "sdk"} and not FORM.fullmatch(str(self.api_version)):
            raise ValueError(f"{self.api_version!r} is no version: write sdk, or one such as 2026-10-28.endive")
        if EVERY in self.events:
            raise ValueError("name the `events` that the service handles: * is not one of them")

    def looks_at(self) -> Iterator[str]:
        """The lists at Stripe; the URL itself is not contacted."""
        yield f"Stripe webhook endpoints that lead to {shown(self.url).partition('://')[2]}"
        if self.event_destinations:
            yield "Stripe event destinations"

    def run(self, world: World) -> Iterator[Outcome]:
        """Find the endpoint, then look at what it hears, and at its neighbours."""
        found = listeners(world, destinations=self.event_destinations)
        mine = leading_to(found, self.url)
        exact = [listener for listener in mine if place(listener.url) == place(self.url)]
        if exact:
            best = max(exact, key=lambda one: (one.enabled, not one.of_others, not one.thin))
            yield from self._endpoint(best, [other for other in mine if other is not best and other.enabled])
        else:
            yield self._missing(found, world.stripe.mode())
        if self.production_only:
            yield from (self._fit(listener) for listener in found if listener.enabled)

    def _endpoint(self, best: Listener, others: list[Listener]) -> Iterator[Outcome]:
        subject = Subject(name=str(best), evidence=(best.evidence,))
        off = "Stripe disables an endpoint whose deliveries failed for days: cure that, then enable it in the dashboard"
        yield subject.compare("status", "enabled", best.status, hint=off)
        if self.mode:
            yield subject.compare("mode", self.mode, "live" if best.livemode else "test")
        who = "connected accounts" if best.of_others else "this account"
        yield subject.compare("what it hears of", "this account", who, hint="make one that listens to your account")
        payload = "thin" if best.thin else "snapshot"
        yield subject.compare("payload", "snapshot", payload, hint="construct_event reads snapshots alone")
        yield subject.say(
            f"{len(others)} other enabled endpoints lead to the same handler",
            ok=not others,
            expected="none",
            observed=", ".join(map(str, others)) or "none",
            hint="every event arrives twice, once with another secret: delete them",
        )
        if self.api_version:
            yield self._version(subject, best)
        for event in dict.fromkeys((*self.events, *(DELAYED if self.delayed_payments else ()))):
            yield _hears(subject, best, event)

    def _version(self, subject: Subject, best: Listener) -> Outcome:
        """The payload's shape follows the endpoint, whatever the SDK is."""
        wanted = installed() if self.api_version == "sdk" else str(self.api_version)
        found = best.api_version or "the account's default"
        hint = "the version cannot be changed: make a new endpoint with it, and delete this one"
        return subject.say(
            f"api_version is {found}", ok=fits(best.api_version, wanted), expected=wanted, observed=found, hint=hint
        )

    def _missing(self, found: tuple[Listener, ...], mode: str) -> Outcome:
        close = [str(listener) for listener in found if near(listener.url, self.url)]
        there = [str(listener) for listener in found][:MANY]
        hint = "; register it, with exactly this URL"
        if close:
            hint = f"; there is {', '.join(close)}, but Stripe follows no redirect: correct its URL"
        elif there:
            hint += f" (there are {', '.join(there)})"
        return failed(
            f"Stripe has no webhook endpoint for {shown(self.url)} in {mode} mode{hint}",
            reason=Reason.MISSING,
            expected=self.url,
            observed=", ".join(there) or "none",
            subject=self.url,
            evidence=[listener.evidence for listener in found[:MANY]],
        )

    def _fit(self, listener: Listener) -> Outcome:
        why = unfit(listener.url)
        return Subject(name=str(listener), evidence=(listener.evidence,)).say(
            f"leads to {why or 'a public host'}",
            ok=why is None,
            expected="a public production host",
            observed=why,
            hint="it sees what customers pay: delete it, or move it to test mode",
        )


def _hears(subject: Subject, best: Listener, event: str) -> Outcome:
    how = "all events (*)" if EVERY in best.events else f"{len(best.events)} types of events"
    hears = best.hears(event)
    words = f"hears {event}, among {how}" if hears else f"does not hear {event}"
    hint = f"add {event} to its events in the dashboard"
    return subject.say(words, ok=hears, expected=event, observed=", ".join(best.events), hint=hint)
