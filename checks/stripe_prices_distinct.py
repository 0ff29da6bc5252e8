"""``stripe.prices_distinct``: no tier is sold at the price of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from readiness.api import Effect, Evidence, Outcome, Reads, World, failed, passed
from readiness.billing import prices
from readiness.billing.access import Access

Property = Literal["id", "product", "amount"]


@dataclass(frozen=True, kw_only=True)
class StripePricesDistinct:
    """No tier is sold at the price of another: the variables hold different ids.

    Where it is asked for, their products or amounts differ as well; two ids may belong to one product.
    """

    id: ClassVar = "stripe.prices_distinct"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ

    env: tuple[str, ...]
    """Variables that hold the prices' ids."""
    distinct: tuple[Property, ...] = ("id",)
    """What must differ: ``id``, ``product``, ``amount`` (with its currency and interval)."""

    def __post_init__(self) -> None:
        if len(set(self.env)) < 2:  # noqa: PLR2004 - one alone differs from nothing
            raise ValueError("name at least two variables in `env`")
        if len(set(self.env)) < len(self.env):
            raise ValueError("a variable stands in `env` twice")
        if not self.distinct:
            raise ValueError("`distinct` is empty, so nothing would be asserted")

    @property
    def needs_access(self) -> tuple[Access, ...]:
        """What a restricted key must be allowed."""
        return () if set(self.distinct) == {"id"} else (Access.PRICES, Access.PRODUCTS)

    def looks_at(self) -> Iterator[str]:
        """The variables, and the objects at Stripe."""
        yield from (f"${name}" for name in self.env)
        if self.needs_access:
            yield from (f"Stripe price in ${name}" for name in self.env)

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the ids, and compare what is asked for."""
        ids = {name: world.env.get(name) for name in self.env}
        wrong = [prices.misread(value, f"the variable {name}", name) for name, value in ids.items()]
        if any(wrong):
            yield from filter(None, wrong)
            return
        known = {name: str(value) for name, value in ids.items()}
        if "id" in self.distinct:
            yield _compare("ids", known, ())
        if not self.needs_access:
            return
        answers = {name: prices.fetch(world, value) for name, value in known.items()}
        found, sources = {}, []
        for name, answer in answers.items():
            if isinstance(answer, Outcome):
                yield answer
            else:
                found[name] = answer.objects[0]
                sources.append(answer.source)
        yield from self._properties(found, sources)

    def _properties(self, found: Mapping[str, Mapping[str, Any]], sources: list[str]) -> Iterator[Outcome]:
        if "product" in self.distinct:
            yield _compare(
                "products", {name: str(prices.product(price).get("id")) for name, price in found.items()}, sources
            )
        if "amount" in self.distinct:
            yield _compare("amounts", {name: _amount(price) for name, price in found.items()}, sources)


def _compare(what: str, values: Mapping[str, str], sources: list[str] | tuple[()]) -> Outcome:
    holders: dict[str, list[str]] = {}
    for name, value in values.items():
        holders.setdefault(value, []).append(name)
    shared = [f"{' and '.join(names)} share {value}" for value, names in holders.items() if len(names) > 1]
    lines = "\n".join(f"{name}: {value}" for name, value in values.items())
    evidence = [Evidence.of("; ".join(sources) or "environment variables", lines)]
    wanted, found = f"{len(values)} different {what}", f"{len(holders)} different {what}"
    if shared:
        message = f"{'; '.join(shared)}: one tier is sold as another"
        return failed(message, expected=wanted, observed=found, subject=what, evidence=evidence)
    return passed(f"the {len(values)} {what} differ", expected=wanted, observed=found, subject=what, evidence=evidence)


def _amount(price: Mapping[str, Any]) -> str:
    recurring = price.get("recurring") or {}
    every = f" every {recurring.get('interval_count')} {recurring.get('interval')}" if recurring else ""
    return f"{prices.amount(price)} {price.get('currency')}{every}"
