"""A subscription's life: begun, paid, renewed by the clock, behind with its payments, ended."""

from __future__ import annotations

import calendar
import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from readiness.sandbox.stripe import invoicing
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.resources import prices
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

RENEWED = {"active", "past_due", "trialing"}
DAY = 24 * 3600
PATIENCE = 23 * 3600
"""Seconds in which the first invoice has to be paid."""
PLAN = ("active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product", "tiers_mode")


def begin(call: Call, customer: Object, items: Sequence[Mapping[str, Any]], **fields: Any) -> Object:
    """A subscription that is not paid yet, of ``{"price": object, "quantity": n}``; `fields` are further fields."""
    subscription = blank("subscription")
    own = new_id("sub_1", 23)
    subscription |= {"id": own, "created": call.now, "start_date": call.now, "billing_cycle_anchor": call.now}
    subscription |= {"livemode": call.livemode, "customer": customer["id"], "currency": items[0]["price"]["currency"]}
    subscription |= {"status": "incomplete", **fields}
    made = [item(call, own, asked["price"], asked["quantity"]) for asked in items]
    subscription["items"] = {
        "object": "list",
        "data": made,
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={own}",
    }
    return call.store.add(subscription)


def item(call: Call, subscription: str, price: Object, quantity: int | None) -> Object:
    """One thing that is subscribed to."""
    made = blank("subscription_item")
    made |= {"id": new_id("si_", 14), "created": call.now, "subscription": subscription, "quantity": quantity}
    made |= {"price": price["id"], "plan": plan_of(price)}
    made |= {"current_period_start": call.now, "current_period_end": end_of_period(price, call.now)}
    return made


def plan_of(price: Object) -> Object:
    """The same thing as older integrations see it."""
    recurring = price["recurring"]
    plan = blank("plan") | {"id": price["id"], **{name: price[name] for name in PLAN}}
    plan |= {"amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]}
    return plan | {name: recurring[name] for name in ("interval", "interval_count", "usage_type")}


def end_of_period(price: Object, start: int, anchor: int | None = None) -> int:
    """When the period that begins at `start` ends: the anchor's day of a later month, or its last one."""
    begins, count = datetime.fromtimestamp(start, UTC), price["recurring"]["interval_count"]
    match price["recurring"]["interval"]:
        case "day":
            return int((begins + timedelta(days=count)).timestamp())
        case "week":
            return int((begins + timedelta(weeks=count)).timestamp())
        case "year":
            count *= 12
    months = begins.year * 12 + begins.month - 1 + count
    year, month = months // 12, months % 12 + 1
    wanted = begins if anchor is None else datetime.fromtimestamp(anchor, UTC)
    day = min(wanted.day, calendar.monthrange(year, month)[1])
    return int(begins.replace(year=year, month=month, day=day).timestamp())


def trial_end(params: Mapping[str, Any], now: int) -> int | None:
    """When the trial ends that the parameters ask for, if they do."""
    days, end = params.get("trial_period_days"), params.get("trial_end")
    return now + days * DAY if days else end if isinstance(end, int) else None


def try_out(call: Call, subscription: Object, ends: int) -> None:
    """It begins with a trial."""
    subscription |= {"status": "trialing", "trial_start": call.now, "trial_end": ends, "billing_cycle_anchor": ends}
    for one in subscription["items"]["data"]:
        one["current_period_end"] = ends


def bill(call: Call, subscription: Object, reason: str, once: Sequence[Object] = ()) -> Object:
    """A finalized invoice for the current period, and for the invoice items `once`."""
    customer = call.named("customer", subscription["customer"], "customer")
    lines = [_line(call, subscription, one) for one in subscription["items"]["data"]]
    lines += [invoicing.line_of(call, one) for one in once]
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    parent = {"type": "subscription_details", "subscription_details": details, "quote_details": None}
    invoice = invoicing.draft(
        call, customer, subscription["currency"], lines, billing_reason=reason, parent=parent, auto_advance=True
    )
    for item in once:
        item["invoice"] = invoice["id"]
    subscription["latest_invoice"] = invoice["id"]
    return invoicing.finalize(call, invoice)


def _line(call: Call, subscription: Object, one: Object) -> Object:
    price = call.named("price", one["price"], "price")
    trial = subscription["status"] == "trialing"
    amount = 0 if trial else prices.total(price, one["quantity"] or 0)
    details = {"invoice_item": None, "proration": False, "proration_details": None}
    details |= {"subscription": subscription["id"], "subscription_item": one["id"]}
    kind = "subscription_item_details"
    return invoicing.line(
        call,
        amount,
        price["currency"],
        one["current_period_start"],
        one["current_period_end"],
        description=call.named("product", price["product"], "product")["name"],
        quantity=one["quantity"],
        subscription=subscription["id"],
        parent={"type": kind, kind: details, "invoice_item_details": None},
        pricing={
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    )


def set_status(call: Call, subscription: Object, status: str, **fields: Any) -> None:
    """Another status, told as an update."""
    before = copy.deepcopy(subscription)
    subscription |= {"status": status, **fields}
    changed(call, "customer.subscription.updated", subscription, before)


def end(call: Call, subscription: Object, reason: str = "cancellation_requested") -> Object:
    """It is over. Raises ApiError where it was already."""
    if subscription["status"] == "canceled":
        raise ApiError(f"No such subscription: {subscription['id']}", status=404, code="resource_missing")
    subscription |= {"status": "canceled", "canceled_at": subscription["canceled_at"] or call.now, "ended_at": call.now}
    subscription["cancellation_details"] = {**subscription["cancellation_details"], "reason": reason}
    emit(call, "customer.subscription.deleted", subscription)
    return subscription


def paid(call: Call, subscription: Object) -> None:
    """Its invoice was paid by other means than the clock's."""
    if subscription["status"] in {"incomplete", "past_due"}:
        set_status(call, subscription, "active")


def advance(call: Call) -> None:
    """What the clock has made due: ends, renewals, payments that are tried again."""
    for subscription in reversed(call.store.newest_first("subscription")):
        while _due(call, subscription):
            pass


def _due(call: Call, subscription: Object) -> bool:
    """Do the next thing that is due; False where nothing is."""
    invoice = call.store.get("invoice", subscription["latest_invoice"] or "")
    if subscription["status"] == "incomplete" and invoice is not None:
        return _expire(call, subscription, invoice)
    if subscription["status"] not in RENEWED:
        return False
    if (subscription["cancel_at"] or call.now + 1) <= call.now:
        end(call, subscription)
        return True
    if subscription["status"] == "past_due" and invoice is not None:
        return _retry(call, subscription, invoice)
    ends: int = min(one["current_period_end"] for one in subscription["items"]["data"])
    if ends <= call.now:
        _renew(call, subscription, ends)
    return ends <= call.now


def _expire(call: Call, subscription: Object, invoice: Object) -> bool:
    """Nobody paid the first invoice in time."""
    late: bool = subscription["created"] + PATIENCE <= call.now
    if late:
        invoicing.void(call, invoice)
        set_status(call, subscription, "incomplete_expired", ended_at=call.now)
    return late


def _renew(call: Call, subscription: Object, start: int) -> None:
    before = copy.deepcopy(subscription)
    for one in subscription["items"]["data"]:
        price = call.named("price", one["price"], "price")
        ends = end_of_period(price, start, subscription["billing_cycle_anchor"])
        one |= {"current_period_start": start, "current_period_end": ends}
    subscription["status"] = "active"
    invoice = bill(call, subscription, "subscription_cycle")
    changed(call, "customer.subscription.updated", subscription, before)
    if not _collect(call, subscription, invoice):
        set_status(call, subscription, "past_due")


def _retry(call: Call, subscription: Object, invoice: Object) -> bool:
    due = invoice["next_payment_attempt"]
    if due is None or due > call.now:
        return False
    if _collect(call, subscription, invoice):
        set_status(call, subscription, "active")
    elif invoice["next_payment_attempt"] is None:
        end(call, subscription, "payment_failed")
    return True


def _collect(call: Call, subscription: Object, invoice: Object) -> bool:
    """Whether the invoice could be paid."""
    customer = call.named("customer", subscription["customer"], "customer")
    method = invoicing.method_of(call, customer, subscription["default_payment_method"])
    try:
        return bool(invoicing.pay(call, invoice, method)["status"] == "paid")
    except ApiError:
        return False
