"""Checkout sessions (https://docs.stripe.com/api/checkout/sessions)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe import buying
from readiness.sandbox.stripe.errors import invalid
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import line_items, payment_methods, session_rules
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id

COPIED = (
    "allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id", "customer",
    "customer_email", "integration_identifier", "locale", "origin_context", "payment_method_collection",
    "payment_method_types", "permissions", "phone_number_collection", "redirect_on_completion", "return_url",
    "submit_type", "success_url", "ui_mode",
)  # fmt: skip
MERGED = ("adaptive_pricing", "branding_settings", "custom_text", "managed_payments", "payment_method_options")
"""Hashes that are there in any case, and that a request fills in."""
COMPLETED: Mapping[str, Object] = {
    "consent_collection": {"payment_method_reuse_agreement": None, "promotions": None, "terms_of_service": None},
    "shipping_address_collection": {},
    "tax_id_collection": {"required": "never"},
}
"""Hashes that are there when a request has them, and what it may leave out."""
HANDED_ON = {"subscription": "subscription", "payment": "payment_intent", "setup": "setup_intent"}
"""Mode -> what a session makes, as its parameter ``..._data`` names it."""
DAY = 24 * 3600


def create(call: Call) -> Object:
    """``POST /v1/checkout/sessions``."""
    params = call.params
    session_rules.require(call)
    session = blank("checkout.session")
    prefix = f"cs_{'live' if call.livemode else 'test'}_"
    session |= {"id": new_id(f"{prefix}a1", 58), "created": call.now, "livemode": call.livemode}
    session |= {"mode": params["mode"], "expires_at": params.get("expires_at", call.now + DAY)}
    session |= {name: params[name] for name in COPIED if name in params}
    session |= {name: {**session[name], **params[name]} for name in MERGED if name in params}
    session |= {name: {**COMPLETED[name], **params[name]} for name in COMPLETED if name in params}
    session["metadata"] = merge_metadata({}, params.get("metadata", {}))
    session |= _entrance(call, session) | _customer_details(call) | _automatic_tax(params)
    if params["mode"] == "setup":
        session |= {"currency": params.get("currency"), "payment_status": "no_payment_required"}
    else:
        session |= _purchase(call)
    call.store.asked[session["id"]] = dict(params.get(f"{HANDED_ON[params['mode']]}_data", {}))
    return call.store.add(session)


def _entrance(call: Call, session: Object) -> Object:
    """Where the customer goes: our pay page, or the secret that an embedded page needs."""
    if session["ui_mode"] == "hosted_page":
        return {"url": f"{call.url}/c/pay/{session['id']}"}
    return {"client_secret": new_id(f"{session['id']}_secret_", 40)}


def _purchase(call: Call) -> Object:
    """What is bought, and what follows from it."""
    items = line_items.make(call)
    subscription = call.params["mode"] == "subscription"
    collection = "always" if subscription else "if_required"
    return {
        "line_items": items,
        "currency": items[0]["currency"],
        "amount_subtotal": sum(item["amount_subtotal"] for item in items),
        "amount_total": sum(item["amount_total"] for item in items),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "customer_creation": None if subscription else call.params.get("customer_creation", "if_required"),
        "payment_method_collection": call.params.get("payment_method_collection", collection),
        "payment_method_options": {
            "card": {"request_three_d_secure": "automatic"},
            **call.params.get("payment_method_options", {}),
        },
    }


def _customer_details(call: Call) -> Object:
    email = call.params.get("customer_email")
    if "customer" in call.params:
        email = call.named("customer", call.params["customer"], "customer")["email"]
    if email is None:
        return {"customer_details": None}
    nothing = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone", "tax_ids"))
    return {"customer_details": {**nothing, "email": email, "tax_exempt": "none"}}


def _automatic_tax(params: Mapping[str, Any]) -> Object:
    asked = params.get("automatic_tax", {})
    if not asked.get("enabled"):
        return {}
    liability = asked.get("liability", {"type": "self"})
    tax = {"enabled": True, "liability": liability, "provider": "stripe", "status": "requires_location_inputs"}
    return {"automatic_tax": tax}


def expire_due(call: Call) -> None:
    """Sessions end at their time."""
    for session in call.store.newest_first("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= call.now:
            session |= {"status": "expired", "url": None}
            emit(call, "checkout.session.expired", session)


def retrieve(call: Call) -> Object:
    """``GET /v1/checkout/sessions/{id}``."""
    return call.stored("checkout.session", "checkout.session", "session")


def list_all(call: Call) -> Object:
    """``GET /v1/checkout/sessions``."""
    found = matching(call.store.newest_first("checkout.session"), call.params)
    return page(found, call.params, "/v1/checkout/sessions")


def list_line_items(call: Call) -> Object:
    """``GET /v1/checkout/sessions/{id}/line_items``."""
    session = retrieve(call)
    return page(session["line_items"], call.params, f"/v1/checkout/sessions/{session['id']}/line_items")


def expire(call: Call) -> Object:
    """``POST /v1/checkout/sessions/{id}/expire``."""
    session = retrieve(call)
    buying.require_open(session, "expired")
    session |= {"status": "expired", "url": None}
    emit(call, "checkout.session.expired", session)
    return session


def complete(call: Call) -> Object:
    """What a page leaves behind that was paid with the first test card; no call of Stripe's API."""
    session = retrieve(call)
    return buying.pay(call, session, payment_methods.named(call, "pm_card_visa"))


def confirm_page(call: Call) -> Object:
    """``POST /v1/payment_pages/{id}/confirm``: what the hosted page sends, and Stripe's own CLI."""
    session, params = retrieve(call), call.params
    if params.get("expected_amount", session["amount_total"]) != session["amount_total"]:
        raise invalid("The amount of this session has changed.", "expected_amount")
    return buying.pay(call, session, payment_methods.named(call, params["payment_method"]))


READ, WRITE = "rak_checkout_session_read", "rak_checkout_session_write"
ROUTES = (
    Route(method="POST", path="/v1/checkout/sessions", params="checkout.session.create", permission=WRITE, run=create),
    Route(method="GET", path="/v1/checkout/sessions", params="checkout.session.list", permission=READ, run=list_all),
    Route(
        method="GET",
        path="/v1/checkout/sessions/{id}",
        params="checkout.session.retrieve",
        permission=READ,
        run=retrieve,
    ),
    Route(
        method="POST",
        path="/v1/checkout/sessions/{id}/expire",
        params="checkout.session.expire",
        permission=WRITE,
        run=expire,
    ),
    Route(
        method="GET",
        path="/v1/checkout/sessions/{id}/line_items",
        params="checkout.session.list_line_items",
        permission=READ,
        run=list_line_items,
    ),
    Route(method="GET", path="/v1/payment_pages/{id}", params="payment_page.retrieve", permission=READ, run=retrieve),
    Route(
        method="POST",
        path="/v1/payment_pages/{id}/confirm",
        params="payment_page.confirm",
        permission=WRITE,
        run=confirm_page,
    ),
)
