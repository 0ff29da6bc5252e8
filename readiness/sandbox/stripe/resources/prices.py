"""Prices (https://docs.stripe.com/api/prices)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from readiness.sandbox.stripe.errors import invalid, missing_param
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources.catalog import add_product
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id

CURRENCIES = frozenset((
    "aed", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "eur", "gbp", "hkd", "huf", "idr",
    "ils", "inr", "isk", "jpy", "krw", "mxn", "myr", "nok", "nzd", "pen", "php", "pln", "ron", "sar", "sek", "sgd",
    "thb", "try", "twd", "uah", "usd", "vnd", "zar",
))  # fmt: skip
"""Those of https://docs.stripe.com/currencies that the sandbox knows."""
COPIED = ("active", "billing_scheme", "nickname", "tax_behavior", "tiers_mode", "transform_quantity")
AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount")
MONTHS_AT_MOST = {"day": 1096, "week": 156, "month": 36, "year": 3}
"""Longest interval_count: three years."""


def create(call: Call) -> Object:
    """``POST /v1/prices``."""
    if "product_data" in call.params:
        product = add_product(call, call.params["product_data"])
    elif "product" in call.params:
        product = call.named("product", call.params["product"], "product")
    else:
        raise missing_param("product")
    return add(call, {**call.params, "product": product["id"]})


def add(call: Call, params: Mapping[str, Any]) -> Object:
    """A new price of the product `params` names. Raises ApiError."""
    own = currency(params["currency"])
    price = blank("price")
    price |= {"id": new_id("price_1", 23), "created": call.now, "livemode": call.livemode}
    price |= {"currency": own, "product": params["product"]}
    price |= {name: params[name] for name in COPIED if name in params}
    price |= _amount(params) | _recurring(params)
    price["metadata"] = merge_metadata({}, params.get("metadata", {}))
    _claim_lookup_key(call, price, params)
    price["currency_options"] = {own: _option(price), **_options(params)}
    call.store.add(price)
    emit(call, "price.created", price)
    return price


def currency(asked: str) -> str:
    """As Stripe writes it. Raises ApiError for one that there is not."""
    if asked.lower() in CURRENCIES:
        return asked.lower()
    supported = ", ".join(sorted(CURRENCIES))
    raise invalid(f"Invalid currency: {asked.lower()}. Stripe currently supports these currencies: {supported}",
                  "currency")  # fmt: skip


def _amount(params: Mapping[str, Any]) -> Object:
    given = [name for name in AMOUNTS if name in params]
    if params.get("billing_scheme") == "tiered":
        if "tiers" not in params:
            raise missing_param("tiers")
        return {"tiers": [_tier(tier) for tier in params["tiers"]]}
    if not given:
        raise missing_param("unit_amount")
    if len(given) > 1:
        raise invalid(f"You may only specify one of these parameters: {', '.join(given)}.", given[1])
    if "custom_unit_amount" in given:
        limits = {"maximum": None, "minimum": None, "preset": None}
        custom = {name: value for name, value in params["custom_unit_amount"].items() if name in limits}
        return {"custom_unit_amount": limits | custom}
    amount = Decimal(params[given[0]])
    if amount < 0:
        raise invalid("Invalid non-negative integer", given[0], "parameter_invalid_integer")
    return _amounts("unit_amount", amount)


def _amounts(name: str, amount: Decimal | None) -> Object:
    """An amount as Stripe shows it twice: an integer where it is one, and a decimal string."""
    if amount is None:
        return {name: None, f"{name}_decimal": None}
    whole = amount == amount.to_integral_value()
    return {name: int(amount) if whole else None, f"{name}_decimal": f"{amount.normalize():f}"}


def _tier(tier: Mapping[str, Any]) -> Object:
    shown: Object = {"up_to": None if tier["up_to"] == "inf" else tier["up_to"]}
    for name in ("flat_amount", "unit_amount"):
        amount = tier.get(name, tier.get(f"{name}_decimal"))
        shown |= _amounts(name, None if amount is None else Decimal(amount))
    return shown


def _recurring(params: Mapping[str, Any]) -> Object:
    given = params.get("recurring")
    if given is None:
        return {"recurring": None, "type": "one_time"}
    count = given.get("interval_count", 1)
    if not 1 <= count <= MONTHS_AT_MOST[given["interval"]]:
        raise invalid("Invalid interval_count: the interval must be at least one and at most three years long.",
                      "recurring[interval_count]")  # fmt: skip
    usual = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
    return {"recurring": {**usual, **given}, "type": "recurring"}


def _option(price: Object) -> Object:
    names = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {name: price[name] for name in names}


def _options(params: Mapping[str, Any]) -> Object:
    """Prices in further currencies."""
    given = params.get("currency_options") or {}
    usual = {"custom_unit_amount": None, "tax_behavior": "unspecified"}
    return {
        code: usual | {name: option[name] for name in usual if name in option} | _amount(option)
        for code, option in given.items()
    }


def total(price: Object, quantity: int) -> int:
    """Cents, rounded where the price has fractions of them; tiered and custom prices count as nothing here."""
    if price["unit_amount_decimal"] is None:
        return 0
    exact = Decimal(price["unit_amount_decimal"]) * quantity
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _claim_lookup_key(call: Call, price: Object, params: Mapping[str, Any]) -> None:
    key = params.get("lookup_key")
    if key is None:
        return
    holders = [other for other in call.store.newest_first("price") if other["lookup_key"] == key]
    for holder in holders:
        if holder["id"] != price["id"] and not params.get("transfer_lookup_key"):
            raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
        holder["lookup_key"] = None
    price["lookup_key"] = key


def update(call: Call) -> Object:
    """``POST /v1/prices/{id}``; amounts and intervals never change."""
    price = call.stored("price", "price", "price")
    before = copy.deepcopy(price)
    if call.params.get("active") is False and _is_default(call, price):
        raise invalid("This price cannot be archived because it is the default price of its product.", "active")
    _claim_lookup_key(call, price, call.params)
    price |= {name: call.params[name] for name in ("active", "nickname", "tax_behavior") if name in call.params}
    price["currency_options"] |= _options(call.params)
    if "metadata" in call.params:
        price["metadata"] = merge_metadata(price["metadata"], call.params["metadata"])
    changed(call, "price.updated", price, before)
    return price


def _is_default(call: Call, price: Object) -> bool:
    product = call.store.get("product", price["product"])
    return product is not None and product["default_price"] == price["id"]


def retrieve(call: Call) -> Object:
    """``GET /v1/prices/{id}``."""
    return call.stored("price", "price", "price")


def list_all(call: Call) -> Object:
    """``GET /v1/prices``."""
    params = dict(call.params)
    keys = params.pop("lookup_keys", None)
    found = matching(call.store.newest_first("price"), params)
    return page([price for price in found if keys is None or price["lookup_key"] in keys], params, "/v1/prices")


ROUTES = (
    Route(method="POST", path="/v1/prices", params="price.create", permission="rak_plan_write", run=create),
    Route(method="GET", path="/v1/prices", params="price.list", permission="rak_plan_read", run=list_all),
    Route(method="GET", path="/v1/prices/{id}", params="price.retrieve", permission="rak_plan_read", run=retrieve),
    Route(method="POST", path="/v1/prices/{id}", params="price.update", permission="rak_plan_write", run=update),
)
