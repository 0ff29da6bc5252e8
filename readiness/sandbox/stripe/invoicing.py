"""An invoice's way: drafted, finalized, then paid or not; what each step tells the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readiness.sandbox.stripe import paying
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.resources import payment_methods
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

RETRY_DAYS = (3, 5, 7)
"""After how many days a subscription's failed payment is tried again; then it is canceled."""
DAY = 24 * 3600
SUMS = ("subtotal", "total", "amount_due", "amount_remaining", "subtotal_excluding_tax", "total_excluding_tax")


def draft(call: Call, customer: Object, currency: str, lines: Sequence[Object], **fields: Any) -> Object:
    """A new invoice with these lines."""
    invoice = blank("invoice")
    own = new_id("in_1", 23)
    invoice |= {"id": own, "created": call.now, "livemode": call.livemode, "currency": currency}
    invoice |= {"customer": customer["id"], "customer_email": customer["email"], "customer_name": customer["name"]}
    invoice |= {"period_start": call.now, "period_end": call.now, **fields}
    total = sum(line["amount"] for line in lines)
    for line in lines:
        line["invoice"] = own
    invoice["lines"] = {"object": "list", "data": list(lines), "has_more": False, "url": f"/v1/invoices/{own}/lines"}
    for name in (
        "subtotal",
        "total",
        "amount_due",
        "amount_remaining",
        "subtotal_excluding_tax",
        "total_excluding_tax",
    ):
        invoice[name] = total
    call.store.add(invoice)
    emit(call, "invoice.created", invoice)
    return invoice


def line(call: Call, amount: int, currency: str, start: int, end: int, **fields: Any) -> Object:
    """One line."""
    made = blank("line_item")
    made |= {"id": new_id("il_1", 23), "livemode": call.livemode, "amount": amount, "subtotal": amount}
    return made | {"currency": currency, "period": {"start": start, "end": end}, **fields}


def item(call: Call, customer: Object, amount: int, currency: str, **fields: Any) -> Object:
    """An amount that the customer's next invoice asks for."""
    made = blank("invoiceitem")
    made |= {"id": new_id("ii_1", 23), "date": call.now, "livemode": call.livemode, "customer": customer["id"]}
    made |= {"amount": amount, "currency": currency, "period": {"start": call.now, "end": call.now}, **fields}
    call.store.add(made)
    emit(call, "invoiceitem.created", made)
    return made


def line_of(call: Call, item: Object) -> Object:
    """The line that an item becomes."""
    details = {"invoice_item": item["id"], "proration": False, "proration_details": None, "subscription": None}
    parent = {"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": None}
    period, more = item["period"], {"description": item["description"], "parent": parent}
    return line(call, item["amount"], item["currency"], period["start"], period["end"], **more)


def finalize(call: Call, invoice: Object) -> Object:
    """From now on it is owed. Raises ApiError where it is no draft."""
    if invoice["status"] != "draft":
        raise ApiError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    customer = call.named("customer", invoice["customer"], "customer")
    invoice |= {"status": "open", "effective_at": call.now, "automatically_finalizes_at": None}
    invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    invoice["hosted_invoice_url"] = f"{call.url}/i/{invoice['id']}/{random_text(24)}"
    invoice["invoice_pdf"] = f"{invoice['hosted_invoice_url']}/pdf"
    invoice["status_transitions"]["finalized_at"] = call.now
    emit(call, "invoice.finalized", invoice)
    return invoice


def pay(call: Call, invoice: Object, method: Object | None, *, authenticated: bool = False) -> Object:
    """Pay what is open. Raises ApiError 402 where the card is declined; the invoice stays open then."""
    if invoice["status"] == "draft":
        finalize(call, invoice)
    if invoice["status"] != "open":
        raise ApiError(f"Invoice is already {invoice['status']}", code="invoice_not_payable")
    if not invoice["amount_remaining"]:
        return settle(call, invoice)
    if method is None:
        _failed(call, invoice)
        raise ApiError(
            "There is no `default_payment_method` set on this Customer or Invoice. Please set either a default payment "
            "method.",
            code="resource_missing",
        )
    fields = {"customer": invoice["customer"], "description": invoice["description"] or "Subscription creation"}
    intent = paying.new_intent(call, invoice["amount_remaining"], invoice["currency"], **fields)
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    call.store.notes[invoice["id"]] = intent["id"]
    return _try(call, invoice, intent, method, authenticated=authenticated)


def _try(call: Call, invoice: Object, intent: Object, method: Object, *, authenticated: bool) -> Object:
    try:
        paying.confirm(call, intent, method, authenticated=authenticated)
    except ApiError:
        _failed(call, invoice)
        raise
    if intent["status"] == "succeeded":
        return settle(call, invoice)
    if intent["status"] == "requires_action":
        emit(call, "invoice.payment_action_required", invoice)
    return invoice


def settle(call: Call, invoice: Object) -> Object:
    """It is paid."""
    invoice |= {"status": "paid", "attempted": True, "amount_paid": invoice["total"], "amount_remaining": 0}
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["paid_at"] = call.now
    emit(call, "invoice.paid", invoice)
    emit(call, "invoice.payment_succeeded", invoice)
    return invoice


def void(call: Call, invoice: Object) -> Object:
    """It is owed no longer. Raises ApiError where it is not open."""
    if invoice["status"] != "open":
        raise ApiError("You can only void an open invoice.")
    invoice |= {"status": "void", "amount_remaining": 0, "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at"] = call.now
    emit(call, "invoice.voided", invoice)
    return invoice


def _failed(call: Call, invoice: Object) -> None:
    failures = invoice["attempt_count"]
    again = invoice["billing_reason"] == "subscription_cycle" and 0 < failures <= len(RETRY_DAYS)
    invoice["next_payment_attempt"] = call.now + RETRY_DAYS[failures - 1] * DAY if again else None
    emit(call, "invoice.payment_failed", invoice)


def method_of(call: Call, customer: Object, *others: str | None) -> Object | None:
    """What is charged: the first that is named, else the customer's default, else nothing."""
    named = next((one for one in (*others, customer["invoice_settings"]["default_payment_method"]) if one), None)
    return call.named(payment_methods.KIND, named, "default_payment_method") if named else None
