"""Payment methods: cards and bank accounts of the test set (https://docs.stripe.com/api/payment_methods)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe.cards import BANK, BY_ALIAS, BY_LAST4, BY_NUMBER, Card
from readiness.sandbox.stripe.errors import ApiError, invalid, missing_param
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id

KIND, PATH = "payment_method", "/v1/payment_methods"
EXPIRES = 2034
PM, TOK = "pm_card_", "tok_"


def create(call: Call) -> Object:
    """``POST /v1/payment_methods``."""
    params = call.params
    if params.get("type") == "us_bank_account":
        return add(call, BANK, params)
    if params.get("type") != "card":
        raise invalid("The sandbox has payment methods of the types card and us_bank_account.", "type")
    return add(call, _card(params.get("card") or {}), params)


def add(call: Call, card: Card, params: Mapping[str, Any]) -> Object:
    """A new payment method with a test card or the test bank account."""
    method = blank(KIND)
    method |= {"id": new_id("pm_1", 23), "created": call.now, "livemode": call.livemode}
    method["type"] = "us_bank_account" if card is BANK else "card"
    method[method["type"]] = _bank() if card is BANK else _shown(card)
    details = dict(params.get("billing_details") or {})
    address = {**method["billing_details"]["address"], **(details.pop("address", None) or {})}
    method["billing_details"] |= {**details, "address": address}
    method["metadata"] = merge_metadata({}, params.get("metadata", {}))
    return call.store.add(method)


def named(call: Call, id: str, param: str = "payment_method") -> Object:
    """The method of that id; ``pm_card_visa`` and the like are made anew each time. Raises ApiError."""
    token = id.removeprefix(PM)
    if id.startswith(PM) and token in BY_ALIAS:
        return add(call, BY_ALIAS[token], {})
    return call.named(KIND, id, param)


def card_of(method: Object) -> Card:
    """Which test card it is."""
    return BY_LAST4[method[method["type"]]["last4"]]


def attach(call: Call) -> Object:
    """``POST /v1/payment_methods/{id}/attach``."""
    method = named(call, call.id)
    return attach_to(call, method, call.named("customer", call.params["customer"], "customer"))


def attach_to(call: Call, method: Object, customer: Object) -> Object:
    """Make it the customer's. Raises ApiError where it is somebody else's."""
    if method["customer"] not in {None, customer["id"]}:
        raise ApiError("The payment method you provided has already been attached to a customer.")
    if method["customer"] is None:
        method["customer"] = customer["id"]
        emit(call, "payment_method.attached", method)
    return method


def retrieve(call: Call) -> Object:
    """``GET /v1/payment_methods/{id}``."""
    return call.stored(KIND, "PaymentMethod", "payment_method")


def list_all(call: Call) -> Object:
    """``GET /v1/payment_methods``."""
    return page(matching(call.store.newest_first(KIND), call.params), call.params, PATH)


def list_of_customer(call: Call) -> Object:
    """``GET /v1/customers/{id}/payment_methods``."""
    customer = call.stored("customer", "customer", "customer")["id"]
    found = [method for method in call.store.newest_first(KIND) if method["customer"] == customer]
    return page(matching(found, call.params), call.params, f"/v1/customers/{customer}/payment_methods")


def _card(asked: Mapping[str, Any]) -> Card:
    """The test card that a token or a number names. Raises ApiError: another number, as in test mode."""
    token, number = asked.get("token", ""), asked.get("number", "")
    found = BY_ALIAS.get(token.removeprefix(TOK)) if token else BY_NUMBER.get(number.replace(" ", ""))
    if found is not None:
        return found
    if not token and not number:
        raise missing_param("card")
    if token:
        raise invalid(f"No such token: '{token}'", "card[token]", "resource_missing")
    raise ApiError(
        "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test "
        "cards, visit: https://stripe.com/docs/testing.",
        status=402,
        kind="card_error",
        code="card_declined",
        param="number",
        more={"decline_code": "test_mode_live_card"},
    )


def _shown(card: Card) -> Object:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": EXPIRES,
        "fingerprint": random_text(16),
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank() -> Object:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": random_text(16),
        "last4": BANK.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


READ, WRITE = "rak_payment_method_read", "rak_payment_method_write"
ROUTES = (
    Route(method="POST", path=PATH, params="payment_method.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params="payment_method.list", permission=READ, run=list_all),
    Route(method="GET", path=f"{PATH}/{{id}}", params="payment_method.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{PATH}/{{id}}/attach", params="payment_method.attach", permission=WRITE, run=attach),
    Route(
        method="GET",
        path="/v1/customers/{id}/payment_methods",
        params="customer.list_payment_methods",
        permission=READ,
        run=list_of_customer,
    ),
)
