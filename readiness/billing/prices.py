"""A price with its product, the way every kind asks for it, so that it is asked for once a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness.api import CannotTell, OtherMode, Outcome, Reason, StripeAnswer, World, failed

PREFIX = "price_"
ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905 - one line of codes
)
"""Currencies whose amounts have no cents (https://docs.stripe.com/currencies#zero-decimal)."""
_OTHERS = {"prod_": "of a product", "plan_": "of a plan", "cs_te": "of a checkout session", "cs_li": "of a session"}


def misread(identity: str | None, where: str, variable: str | None) -> Outcome | None:
    """Why a text is no price's id, or None; `where` is what the messages call it."""

    def wrong(message: str, reason: Reason = Reason.MISMATCH) -> Outcome:
        return failed(message, reason=reason, expected=f"the id of a price ({PREFIX}...)", subject=variable)

    if not identity or not identity.strip():
        return wrong(f"{where} is {'not set' if identity is None else 'empty'}", Reason.MISSING)
    if identity != identity.strip():
        return wrong(f"{where} has white space around the id")
    if not re.fullmatch(PREFIX + r"\w+", identity, re.ASCII):
        kind = _OTHERS.get(identity[:5], "of something else")
        return wrong(f"{where} holds the id {kind}; the id of a price begins with {PREFIX}")
    return None


def fetch(world: World, identity: str) -> StripeAnswer | Outcome:
    """The price with its product; a failure where Stripe does not have it in the key's mode."""
    expected = f"the id of a price ({PREFIX}...)"
    try:
        answer = world.stripe.retrieve("prices", identity, expand=("product", "currency_options"))
    except OtherMode as other:
        return failed(other.message, reason=Reason.MISSING, expected=expected, subject=identity)
    if answer.object is None:
        return failed(f"Stripe has no price {identity}", reason=Reason.MISSING, expected=expected, subject=identity)
    return answer


def product(price: Mapping[str, Any]) -> Mapping[str, Any]:
    """The product that was asked for with the price; a deleted one has neither name nor `active`."""
    found = price.get("product")
    if not isinstance(found, Mapping):
        raise CannotTell("Stripe did not show the price's product", fix="use a key that may read products")
    return found


def amount(price: Mapping[str, Any]) -> object:
    """The whole amount; where Stripe has none, what it has instead."""
    if price.get("unit_amount") is not None:
        return price["unit_amount"]
    return f"{price['unit_amount_decimal']} (a fraction)" if price.get("unit_amount_decimal") else "chosen otherwise"


def hundredfold(expected: int, observed: object, currency: str) -> str:
    """The likely cause where two amounts differ by a factor of one hundred."""
    if not isinstance(observed, int) or observed not in {expected * 100, expected / 100}:
        return ""
    if currency in ZERO_DECIMAL:
        return f"{currency} has no cents, so an amount is written as it is"
    return f"amounts are in cents: 19 {currency.upper()} are 1900"
