"""What becomes of a checkout session when its customer pays, is declined, authenticates, or pays by bank debit."""

from __future__ import annotations

from typing import Any

from readiness.sandbox.stripe import invoicing, paying, subscribing
from readiness.sandbox.stripe.cards import Fate
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.resources import customers, payment_methods
from readiness.sandbox.stripe.resources.payment_methods import card_of
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

PAID, DELAYED = "paid", "unpaid"


def require_open(session: Object, what: str) -> None:
    """Raises ApiError where the session is over."""
    if session["status"] != "open":
        raise ApiError(
            f'Only Checkout Sessions with a status in ["open"] can be {what}. This Checkout Session has a status of '
            f"`{session['status']}`."
        )


def pay(
    call: Call, session: Object, method: Object, *, email: str | None = None, authenticated: bool = False
) -> Object:
    """The customer has submitted the page.

    Raises ApiError 402 for a declined card: the session stays open. With a card that wants
    authentication the session stays open too, until it is paid with `authenticated`.
    """
    require_open(session, "completed")
    card = card_of(method)
    if card.fate is Fate.AUTHENTICATE and not authenticated:
        return session
    if card.fate is Fate.DECLINED:
        amount = max(session["amount_total"] or 0, 1)
        paying.decline(call, paying.new_intent(call, amount, session["currency"] or "usd"), method, card)
    customer = _customer(call, session, email or method["billing_details"]["email"])
    if customer is not None:
        payment_methods.attach_to(call, method, customer)
    delayed = card.fate is Fate.PROCESSING
    match session["mode"]:
        case "subscription":
            _subscribe(call, session, customer or {}, method)
        case "payment":
            _charge(call, session, method)
        case _:
            _set_up(call, session, method)
    _complete(call, session, delayed=delayed)
    return session


def settle(call: Call, session: Object, *, paid: bool) -> Object:
    """What the bank says of a delayed debit, days later. Raises ApiError where nothing is awaited."""
    if session["status"] != "complete" or session["payment_status"] != DELAYED:
        raise ApiError("This Checkout Session does not wait for a delayed payment.")
    session["payment_status"] = PAID if paid else DELAYED
    intent = session["payment_intent"] or call.store.notes[session["invoice"]]
    paying.settle(call, call.named("payment_intent", intent, "payment_intent"), paid=paid)
    if session["invoice"]:
        _settle_invoice(call, session, paid=paid)
    outcome = "succeeded" if paid else "failed"
    emit(call, f"checkout.session.async_payment_{outcome}", session)
    return session


def _settle_invoice(call: Call, session: Object, *, paid: bool) -> None:
    invoice = call.named("invoice", session["invoice"], "invoice")
    subscription = call.named("subscription", session["subscription"], "subscription")
    if paid:
        invoicing.settle(call, invoice)
    else:
        emit(call, "invoice.payment_failed", invoice)
        subscribing.end(call, subscription, "payment_failed")


def _customer(call: Call, session: Object, email: str | None) -> Object | None:
    """Who buys: the named customer, a new one, or nobody where none is made."""
    known = session["customer"]
    details = session["customer_details"] or {}
    address = session["customer_email"] or details.get("email") or email
    nothing = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone"))
    session["customer_details"] = {**nothing, "tax_exempt": "none", "tax_ids": [], **details, "email": address}
    if known:
        return call.named("customer", known, "customer")
    if session["mode"] == "payment" and session["customer_creation"] != "always":
        return None
    customer = customers.add(call, {"email": address} if address else {})
    session["customer"] = customer["id"]
    return customer


def _subscribe(call: Call, session: Object, customer: Object, method: Object) -> None:
    items = [{**item, "price": call.named("price", item["price"], "price")} for item in session["line_items"]]
    data = call.store.asked.get(session["id"], {})
    fields: dict[str, Any] = {"metadata": dict(data.get("metadata") or {}), "default_payment_method": method["id"]}
    recurring = [item for item in items if item["price"]["type"] == "recurring"]
    subscription = subscribing.begin(call, customer, recurring, **fields)
    trial = subscribing.trial_end(data, call.now)
    if trial:
        subscribing.try_out(call, subscription, trial)
    once = [
        invoicing.item(call, customer, item["amount_total"], item["currency"], description=item["description"])
        for item in items
        if item["price"]["type"] == "one_time"
    ]
    invoice = subscribing.bill(call, subscription, "subscription_create", once)
    invoicing.pay(call, invoice, method, authenticated=True)
    if not trial:
        subscription["status"] = "active"  # with a bank debit too: access first, money later
    emit(call, "customer.subscription.created", subscription)
    session |= {"subscription": subscription["id"], "invoice": invoice["id"]}


def _charge(call: Call, session: Object, method: Object) -> None:
    data = call.store.asked.get(session["id"], {})
    fields = {"customer": session["customer"], "metadata": dict(data.get("metadata") or {})}
    intent = paying.new_intent(call, session["amount_total"], session["currency"], **fields)
    paying.confirm(call, intent, method, authenticated=True)
    session["payment_intent"] = intent["id"]


def _set_up(call: Call, session: Object, method: Object) -> None:
    intent = blank("setup_intent")
    own = new_id("seti_1", 23)
    intent |= {"id": own, "created": call.now, "livemode": call.livemode, "payment_method": method["id"]}
    intent |= {"customer": session["customer"], "client_secret": f"{own}_secret_{random_text(25)}"}
    call.store.add(intent)
    emit(call, "setup_intent.succeeded", intent)
    session["setup_intent"] = own


def _complete(call: Call, session: Object, *, delayed: bool) -> None:
    free = not session["amount_total"]
    status = "no_payment_required" if free else DELAYED if delayed else PAID
    session |= {"status": "complete", "payment_status": status, "url": None}
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"]["status"] = "complete"
    emit(call, "checkout.session.completed", session)
