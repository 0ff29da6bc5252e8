"""Invoices and their items (https://docs.stripe.com/api/invoices)."""

from __future__ import annotations

from readiness.sandbox.stripe import invoicing, subscribing
from readiness.sandbox.stripe.errors import ApiError, missing_param
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import payment_methods
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object

KIND, PATH = "invoice", "/v1/invoices"
ITEM, ITEMS = "invoiceitem", "/v1/invoiceitems"


def create(call: Call) -> Object:
    """``POST /v1/invoices``: a draft with the customer's pending items, where it asks for them."""
    params = call.params
    if "customer" not in params:
        raise missing_param("customer")
    customer = call.named("customer", params["customer"], "customer")
    wanted = params.get("pending_invoice_items_behavior", "exclude") == "include"
    pending = [item for item in call.store.newest_first(ITEM) if _waits(item, customer)] if wanted else []
    currency = params.get("currency") or (pending[0]["currency"] if pending else "usd")
    metadata = merge_metadata({}, params.get("metadata", {}))
    invoice = invoicing.draft(
        call,
        customer,
        currency,
        [invoicing.line_of(call, item) for item in pending],
        description=params.get("description"),
        auto_advance=params.get("auto_advance", False),
        metadata=metadata,
    )
    for item in pending:
        item["invoice"] = invoice["id"]
    return invoice


def _waits(item: Object, customer: Object) -> bool:
    return item["customer"] == customer["id"] and item["invoice"] is None


def finalize(call: Call) -> Object:
    """``POST /v1/invoices/{id}/finalize``."""
    return invoicing.finalize(call, retrieve(call))


def pay(call: Call) -> Object:
    """``POST /v1/invoices/{id}/pay``; a subscription that waited for it becomes active."""
    invoice = _pay(call, retrieve(call))
    subscription = call.store.get("subscription", subscription_of(invoice) or "")
    if subscription is not None and invoice["status"] == "paid":
        subscribing.paid(call, subscription)
    return invoice


def _pay(call: Call, invoice: Object) -> Object:
    params = call.params
    customer = call.named("customer", invoice["customer"], "customer")
    if params.get("paid_out_of_band"):
        if invoice["status"] == "draft":
            invoicing.finalize(call, invoice)
        return invoicing.settle(call, invoice)
    given = payment_methods.named(call, params["payment_method"]) if params.get("payment_method") else None
    return invoicing.pay(call, invoice, given or invoicing.method_of(call, customer, invoice["default_payment_method"]))


def void(call: Call) -> Object:
    """``POST /v1/invoices/{id}/void``."""
    return invoicing.void(call, retrieve(call))


def retrieve(call: Call) -> Object:
    """``GET /v1/invoices/{id}``."""
    return call.stored(KIND, "invoice", "invoice")


def list_all(call: Call) -> Object:
    """``GET /v1/invoices``."""
    params = dict(call.params)
    subscription = params.pop("subscription", None)
    found = [one for one in call.store.newest_first(KIND) if subscription in {None, subscription_of(one)}]
    return page(matching(found, params), params, PATH)


def subscription_of(invoice: Object) -> str | None:
    """The subscription that an invoice is for."""
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def create_item(call: Call) -> Object:
    """``POST /v1/invoiceitems``: an amount that the customer's next invoice asks for."""
    params = call.params
    customer = call.named("customer", params["customer"], "customer")
    if "amount" not in params:
        raise ApiError("The sandbox makes invoice items of an amount and a currency only.", param="amount")
    metadata = merge_metadata({}, params.get("metadata") or {})
    currency, description = params.get("currency", "usd").lower(), params.get("description")
    return invoicing.item(call, customer, params["amount"], currency, description=description, metadata=metadata)


READ, WRITE = "rak_invoice_read", "rak_invoice_write"
ONE = f"{PATH}/{{id}}"
ROUTES = (
    Route(method="POST", path=PATH, params=f"{KIND}.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params=f"{KIND}.list", permission=READ, run=list_all),
    Route(method="GET", path=ONE, params=f"{KIND}.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{ONE}/finalize", params=f"{KIND}.finalize", permission=WRITE, run=finalize),
    Route(method="POST", path=f"{ONE}/pay", params=f"{KIND}.pay", permission=WRITE, run=pay),
    Route(method="POST", path=f"{ONE}/void", params=f"{KIND}.void", permission=WRITE, run=void),
    Route(method="POST", path=ITEMS, params=f"{ITEM}.create", permission=WRITE, run=create_item),
)
