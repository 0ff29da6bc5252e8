"""Subscriptions (https://docs.stripe.com/api/subscriptions)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.sandbox.stripe import invoicing, subscribing
from readiness.sandbox.stripe.errors import ApiError, invalid, missing_param
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import payment_methods, prices
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object

KIND, PATH = "subscription", "/v1/subscriptions"
ENDED = ("canceled", "incomplete_expired")


def create(call: Call) -> Object:
    """``POST /v1/subscriptions``: the first invoice is paid at once, or the subscription is incomplete."""
    params = call.params
    if not params.get("items"):
        raise missing_param("items")
    customer = call.named("customer", params.get("customer", ""), "customer")
    fields: dict[str, Any] = {"metadata": merge_metadata({}, params.get("metadata") or {})}
    fields |= {name: params[name] for name in ("cancel_at_period_end", "description") if name in params}
    given = params.get("default_payment_method")
    if given:
        fields["default_payment_method"] = payment_methods.named(call, given, "default_payment_method")["id"]
    method = invoicing.method_of(call, customer, fields.get("default_payment_method"))
    trial = subscribing.trial_end(params, call.now)
    if method is None and not trial and params.get("payment_behavior", "allow_incomplete") != "default_incomplete":
        raise ApiError(
            "This customer has no attached payment source or default payment method. Please consider adding a default "
            "payment method. For more information, visit "
            "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            code="resource_missing",
        )
    subscription = subscribing.begin(call, customer, list(_items(call)), **fields)
    return _trial(call, subscription, trial) if trial else _first(call, subscription, method)


def _items(call: Call) -> Iterator[Mapping[str, Any]]:
    for index, asked in enumerate(call.params["items"]):
        name = f"items[{index}]"
        if "price_data" in asked:
            price = prices.add(call, {**asked["price_data"], "active": False})
        elif asked.get("price") or asked.get("plan"):
            price = call.named("price", asked.get("price") or asked["plan"], f"{name}[price]")
        else:
            raise missing_param(f"{name}[price]")
        if price["type"] != "recurring":
            raise invalid("The price specified is set to `type=one_time` but this field only accepts prices with "
                          "`type=recurring`.", f"{name}[price]")  # fmt: skip
        yield {"price": price, "quantity": asked.get("quantity", 1)}


def _trial(call: Call, subscription: Object, ends: int) -> Object:
    subscribing.try_out(call, subscription, ends)
    invoicing.settle(call, subscribing.bill(call, subscription, "subscription_create"))
    emit(call, "customer.subscription.created", subscription)
    return subscription


def _first(call: Call, subscription: Object, method: Object | None) -> Object:
    invoice = subscribing.bill(call, subscription, "subscription_create")
    if call.params.get("payment_behavior") == "default_incomplete":
        emit(call, "customer.subscription.created", subscription)
        return subscription
    try:
        if invoicing.pay(call, invoice, method)["status"] == "paid":
            subscription["status"] = "active"
    except ApiError:
        if call.params.get("payment_behavior") == "error_if_incomplete":
            raise
    emit(call, "customer.subscription.created", subscription)
    return subscription


def update(call: Call) -> Object:
    """``POST /v1/subscriptions/{id}``: metadata, its end, its payment method, prices and quantities."""
    subscription, params = retrieve(call), call.params
    if subscription["status"] in ENDED:
        raise ApiError("A canceled subscription can only update its cancellation_details and metadata.")
    before = copy.deepcopy(subscription)
    if "metadata" in params:
        subscription["metadata"] = merge_metadata(subscription["metadata"], params["metadata"])
    _set_end(call, subscription)
    if params.get("default_payment_method"):
        method = payment_methods.named(call, params["default_payment_method"], "default_payment_method")
        subscription["default_payment_method"] = method["id"]
    for index, asked in enumerate(params.get("items", ())):
        _change(call, subscription, asked, f"items[{index}]")
    changed(call, "customer.subscription.updated", subscription, before)
    return subscription


def _set_end(call: Call, subscription: Object) -> None:
    """When it will end, as the parameters say: at a time, with a period, or not at all."""
    params = call.params
    if "cancel_at" not in params and "cancel_at_period_end" not in params:
        return
    periods = [one["current_period_end"] for one in subscription["items"]["data"]]
    at = params.get("cancel_at")
    if isinstance(at, str):
        at = min(periods) if at == "min_period_end" else max(periods)
    at_period_end = params.get("cancel_at_period_end", False)
    subscription |= {"cancel_at_period_end": at_period_end, "cancel_at": max(periods) if at_period_end else at}
    subscription["canceled_at"] = call.now if subscription["cancel_at"] else None


def _change(call: Call, subscription: Object, asked: Mapping[str, Any], name: str) -> None:
    known = {one["id"]: one for one in subscription["items"]["data"]}
    if asked.get("id") not in known:
        raise invalid(f"No such subscription item: '{asked.get('id')}'", f"{name}[id]", "resource_missing")
    one = known[asked["id"]]
    if "quantity" in asked:
        one["quantity"] = asked["quantity"]
    if "price" in asked:
        price = call.named("price", asked["price"], f"{name}[price]")
        one |= {"price": price["id"], "plan": subscribing.plan_of(price)}


def cancel(call: Call) -> Object:
    """``DELETE /v1/subscriptions/{id}``."""
    return subscribing.end(call, retrieve(call))


def retrieve(call: Call) -> Object:
    """``GET /v1/subscriptions/{id}``."""
    return call.stored(KIND, "subscription", "id")


def list_all(call: Call) -> Object:
    """``GET /v1/subscriptions``: those that have not ended, unless a status is asked for."""
    params = dict(call.params)
    status, price = params.pop("status", None), params.pop("price", None)
    found = [
        one
        for one in call.store.newest_first(KIND)
        if _has(one, price) and (one["status"] not in ENDED if status is None else _is(one, status))
    ]
    return page(matching(found, params), params, PATH)


def _has(subscription: Object, price: str | None) -> bool:
    return price is None or any(one["price"] == price for one in subscription["items"]["data"])


def _is(subscription: Object, status: str) -> bool:
    return status == "all" or subscription["status"] in (ENDED if status == "ended" else (status,))


READ, WRITE = "rak_subscription_read", "rak_subscription_write"
ONE = f"{PATH}/{{id}}"
ROUTES = (
    Route(method="POST", path=PATH, params=f"{KIND}.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params=f"{KIND}.list", permission=READ, run=list_all),
    Route(method="GET", path=ONE, params=f"{KIND}.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=ONE, params=f"{KIND}.update", permission=WRITE, run=update),
    Route(method="DELETE", path=ONE, params=f"{KIND}.cancel", permission=WRITE, run=cancel),
)
