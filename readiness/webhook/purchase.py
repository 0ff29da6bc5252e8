"""The objects of one purchase that nobody made, as Stripe shows them in events.

Since 2025-03-31 a subscription's period stands in its items, and an invoice names its subscription
under ``parent`` (https://docs.stripe.com/changelog/basil); the shape follows the endpoint's version.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness.webhook.events import event, made_up

BASIL = "2025-03-31"
MONTH = 30 * 24 * 3600

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Goods:
    """What is bought, the same in every purchase of a run."""

    price: str
    amount: int
    currency: str
    metadata: Mapping[str, str]
    api_version: str
    live: bool


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """One customer, one subscription."""

    goods: Goods
    at: int
    """When it began, in seconds since 1970."""
    customer: str = field(default_factory=lambda: made_up("cus"))
    subscription: str = field(default_factory=lambda: made_up("sub"))
    session: str = field(default_factory=lambda: made_up("cs_test"))
    invoice: str = field(default_factory=lambda: made_up("in"))
    email: str = field(default_factory=lambda: f"readiness-{secrets.token_hex(6)}@example.com")

    @property
    def names(self) -> dict[str, str]:
        """What a query may ask for."""
        return {
            "customer": self.customer,
            "subscription": self.subscription,
            "session": self.session,
            "invoice": self.invoice,
            "email": self.email,
        }

    def event(self, kind: str, subject: Object, after: int) -> Object:
        """An event so many seconds after the purchase began."""
        goods = self.goods
        return event(kind, subject, live=goods.live, at=self.at + after, api_version=goods.api_version)

    def of_subscription(self, what: str, status: str, after: int) -> Object:
        """``customer.subscription.created``, ``updated`` or ``deleted``."""
        return self.event(f"customer.subscription.{what}", self._subscription(status, after), after)

    def of_session(self, payment_status: str, after: int) -> Object:
        """``checkout.session.completed``."""
        return self.event("checkout.session.completed", self._session(payment_status), after)

    def of_invoice(self, after: int) -> Object:
        """``invoice.payment_succeeded``."""
        return self.event("invoice.payment_succeeded", self._invoice(after), after)

    @property
    def _old(self) -> bool:
        return self.goods.api_version < BASIL

    def _common(self, identity: str, kind: str) -> Object:
        goods = self.goods
        return {
            "id": identity,
            "object": kind,
            "created": self.at,
            "currency": goods.currency,
            "customer": self.customer,
            "livemode": goods.live,
            "metadata": dict(goods.metadata),
        }

    def _subscription(self, status: str, after: int) -> Object:
        period = {"current_period_start": self.at, "current_period_end": self.at + MONTH}
        ended = self.at + after if status == "canceled" else None
        return {
            **self._common(self.subscription, "subscription"),
            **(period if self._old else {}),
            "application": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": self.at,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": ended,
            "collection_method": "charge_automatically",
            "days_until_due": None,
            "default_payment_method": None,
            "description": None,
            "ended_at": ended,
            "items": self._items({} if self._old else period),
            "latest_invoice": self.invoice,
            "pause_collection": None,
            "schedule": None,
            "start_date": self.at,
            "status": status,
            "test_clock": None,
            "trial_end": None,
            "trial_start": None,
        }

    def _items(self, period: Object) -> Object:
        item = {
            **period,
            "id": made_up("si"),
            "object": "subscription_item",
            "created": self.at,
            "metadata": {},
            "price": self._price(),
            "quantity": 1,
            "subscription": self.subscription,
        }
        url = f"/v1/subscription_items?subscription={self.subscription}"
        return {"object": "list", "data": [item], "has_more": False, "total_count": 1, "url": url}

    def _price(self) -> Object:
        return {
            "id": self.goods.price,
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": self.at,
            "currency": self.goods.currency,
            "livemode": self.goods.live,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": "prod_readiness",
            "recurring": {"interval": "month", "interval_count": 1, "meter": None, "usage_type": "licensed"},
            "tax_behavior": "unspecified",
            "type": "recurring",
            "unit_amount": self.goods.amount,
            "unit_amount_decimal": str(self.goods.amount),
        }

    def _session(self, payment_status: str) -> Object:
        amount = self.goods.amount
        details = {"address": None, "email": self.email, "name": "Readiness", "phone": None, "tax_exempt": "none"}
        return {
            **self._common(self.session, "checkout.session"),
            "amount_subtotal": amount,
            "amount_total": amount,
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "cancel_url": "https://example.com/pricing",
            "client_reference_id": None,
            "customer_details": {**details, "tax_ids": []},
            "customer_email": self.email,
            "expires_at": self.at + 24 * 3600,
            "invoice": self.invoice,
            "mode": "subscription",
            "payment_intent": None,
            "payment_link": None,
            "payment_method_types": ["card"],
            "payment_status": payment_status,
            "status": "complete",
            "subscription": self.subscription,
            "success_url": "https://example.com/success?session_id={CHECKOUT_SESSION_ID}",
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "url": None,
        }

    def _invoice(self, after: int) -> Object:
        amount = self.goods.amount
        details = {"metadata": dict(self.goods.metadata), "subscription": self.subscription}
        parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
        old = {"subscription": self.subscription, "paid": True}
        return {
            **self._common(self.invoice, "invoice"),
            **(old if self._old else {"parent": parent}),
            "amount_due": amount,
            "amount_paid": amount,
            "amount_remaining": 0,
            "attempt_count": 1,
            "attempted": True,
            "billing_reason": "subscription_create",
            "collection_method": "charge_automatically",
            "customer_email": self.email,
            "metadata": {},
            "number": "READINESS-0001",
            "period_end": self.at,
            "period_start": self.at,
            "status": "paid",
            "status_transitions": {"finalized_at": self.at, "paid_at": self.at + after},
            "subtotal": amount,
            "total": amount,
        }
