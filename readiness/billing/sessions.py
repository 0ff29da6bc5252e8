"""What a checkout session must be (https://docs.stripe.com/api/checkout/sessions/object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from readiness.api import Outcome, StripeAnswer, World
from readiness.billing.subject import Subject, dig, mode_of
from readiness.duration import parse_duration, say_duration

FIELDS = (
    "id", "livemode", "mode", "status", "amount_total", "currency", "line_items", "metadata", "automatic_tax",
    "customer_email", "success_url", "cancel_url", "expires_at",
)  # fmt: skip
EXPAND = ("line_items",)
LONGEST = 24 * 3600.0
"""Seconds for which a session may be open (https://docs.stripe.com/api/checkout/sessions/create)."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the session at Stripe must be; a case overrides any of it, and adds to `metadata`."""

    price_env: str | None = None
    """Variable that holds the id of the price that is sold."""
    price: str | None = None
    """The price's id, where no variable holds it."""
    quantity: int | None = None
    """How many of it."""
    mode: Literal["payment", "setup", "subscription"] | None = None
    """What comes of paying."""
    metadata: Mapping[str, str] | None = None
    """Names and values that the session must carry; further ones may be there."""
    success_url: str | None = None
    """Where buyers go after paying."""
    cancel_url: str | None = None
    """Where buyers go who do not pay."""
    email: str | None = None
    """The buyer's address that fills in the form."""
    automatic_tax: bool | None = None
    """Whether Stripe adds the tax."""
    expires_within: str | None = None
    """The session must end, and before so much time is over: ``24h``."""
    amount_total: int | None = None
    """In the currency's smallest unit."""
    currency: str | None = None
    """Three-letter code (ISO 4217)."""
    livemode: Literal["test", "live"] | None = None
    """The mode in which it must have been made; without it, the key's."""

    def __post_init__(self) -> None:
        if self.price_env is not None and self.price is not None:
            raise ValueError("write either `price_env`, the variable that holds the id, or `price`, the id itself")
        if self.expires_within is not None and parse_duration(self.expires_within) > LONGEST:
            raise ValueError("Stripe ends every session after 24 hours: `expires_within` cannot be longer")

    def patched(self, changes: Wanted | None) -> Wanted:
        """These wishes with a case's changes."""
        if changes is None:
            return self
        given = {item.name: value for item in fields(changes) if (value := getattr(changes, item.name)) is not None}
        if changes.price or changes.price_env:
            given |= {"price": changes.price, "price_env": changes.price_env}
        if changes.metadata:
            given["metadata"] = {**(self.metadata or {}), **changes.metadata}
        return replace(self, **given)

    def judge(self, world: World, answer: StripeAnswer, name: str) -> Iterator[Outcome]:
        """One outcome for each assertion about the session of an answer."""
        session = answer.objects[0]
        label = f"{session.get('id')} ({name})" if name else str(session.get("id"))
        subject = Subject.seen(label, answer, session, FIELDS)
        mode = self.livemode or world.stripe.mode()
        yield subject.compare("its mode", mode, mode_of(session))
        yield from self._goods(world, subject, session)
        for what, expected, observed in self._fields(session):
            if expected is not None:
                yield subject.compare(what, expected, observed)
        for key, value in (self.metadata or {}).items():
            yield subject.compare(f"metadata.{key}", value, (session.get("metadata") or {}).get(key))
        if self.expires_within:
            yield self._end(subject, session, world.now().timestamp())

    def _goods(self, world: World, subject: Subject, session: Mapping[str, Any]) -> Iterator[Outcome]:
        """Exactly one line, of the right price."""
        lines = dig(session, "line_items.data") or ()
        bought = [(dig(line, "price.id"), line.get("quantity")) for line in lines]
        if self.price_env or self.price:
            expected = world.env.get(self.price_env) if self.price_env else self.price
            where = f" (in ${self.price_env})" if self.price_env else ""
            found = ", ".join(str(price) for price, _ in bought) or "nothing"
            yield subject.say(
                f"sells {found}",
                ok=expected is not None and found == expected,
                expected=f"{expected or 'nothing'}{where}",
                observed=found,
                hint="the buyer pays the price of something else",
            )
        if self.quantity is not None:
            yield subject.compare("quantity", str(self.quantity), ", ".join(str(count) for _, count in bought))

    def _fields(self, session: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
        """What is compared with one field, expected and observed."""
        yield "checkout mode", self.mode, session.get("mode")
        yield "success_url", self.success_url, session.get("success_url")
        yield "cancel_url", self.cancel_url, session.get("cancel_url")
        yield "customer_email", self.email, session.get("customer_email")
        yield "automatic_tax.enabled", self.automatic_tax, dig(session, "automatic_tax.enabled")
        yield "amount_total", self.amount_total, session.get("amount_total")
        yield "currency", self.currency.lower() if self.currency else None, session.get("currency")

    def _end(self, subject: Subject, session: Mapping[str, Any], now: float) -> Outcome:
        left = float(session.get("expires_at") or 0) - now
        slack = 120.0  # clocks differ, and the session was made before it was read
        return subject.say(
            f"ends in {say_duration(left)}" if left > 0 else "has ended",
            ok=0 < left <= parse_duration(str(self.expires_within)) + slack,
            expected=f"an end within {self.expires_within}",
            observed=say_duration(left) if left > 0 else "ended",
        )
