"""What somebody bought, by the id that Stripe gave it: a checkout session, a payment or a subscription."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from readiness.api import OtherMode, Outcome, Reason, World, failed
from readiness.billing.access import Access
from readiness.billing.subject import Subject, dig, mode_of

ID = re.compile(r"\b(?:cs_(?:test|live)_|pi_|sub_)[0-9A-Za-z]{8,}\b")
RESOURCES = {"cs": "checkout.sessions", "pi": "payment_intents", "sub": "subscriptions"}
NAMES = {"cs": "checkout session", "pi": "payment", "sub": "subscription"}
NEEDS = (Access.SESSIONS, Access.SUBSCRIPTIONS, Access.PAYMENT_INTENTS)
STATES = {
    "active": frozenset({"active", "trialing"}),
    "started": frozenset({"active", "trialing", "past_due", "paused", "canceled"}),
}
"""States of a subscription that was paid; not those like ``incomplete`` and ``unpaid``."""


def ids(text: str) -> tuple[str, ...]:
    """The ids that a text names, each once, in their order."""
    return tuple(dict.fromkeys(ID.findall(text)))


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What must be true of each purchase."""

    mode: str | None
    """``test`` or ``live``; None means the key's."""
    amounts: tuple[int, ...]
    """Any of these was paid; nothing means any amount."""
    currency: str | None
    subscription: Literal["active", "started", "any"]
    metadata: tuple[str, ...]
    """Names that session and subscription must carry."""

    def judge(self, world: World, identity: str) -> Iterator[Outcome]:
        """Look it up at Stripe, one outcome for each assertion."""
        kind = identity.partition("_")[0]
        expand = ("subscription",) if kind == "cs" else ()
        try:
            answer = world.stripe.retrieve(RESOURCES[kind], identity, expand=expand)
        except OtherMode as other:
            yield failed(
                other.message, subject=identity, expected=f"a {self.mode or world.stripe.mode()} mode purchase"
            )
            return
        thing, mode = answer.object, world.stripe.mode()
        if thing is None:
            message = f"Stripe has no {NAMES[kind]} {identity} in {mode} mode of this account"
            yield failed(message, reason=Reason.MISSING, subject=identity)
            return
        subject = Subject.seen(
            identity, answer, thing, ("livemode", "status", "payment_status", "metadata", *SUMS[kind])
        )
        yield subject.compare("mode", self.mode or mode, mode_of(thing))
        judge = {"cs": self._session, "pi": self._payment, "sub": self._subscription}[kind]
        yield from judge(subject, thing)

    def _session(self, subject: Subject, session: Mapping[str, Any]) -> Iterator[Outcome]:
        yield subject.compare("status", "complete", session.get("status"), hint="nobody has paid it")
        # a session without a price to pay is done without a payment: only where 0 is an amount that is meant
        paid = {"paid", "no_payment_required"} if 0 in self.amounts else {"paid"}
        state = session.get("payment_status")
        yield subject.say(f"payment_status is {state}", ok=state in paid, expected="paid", observed=state)
        yield from self._sum(subject, session.get("amount_total"), session.get("currency"))
        yield from self._carries(subject, session)
        made = session.get("subscription")
        if isinstance(made, Mapping):
            part = Subject(name=f"{subject.name}: its subscription {made.get('id')}", evidence=subject.evidence)
            yield part.compare("mode", mode_of(session), mode_of(made))
            yield from self._state(part, made)
            yield from self._carries(part, made)

    def _payment(self, subject: Subject, payment: Mapping[str, Any]) -> Iterator[Outcome]:
        yield subject.compare("status", "succeeded", payment.get("status"), hint="the money is not there")
        yield from self._sum(subject, payment.get("amount_received"), payment.get("currency"))

    def _subscription(self, subject: Subject, subscription: Mapping[str, Any]) -> Iterator[Outcome]:
        yield from self._state(subject, subscription)
        items = dig(subscription, "items.data") or ()
        total = sum((dig(item, "price.unit_amount") or 0) * (item.get("quantity") or 1) for item in items)
        yield from self._sum(subject, total, subscription.get("currency"))
        yield from self._carries(subject, subscription)

    def _state(self, subject: Subject, subscription: Mapping[str, Any]) -> Iterator[Outcome]:
        state = subscription.get("status")
        if self.subscription != "any":
            ok = state in STATES[self.subscription]
            yield subject.say(f"status is {state}", ok=ok, expected=self.subscription, observed=state)

    def _sum(self, subject: Subject, amount: object, currency: object) -> Iterator[Outcome]:
        wanted = " or ".join(map(str, self.amounts))
        if self.amounts:
            yield subject.say(f"amount is {amount}", ok=amount in self.amounts, expected=wanted, observed=amount)
        else:
            ok = isinstance(amount, int) and amount > 0
            yield subject.say(f"amount is {amount}", ok=ok, expected="more than nothing", observed=amount)
        if self.currency:
            yield subject.compare("currency", self.currency.lower(), currency)

    def _carries(self, subject: Subject, thing: Mapping[str, Any]) -> Iterator[Outcome]:
        carried = thing.get("metadata") or {}
        for name in self.metadata:
            hint = "the webhook cannot tell what was bought; subscription_data[metadata] is for subscriptions"
            yield subject.say(
                f"metadata.{name} is {carried.get(name) or 'not set'}",
                ok=bool(carried.get(name)),
                expected="set",
                observed=carried.get(name),
                hint=hint,
            )


SUMS: Mapping[str, Iterable[str]] = {
    "cs": ("amount_total", "currency", "subscription.id", "subscription.status", "subscription.metadata"),
    "pi": ("amount_received", "currency"),
    "sub": ("currency", "items"),
}
"""Further fields that decide."""
