"""Reads Stripe's objects, of API versions before and after 2025-03-31, into what the service needs.

The version of the webhook endpoint decides their shape, not that of the SDK. Nothing but what is
named here is taken over: no card, no address, no free text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.billing.plans import Tier
from api.billing.subscriptions import News, State
from database.models import Status
from monitoring.redaction import holds_card_number

ID = re.compile(r"[A-Za-z0-9_]{1,255}")
REFERENCE = re.compile(r"[0-9a-f-]{36}")
LONGEST_EMAIL = 320
LARGEST_TIME = 1 << 36
"""The year 4147; a larger number is no time."""
KINDS = ("customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted")
"""In the order in which they happen within one second."""
ORDER = (
    *(Status.INCOMPLETE, Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.PAUSED),
    *(Status.INCOMPLETE_EXPIRED, Status.CANCELED),
)
"""The usual order of states within one second and kind."""

Raw = Mapping[str, Any]


def dig(value: Any, *path: str | int) -> Any:
    """A part of an object, or None where there is no such part."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and len(value) > step else None
    return value


def object_id(value: Any) -> str | None:
    """The id of an object, expanded or not."""
    name = dig(value, "id") if isinstance(value, Mapping) else value
    return name if isinstance(name, str) and ID.fullmatch(name) else None


def product_of(raw: Raw) -> str | None:
    """The product type that the checkout noted, wherever the object keeps it."""
    name = _noted(raw, "product_type")
    return name if isinstance(name, str) else None


def reference_of(raw: Raw) -> str:
    """Our own id of a checkout session; empty for a session that somebody else made."""
    name = raw.get("client_reference_id")
    return name if isinstance(name, str) and REFERENCE.fullmatch(name) else ""


def time_of(raw: Raw) -> int | None:
    """When the event happened, in seconds since 1970; 0 where it does not say, None for what is no time."""
    value = raw.get("created", 0)
    return value if isinstance(value, int) and 0 <= value < LARGEST_TIME else None


def from_checkout(raw: Raw, created: int, *, succeeded: bool = False) -> News | None:
    """A checkout session that was completed, or whose delayed payment succeeded."""
    return _news(
        raw,
        created,
        subscription=raw.get("subscription"),
        email=_email(dig(raw, "customer_details", "email")) or _email(raw.get("customer_email")),
        paid=succeeded or raw.get("payment_status") in {"paid", "no_payment_required"},
    )


def from_invoice(raw: Raw, created: int, *, paid: bool) -> News | None:
    """An invoice of a subscription; None for any other invoice."""
    now, before = dig(raw, "parent", "subscription_details", "subscription"), raw.get("subscription")
    email = _email(raw.get("customer_email"))
    return _news(raw, created, subscription=now or before, email=email, paid=paid)


def from_subscription(raw: Raw, created: int, kind: str) -> News | None:
    """A subscription as it is after an event of a kind; None also for a state that nobody knows yet."""
    if raw.get("status") not in set(Status):
        return None
    status = Status.CANCELED if kind == KINDS[-1] else Status(raw["status"])
    end = dig(raw, "items", "data", 0, "current_period_end") or raw.get("current_period_end")
    state = State(
        status=status,
        rank=KINDS.index(kind) * 10 + ORDER.index(status),
        current_period_end=_seconds(end),
        cancel_at_period_end=raw.get("cancel_at_period_end") is True,
    )
    return _news(raw, created, subscription=raw.get("id"), state=state)


def _news(raw: Raw, created: int, *, subscription: Any, **more: Any) -> News | None:
    name, customer = object_id(subscription), object_id(raw.get("customer"))
    if name is None or customer is None:
        return None
    # another product of the account may call something a tier too
    tier = _noted(raw, "tier") if product_of(raw) else None
    return News(
        created=created,
        subscription_id=name,
        customer_id=customer,
        prices=tuple(_prices(raw)),
        tier=Tier(tier) if tier in set(Tier) else None,
        **more,
    )


def _noted(raw: Raw, name: str) -> Any:
    places = (
        ("metadata",),  # of a session or a subscription
        ("parent", "subscription_details", "metadata"),
        ("subscription_details", "metadata"),
        ("lines", "data", 0, "metadata"),
    )
    return next((value for place in places if (value := dig(raw, *place, name)) is not None), None)


def _prices(raw: Raw) -> Iterator[str]:
    """Price ids of a subscription's items or an invoice's lines; an invoice may begin with a proration."""
    for line in [*(dig(raw, "items", "data") or []), *(dig(raw, "lines", "data") or [])]:
        price = object_id(dig(line, "price")) or object_id(dig(line, "pricing", "price_details", "price"))
        if price:
            yield price


def _email(value: Any) -> str | None:
    """An address that a mail can be sent to, and that may be stored."""
    fine = isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_EMAIL
    if not fine or not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", value):
        return None
    return None if holds_card_number(re.sub(r"\D", "", value)) else value


def _seconds(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < LARGEST_TIME else None
