"""``stripe.price``: a price at Stripe is the one that the service means to sell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from readiness.api import Effect, Outcome, Reads, World
from readiness.billing import prices
from readiness.billing.access import Access
from readiness.billing.subject import Subject, mode_of
from readiness.billing.tax import default_behavior

FIELDS = ("id", "active", "unit_amount", "currency", "type", "recurring", "livemode", "tax_behavior", "product.active")


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
    other_currencies: tuple[str, ...] = ()
    """Further currencies that the price may have an amount in."""
    interval: Literal["day", "week", "month", "year"] | None = "month"
    """How often it is charged; null for a price that is charged once."""
    interval_count: int = 1
    """Every how many intervals."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it must exist; without it, the key's."""
    usage: Literal["licensed", "metered"] = "licensed"
    """Charged by quantity, or by what was used."""
    tax_behavior: Literal["any", "set", "inclusive", "exclusive"] = "any"
    """Whether the amount includes tax. `set` where tax is automatic: the price or the tax settings must say it."""

    def __post_init__(self) -> None:
        if (self.env is None) == (self.price is None):
            raise ValueError("write either `env`, the variable that holds the id, or `price`, the id itself")
        if self.amount < 0 or self.interval_count < 1:
            raise ValueError("`amount` cannot be negative, and `interval_count` begins at 1")
        for currency in (self.currency, *self.other_currencies):
            if len(currency) != 3 or not currency.isalpha():  # noqa: PLR2004 - ISO 4217
                raise ValueError(f"{currency!r} is no currency: write three letters, such as usd")

    @property
    def needs_access(self) -> tuple[Access, ...]:
        """What a restricted key must be allowed."""
        tax = (Access.TAX_SETTINGS,) if self.tax_behavior != "any" else ()
        return (Access.PRICES, Access.PRODUCTS, *tax)

    def looks_at(self) -> Iterator[str]:
        """The variable, and the object at Stripe."""
        if self.env:
            yield f"${self.env}"
        yield f"Stripe price {self.price or f'in ${self.env}'}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the id, fetch the price with its product, and compare."""
        identity = self.price if self.env is None else world.env.get(self.env)
        where = f"the variable {self.env}" if self.env else "the price's id"
        wrong = prices.misread(identity, where, self.env)
        answer = wrong or prices.fetch(world, identity or "")
        if isinstance(answer, Outcome):
            yield answer
            return
        price = answer.objects[0]
        subject = Subject.seen(str(identity), answer, price, FIELDS)
        for what, expected, observed in self._assertions(price):
            hint = prices.hundredfold(self.amount, observed, self.currency.lower()) if what == "unit_amount" else ""
            yield subject.compare(what, expected, observed, hint=hint)
        if self.tax_behavior != "any":
            yield self._tax(world, price, subject)

    def _assertions(self, price: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
        """What is compared, expected and observed."""
        recurring = price.get("recurring") or {}
        yield "active", True, price.get("active")
        yield "its product's active", True, prices.product(price).get("active", False)
        yield "unit_amount", self.amount, prices.amount(price)
        yield "currency", self.currency.lower(), price.get("currency")
        yield "other currencies", "none", self._surprises(price)
        yield "billing_scheme", "per_unit", price.get("billing_scheme")
        yield "transform_quantity", None, price.get("transform_quantity")
        yield "type", "recurring" if self.interval else "one_time", price.get("type")
        if self.interval:
            yield "interval", self.interval, recurring.get("interval")
            yield "interval_count", self.interval_count, recurring.get("interval_count")
            yield "usage_type", self.usage, recurring.get("usage_type")
        if self.mode:
            yield "mode", self.mode, mode_of(price)

    def _surprises(self, price: Mapping[str, Any]) -> str:
        allowed = {price.get("currency"), *map(str.lower, self.other_currencies)}
        return ", ".join(sorted(set(price.get("currency_options") or {}) - allowed)) or "none"

    def _tax(self, world: World, price: Mapping[str, Any], subject: Subject) -> Outcome:
        """Of the price, or of the settings, which hold for prices that say nothing."""
        own = price.get("tax_behavior")
        found = own if own in {"inclusive", "exclusive"} else default_behavior(world)
        wanted = (
            {"inclusive", "exclusive", "inferred_by_currency"} if self.tax_behavior == "set" else {self.tax_behavior}
        )
        return subject.say(
            f"tax_behavior is {found or own or 'not set'}",
            ok=found in wanted,
            expected=self.tax_behavior,
            observed=found or own,
            hint="set it on the price, or a default in the tax settings, else automatic tax refuses the session",
        )
