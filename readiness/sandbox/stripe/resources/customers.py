"""Customers, as far as checkout sessions need them (https://docs.stripe.com/api/customers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
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
    customer |= {name: params[name] for name in COPIED if name in params}
    customer["invoice_prefix"] = random_text(8).upper()
    customer["metadata"] = merge_metadata({}, params.get("metadata", {}))
    return call.store.add(customer)


def retrieve(call: Call) -> Object:
    """``GET /v1/customers/{id}``."""
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
)
