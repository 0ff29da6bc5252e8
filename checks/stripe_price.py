"""``stripe.price``: a price at Stripe is the one that the service means to sell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from readiness.api import CannotTell, Effect, Evidence, OtherMode, Outcome, Reads, Reason, World, failed, passed

PREFIX = "price_"


@dataclass(frozen=True, kw_only=True)
class StripePrice:
    """A price at Stripe is the one that the service means to sell.

    It exists in the key's mode, it and its product are active, and amount, currency and interval are right:
    a price per unit in one currency. A key that may not read prices is an error, never a failure.
    """

    id: ClassVar = "stripe.price"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ

    env: str | None = None
    """Variable that holds the price's id."""
    price: str | None = None
    """The price's id, where no variable holds it."""
    amount: int
    """Price in the currency's smallest unit: cents for usd, yen for jpy."""
    currency: str = "usd"
    """Three-letter code (ISO 4217)."""
    interval: Literal["day", "week", "month", "year"] | None = "month"
    """How often it is charged; null for a price that is charged once."""
    interval_count: int = 1
    """Every how many intervals."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it must exist; without it, the key's."""
    usage: Literal["licensed", "metered"] = "licensed"
    """Charged by quantity, or by what was used."""
    tax_behavior: Literal["any", "set"] = "any"
    """`set` where tax is automatic: Stripe must know whether the amount includes it."""

    def __post_init__(self) -> None:
        if (self.env is None) == (self.price is None):
            raise ValueError("write either `env`, the variable that holds the id, or `price`, the id itself")
        if self.amount < 0 or self.interval_count < 1:
            raise ValueError("`amount` cannot be negative, and `interval_count` begins at 1")
        if len(self.currency) != 3 or not self.currency.isalpha():  # noqa: PLR2004 - ISO 4217
            raise ValueError(f"{self.currency!r} is no currency: write three letters, such as usd")

    def looks_at(self) -> Iterator[str]:
        """The variable, and the object at Stripe."""
        if self.env:
            yield f"${self.env}"
        yield f"Stripe price {self.price or f'in ${self.env}'}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the id, fetch the price with its product, and compare."""
        identity = self.price if self.env is None else world.env.get(self.env)
        wrong = self._wrong_id(identity)
        if wrong or not identity:
            yield wrong or self._fail("the price's id is empty", Reason.MISSING)
            return
        try:
            price = world.stripe.retrieve("prices", identity, expand=("product", "currency_options"))
        except OtherMode as other:
            yield self._fail(other.message, Reason.MISSING, subject=identity)
            return
        if price is None:
            yield self._fail(f"Stripe has no price {identity}", Reason.MISSING, subject=identity)
            return
        seen = Evidence.of(f"GET /v1/prices/{identity} at {world.stripe.source()}", _summary(price))
        for what, expected, observed in self._assertions(price):
            yield _say(identity, what, expected, observed, seen)

    def _wrong_id(self, identity: str | None) -> Outcome | None:
        where = f"the variable {self.env}" if self.env else "the price's id"
        if not identity or not identity.strip():
            return self._fail(f"{where} is {'not set' if identity is None else 'empty'}", Reason.MISSING)
        if identity != identity.strip():
            return self._fail(f"{where} has white space around the id", Reason.MISMATCH)
        if not re.fullmatch(PREFIX + r"\w+", identity, re.ASCII):
            kind = {"prod_": "of a product", "plan_": "of a plan"}.get(identity[:5], "of something else")
            return self._fail(f"{where} holds the id {kind}; the id of a price begins with {PREFIX}", Reason.MISMATCH)
        return None

    def _assertions(self, price: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
        """What is compared, expected and observed."""
        recurring = price.get("recurring") or {}
        yield "active", True, price.get("active")
        yield "its product's active", True, _product(price).get("active", False)
        yield "unit_amount", self.amount, _amount(price)
        yield "currency", self.currency.lower(), price.get("currency")
        yield "other currencies", "none", _other_currencies(price)
        yield "billing_scheme", "per_unit", price.get("billing_scheme")
        yield "transform_quantity", None, price.get("transform_quantity")
        yield "type", "recurring" if self.interval else "one_time", price.get("type")
        if self.interval:
            yield "interval", self.interval, recurring.get("interval")
            yield "interval_count", self.interval_count, recurring.get("interval_count")
            yield "usage_type", self.usage, recurring.get("usage_type")
        if self.mode:
            yield "mode", self.mode, "live" if price.get("livemode") else "test"
        if self.tax_behavior == "set":
            known = price.get("tax_behavior") in {"inclusive", "exclusive"}
            yield "tax_behavior", "set", "set" if known else price.get("tax_behavior")

    def _fail(self, message: str, reason: Reason, *, subject: str | None = None) -> Outcome:
        return failed(message, reason=reason, expected=f"the id of a price ({PREFIX}...)", subject=subject or self.env)


def _say(identity: str, what: str, expected: object, observed: object, seen: Evidence) -> Outcome:
    sentence = f"{identity}: {what} is {_word(observed)}"
    if expected == observed and isinstance(observed, bool) == isinstance(expected, bool):
        return passed(sentence, expected=_word(expected), observed=_word(observed), subject=identity, evidence=[seen])
    sentence += f", expected {_word(expected)}"
    return failed(sentence, expected=_word(expected), observed=_word(observed), subject=identity, evidence=[seen])


def _product(price: Mapping[str, Any]) -> Mapping[str, Any]:
    """The product that was asked for with the price; a deleted one has neither name nor `active`."""
    product = price.get("product")
    if not isinstance(product, Mapping):
        raise CannotTell("Stripe did not show the price's product", fix="use a key that may read products")
    return product


def _amount(price: Mapping[str, Any]) -> object:
    """The whole amount; where Stripe has none, what it has instead."""
    if price.get("unit_amount") is not None:
        return price["unit_amount"]
    return f"{price['unit_amount_decimal']} (a fraction)" if price.get("unit_amount_decimal") else "chosen otherwise"


def _other_currencies(price: Mapping[str, Any]) -> str:
    return ", ".join(sorted(set(price.get("currency_options") or {}) - {price.get("currency")})) or "none"


def _word(value: object) -> str:
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _summary(price: Mapping[str, Any]) -> str:
    names = ("id", "active", "unit_amount", "currency", "type", "recurring", "livemode", "tax_behavior")
    return "\n".join(f"{name}: {price.get(name)}" for name in names)
