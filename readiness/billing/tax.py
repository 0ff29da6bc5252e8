"""What is set up for automatic tax (https://docs.stripe.com/tax/set-up)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness.api import StripeAnswer, World

EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905 - one line of codes
UNION = frozenset({"oss_union", "oss_non_union", "ioss"})
"""Types of registration in one country of the EU that hold for all of it (https://docs.stripe.com/tax/supported-countries)."""

OTHER_TAXES = re.compile(
    r".*(admissions|attendance|entertainment|amusement|hospitality|gross_receipts|lease).*_tax"
    r"|.*(delivery_fee|communications_tax|excise_tax)|inbound_goods"
)
"""Types of registration that say nothing of what is sold online."""


def settings(world: World) -> StripeAnswer:
    """The account's tax settings."""
    return world.stripe.retrieve("tax.settings")


def registrations(world: World) -> StripeAnswer:
    """Every registration, those that ended or have not begun yet as well."""
    return world.stripe.list("tax.registrations", status="all")


def default_behavior(world: World) -> str | None:
    """``inclusive``, ``exclusive`` or ``inferred_by_currency`` for prices that say nothing; None where not set."""
    found = settings(world).object or {}
    behavior: str | None = (found.get("defaults") or {}).get("tax_behavior")
    return behavior


def regions(registration: Mapping[str, Any]) -> frozenset[str]:
    """Where a registration holds: ``US-CA``, ``DE``, or all of the EU."""
    country = str(registration.get("country"))
    options = (registration.get("country_options") or {}).get(country.lower()) or {}
    if options.get("type") in UNION:
        return EU | {country}
    if OTHER_TAXES.fullmatch(str(options.get("type"))):
        return frozenset()
    state = options.get("state") or (options.get("province_standard") or {}).get("province")
    return frozenset({f"{country}-{state}"} if state else {country})
