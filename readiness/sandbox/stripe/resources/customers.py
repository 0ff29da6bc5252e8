"""Customers (https://docs.stripe.com/api/customers)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe import subscribing
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import payment_methods
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id

COPIED = (
    "address", "balance", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt",
)  # fmt: skip


def create(call: Call) -> Object:
    """``POST /v1/customers``."""
    return add(call, call.params)


def add(call: Call, params: Mapping[str, Any]) -> Object:
    """A new customer."""
    customer = blank("customer")
    customer |= {"id": new_id("cus_", 14), "created": call.now, "livemode": call.livemode}
    customer["invoice_prefix"] = random_text(8).upper()
    call.store.add(customer)
    _assign(call, customer, params)
    emit(call, "customer.created", customer)
    return customer


def update(call: Call) -> Object:
    """``POST /v1/customers/{id}``."""
    customer = _stored(call)
    before = copy.deepcopy(customer)
    _assign(call, customer, call.params)
    changed(call, "customer.updated", customer, before)
    return customer


def _assign(call: Call, customer: Object, params: Mapping[str, Any]) -> None:
    customer |= {name: params[name] for name in COPIED if name in params}
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    attached: dict[str, str] = {}
    if "payment_method" in params:
        method = payment_methods.named(call, params["payment_method"])
        attached[params["payment_method"]] = payment_methods.attach_to(call, method, customer)["id"]
    default = (params.get("invoice_settings") or {}).get("default_payment_method")
    if default:
        known = attached.get(default) or call.named("payment_method", default, "invoice_settings")["id"]
        customer["invoice_settings"]["default_payment_method"] = known


def delete(call: Call) -> Object:
    """``DELETE /v1/customers/{id}``: subscriptions end with it."""
    customer = _stored(call)
    for subscription in call.store.newest_first("subscription"):
        if subscription["customer"] == customer["id"] and subscription["status"] != "canceled":
            subscribing.end(call, subscription)
    emit(call, "customer.deleted", customer)
    return call.store.remove(customer)


def retrieve(call: Call) -> Object:
    """``GET /v1/customers/{id}``, which tells that one was deleted."""
    return call.store.removed(call.id) or _stored(call)


def _stored(call: Call) -> Object:
    return call.stored("customer", "customer", "id")


def list_all(call: Call) -> Object:
    """``GET /v1/customers``."""
    return page(matching(call.store.newest_first("customer"), call.params), call.params, "/v1/customers")


ROUTES = (
    Route(method="POST", path="/v1/customers", params="customer.create", permission="rak_customer_write", run=create),
    Route(method="GET", path="/v1/customers", params="customer.list", permission="rak_customer_read", run=list_all),
    Route(
        method="GET",
        path="/v1/customers/{id}",
        params="customer.retrieve",
        permission="rak_customer_read",
        run=retrieve,
    ),
    Route(
        method="POST", path="/v1/customers/{id}", params="customer.update", permission="rak_customer_write", run=update
    ),
    Route(
        method="DELETE",
        path="/v1/customers/{id}",
        params="customer.delete",
        permission="rak_customer_write",
        run=delete,
    ),
)
