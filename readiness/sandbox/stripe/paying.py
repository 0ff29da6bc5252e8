"""How money moves, or does not: a payment intent is confirmed, and a charge comes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe.cards import RETURNED, Card, Fate
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.expand import show
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.resources.payment_methods import card_of
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

BANK_SHOWN = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
CARD_SHOWN = (
    "brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status",
    "wallet",
)  # fmt: skip
CARD_UNKNOWN = (
    "authorization_code", "electronic_commerce_indicator", "installments", "mandate", "three_d_secure",
    "transaction_link_id",
)  # fmt: skip
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}


def new_intent(call: Call, amount: int, currency: str, **fields: Any) -> Object:
    """A payment intent that waits for its payment method."""
    intent = blank("payment_intent")
    own = new_id("pi_3", 23)
    intent |= {"id": own, "created": call.now, "livemode": call.livemode, "amount": amount, "currency": currency}
    intent |= {"client_secret": f"{own}_secret_{random_text(25)}", **fields}
    call.store.add(intent)
    emit(call, "payment_intent.created", intent)
    return intent


def confirm(call: Call, intent: Object, method: Object, *, authenticated: bool = False) -> Object:
    """Try to pay. Raises ApiError 402 where the card is declined; the intent then waits for another one."""
    if intent["status"] not in CONFIRMABLE:
        raise ApiError(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            more={"payment_intent": show(intent, {}, call.store)},
        )
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    card = card_of(method)
    if card.fate is Fate.AUTHENTICATE and not authenticated:
        return _ask(call, intent)
    if card.fate is Fate.DECLINED:
        return decline(call, intent, method, card)
    if card.fate is Fate.PROCESSING:
        intent |= {"status": "processing", "payment_method_types": ["us_bank_account"]}
        emit(call, "payment_intent.processing", intent)
        return intent
    return succeed(call, intent, method)


def succeed(call: Call, intent: Object, method: Object) -> Object:
    """The money is there, or reserved where it is captured by hand."""
    by_hand = intent["capture_method"] == "manual"
    charge = _charge(call, intent, method)
    charge |= {"status": "succeeded", "paid": True, "captured": not by_hand}
    charge |= {"amount_captured": 0 if by_hand else intent["amount"], "outcome": _outcome(None)}
    charge["balance_transaction"] = None if by_hand else new_id("txn_3", 23)
    intent["latest_charge"] = charge["id"]
    emit(call, "charge.succeeded", charge)
    if by_hand:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        emit(call, "payment_intent.amount_capturable_updated", intent)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        emit(call, "payment_intent.succeeded", intent)
    return intent


def capture(call: Call, intent: Object, amount: int) -> Object:
    """Take what was reserved."""
    charge = call.named("charge", intent["latest_charge"], "charge")
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": new_id("txn_3", 23)}
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    emit(call, "charge.captured", charge)
    emit(call, "payment_intent.succeeded", intent)
    return intent


def decline(call: Call, intent: Object, method: Object, card: Card) -> Object:
    """The bank says no. Raises ApiError 402, always."""
    charge = _charge(call, intent, method)
    charge |= {"status": "failed", "failure_code": card.code, "failure_message": card.message}
    charge["outcome"] = _outcome(card)
    error: dict[str, Any] = {"charge": charge["id"], "code": card.code, "message": card.message, "type": "card_error"}
    error |= {"doc_url": f"https://stripe.com/docs/error-codes/{card.code.replace('_', '-')}"}
    error |= {"decline_code": card.decline_code} if card.decline_code else {}
    shown = {**error, "payment_method": show(method, {}, call.store)}
    intent |= {"status": "requires_payment_method", "latest_charge": charge["id"], "payment_method": None}
    intent["last_payment_error"] = shown
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
    more = {name: shown.get(name) for name in ("charge", "decline_code", "payment_method")}
    more["payment_intent"] = show(intent, {}, call.store)
    raise ApiError(card.message, status=402, kind="card_error", code=card.code, more=more)


def settle(call: Call, intent: Object, *, paid: bool) -> None:
    """What the bank says of a debit, days later."""
    method = call.named("payment_method", intent["payment_method"], "payment_method")
    if paid:
        succeed(call, intent, method)
        return
    with contextlib.suppress(ApiError):  # nobody is there to be told
        decline(call, intent, method, RETURNED)


def _ask(call: Call, intent: Object) -> Object:
    """The customer has to authenticate."""
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": None, "url": f"{call.url}/3d_secure/{intent['id']}"},
    }
    emit(call, "payment_intent.requires_action", intent)
    return intent


def _charge(call: Call, intent: Object, method: Object) -> Object:
    charge = blank("charge")
    charge |= {"id": new_id("ch_3", 23), "created": call.now, "livemode": call.livemode}
    charge |= {name: intent[name] for name in ("amount", "currency", "customer", "description", "receipt_email")}
    charge |= {"payment_intent": intent["id"], "payment_method": method["id"], "metadata": dict(intent["metadata"])}
    charge["billing_details"] = {**charge["billing_details"], **method["billing_details"]}
    charge["payment_method_details"] = {"type": method["type"], method["type"]: _details(method, intent["amount"])}
    return call.store.add(charge)


def _details(method: Object, amount: int) -> Mapping[str, Any]:
    """What a charge shows of the card or account."""
    shown = method[method["type"]]
    if method["type"] != "card":
        return {**{name: shown[name] for name in BANK_SHOWN}, "payment_reference": None}
    return {
        **{name: shown[name] for name in CARD_SHOWN},
        **dict.fromkeys(CARD_UNKNOWN),
        "amount_authorized": amount,
        "network": shown["brand"],
        "network_transaction_id": random_text(15),
    }


def _outcome(card: Card | None) -> Object:
    nothing = dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code"))
    if card is None:
        return {
            **nothing,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        **nothing,
        "network_status": "declined_by_network",
        "reason": card.decline_code or card.code,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
