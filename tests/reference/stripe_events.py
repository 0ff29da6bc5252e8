"""Events of one buyer, as Stripe sends them before and after API version 2025-03-31."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

import httpx

from tests.reference.service import WEBHOOK, Service, random_id, signature

Event = dict[str, Any]
NOTED = {"tier": "team", "product_type": "mcp"}


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Somebody with a subscription; each method is an event that happened `at` seconds after the first one."""

    subscription: str = field(default_factory=lambda: random_id("sub"))
    customer: str = field(default_factory=lambda: random_id("cus"))
    email: str = "ada@example.com"
    price: str = "price_team"
    old_shape: bool = False
    noted: dict[str, str] = field(default_factory=lambda: dict(NOTED))
    start: int = field(default_factory=lambda: int(time.time()) - 600)

    def checkout(self, at: int = 0, kind: str = "completed", payment_status: str = "paid", **more: object) -> Event:
        """The checkout session is done."""
        return self._event(
            f"checkout.session.{kind}",
            at,
            id=f"cs_test_{self.subscription}",
            object="checkout.session",
            mode="subscription",
            subscription=self.subscription,
            customer_details={"email": self.email, "name": "Ada"},
            payment_status=payment_status,
            metadata=self.noted,
            **more,
        )

    def changed(self, kind: str, status: str, at: int = 0, **more: object) -> Event:
        """The subscription was created, updated or deleted."""
        period = {"current_period_end": self.start + 30 * 86400}
        item = {"id": "si_1", "price": {"id": self.price}} | ({} if self.old_shape else period)
        return self._event(
            f"customer.subscription.{kind}",
            at,
            **{
                **(period if self.old_shape else {}),
                "id": self.subscription,
                "object": "subscription",
                "status": status,
                "items": {"object": "list", "data": [item]},
                "metadata": self.noted,
                **more,
            },
        )

    def invoice(self, at: int = 0, *, paid: bool = True) -> Event:
        """An invoice of the subscription was paid, or could not be."""
        details = {"subscription_details": {"metadata": self.noted, "subscription": self.subscription}}
        price: dict[str, object] = {"price": {"id": self.price}}
        shape: dict[str, object] = {"parent": {"type": "subscription_details", **details}}
        if self.old_shape:
            shape = {"subscription": self.subscription, "subscription_details": {"metadata": self.noted}}
        else:
            price = {"pricing": {"price_details": {"price": self.price}}}
        return self._event(
            f"invoice.payment_{'succeeded' if paid else 'failed'}",
            at,
            id=random_id("in"),
            object="invoice",
            customer_email=self.email,
            lines={"object": "list", "data": [price]},
            **shape,
        )

    def paid_flow(self) -> list[Event]:
        """What Stripe sends for a purchase with a card."""
        return [
            self.changed("created", "incomplete", 0),
            self.invoice(1),
            self.changed("updated", "active", 1),
            self.checkout(2),
        ]

    def _event(self, kind: str, at: int, **subject: object) -> Event:
        return {
            "id": random_id("evt"),
            "object": "event",
            "type": kind,
            "livemode": False,
            "created": self.start + at,
            "data": {"object": {"customer": self.customer, **subject}},
        }


def send(client: httpx.Client, service: Service, event: Event) -> httpx.Response:
    """Deliver an event, signed."""
    payload = json.dumps(event).encode()
    headers = {"Stripe-Signature": signature(payload, service.env["STRIPE_WEBHOOK_SECRET"])}
    return client.post(WEBHOOK, content=payload, headers=headers)


def deliver(service: Service, series: Iterable[list[Event]], *, at_once: int = 8) -> list[int]:
    """The codes of several series side by side, the events of each one after the other; quicker than a client."""

    def one(events: list[Event]) -> list[int]:
        connection = HTTPConnection(service.url.removeprefix("http://"), timeout=60)
        try:
            return [_code(connection, service, event) for event in events]
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        return [code for codes in pool.map(one, series) for code in codes]


def _code(connection: HTTPConnection, service: Service, event: Event) -> int:
    payload = json.dumps(event).encode()
    header = {"Stripe-Signature": signature(payload, service.env["STRIPE_WEBHOOK_SECRET"])}
    connection.request("POST", WEBHOOK, body=payload, headers=header)
    answer = connection.getresponse()
    answer.read()
    return answer.status
