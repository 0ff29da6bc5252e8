"""Payment intents, and the charges that come of them (https://docs.stripe.com/api/payment_intents)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe import paying
from readiness.sandbox.stripe.errors import ApiError, invalid
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import payment_methods, prices
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object

KIND, PATH = "payment_intent", "/v1/payment_intents"
COPIED = (
    "capture_method", "description", "payment_method_types", "receipt_email", "setup_future_usage", "shipping",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip
LEAST, MOST = 50, 99_999_999
"""Cents; Stripe's smallest charge in most currencies, and its largest (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""


def create(call: Call) -> Object:
    """``POST /v1/payment_intents``."""
    params = call.params
    currency = prices.currency(params["currency"])
    if params["amount"] < LEAST:
        raise invalid(f"Amount must be at least ${LEAST / 100:.2f} {currency}", "amount", "amount_too_small")
    if params["amount"] > MOST:
        raise invalid(f"Amount must be no more than ${MOST / 100:,.2f} {currency}", "amount", "amount_too_large")
    fields = {name: params[name] for name in COPIED if params.get(name) is not None}
    if "customer" in params:
        fields["customer"] = call.named("customer", params["customer"], "customer")["id"]
    metadata = merge_metadata({}, params.get("metadata", {}))
    method = payment_methods.named(call, params["payment_method"]) if "payment_method" in params else None
    intent = paying.new_intent(call, params["amount"], currency, **fields, metadata=metadata)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return _confirm(call, intent, params) if params.get("confirm") else intent


def confirm(call: Call) -> Object:
    """``POST /v1/payment_intents/{id}/confirm``."""
    return _confirm(call, retrieve(call), call.params)


def _confirm(call: Call, intent: Object, params: Mapping[str, Any]) -> Object:
    named = params.get("payment_method") or intent["payment_method"]
    if named is None:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    known = call.store.get(payment_methods.KIND, named)
    return paying.confirm(call, intent, known or payment_methods.named(call, named))


def capture(call: Call) -> Object:
    """``POST /v1/payment_intents/{id}/capture``."""
    intent = retrieve(call)
    if intent["status"] != "requires_capture":
        raise _unexpected("captured", intent)
    amount = call.params.get("amount_to_capture", intent["amount_capturable"])
    if not 1 <= amount <= intent["amount_capturable"]:
        raise invalid(
            f"The amount to capture ({amount}) must be at least 1 and no more than the PaymentIntent's "
            f"amount_capturable ({intent['amount_capturable']}).",
            "amount_to_capture",
            "amount_too_large" if amount > 0 else "parameter_invalid_integer",
        )
    return paying.capture(call, intent, amount)


def cancel(call: Call) -> Object:
    """``POST /v1/payment_intents/{id}/cancel``."""
    intent = retrieve(call)
    if intent["status"] not in paying.CONFIRMABLE | {"requires_capture", "processing"}:
        raise _unexpected("canceled", intent)
    intent |= {"status": "canceled", "canceled_at": call.now, "next_action": None, "amount_capturable": 0}
    intent["cancellation_reason"] = call.params.get("cancellation_reason")
    emit(call, "payment_intent.canceled", intent)
    return intent


def retrieve(call: Call) -> Object:
    """``GET /v1/payment_intents/{id}``."""
    return call.stored(KIND, "payment_intent", "intent")


def list_all(call: Call) -> Object:
    """``GET /v1/payment_intents``."""
    return page(matching(call.store.newest_first(KIND), call.params), call.params, PATH)


def retrieve_charge(call: Call) -> Object:
    """``GET /v1/charges/{id}``."""
    return call.stored("charge", "charge", "id")


def list_charges(call: Call) -> Object:
    """``GET /v1/charges``."""
    return page(matching(call.store.newest_first("charge"), call.params), call.params, "/v1/charges")


def balance(call: Call) -> Object:
    """``GET /v1/balance``: what was captured, pending as on the first days."""
    sums: dict[str, int] = {"usd": 0}
    for charge in call.store.newest_first("charge"):
        sums[charge["currency"]] = sums.get(charge["currency"], 0) + charge["amount_captured"]
    pending = [{"amount": total, "currency": name, "source_types": {"card": total}} for name, total in sums.items()]
    available = [{"amount": 0, "currency": name, "source_types": {"card": 0}} for name in sums]
    return {"object": "balance", "available": available, "livemode": call.livemode, "pending": pending}


def retrieve_setup_intent(call: Call) -> Object:
    """``GET /v1/setup_intents/{id}``."""
    return call.stored("setup_intent", "setupintent", "intent")


def _unexpected(what: str, intent: Object) -> ApiError:
    return ApiError(
        f"This PaymentIntent could not be {what} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )


READ, WRITE = "rak_payment_intent_read", "rak_payment_intent_write"
ONE = f"{PATH}/{{id}}"
ROUTES = (
    Route(method="POST", path=PATH, params=f"{KIND}.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params=f"{KIND}.list", permission=READ, run=list_all),
    Route(method="GET", path=ONE, params=f"{KIND}.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{ONE}/confirm", params=f"{KIND}.confirm", permission=WRITE, run=confirm),
    Route(method="POST", path=f"{ONE}/capture", params=f"{KIND}.capture", permission=WRITE, run=capture),
    Route(method="POST", path=f"{ONE}/cancel", params=f"{KIND}.cancel", permission=WRITE, run=cancel),
    Route(method="GET", path="/v1/charges", params="charge.list", permission="rak_charge_read", run=list_charges),
    Route(
        method="GET",
        path="/v1/charges/{id}",
        params="charge.retrieve",
        permission="rak_charge_read",
        run=retrieve_charge,
    ),
    Route(method="GET", path="/v1/balance", params="balance.retrieve", permission="rak_balance_read", run=balance),
    Route(
        method="GET",
        path="/v1/setup_intents/{id}",
        params="setup_intent.retrieve",
        permission="rak_setup_intent_read",
        run=retrieve_setup_intent,
    ),
)
