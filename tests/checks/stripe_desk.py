"""What tests of the kinds ``stripe.*`` share: the real world's client before a sandbox, the real SDK beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import requests
import stripe

from readiness.api import Outcome
from readiness.sandbox.stripe import StripeSandbox
from tests.wire import Answer, Runs, WebServer, look, outside

stripe.enable_telemetry = False

SIX = (
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A sandbox, and a folder in which a check runs."""

    sandbox: StripeSandbox
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    """Further variables of the environment."""

    def look(self, check: Runs, *, key: str | None = None, allow: frozenset[str] = frozenset()) -> list[Outcome]:
        """All outcomes of a check; an empty key is none."""
        found = self.sandbox.secret_key if key is None else key
        env = {"STRIPE_API_BASE": self.sandbox.url, **({"STRIPE_SECRET_KEY": found} if found else {}), **self.extra}
        with outside(self.folder, env=env, allow=allow) as world:
            return look(check, world)

    def asked(self, method: str = "GET") -> int:
        """How many requests of a method the sandbox had."""
        return sum(request.method == method for request in self.sandbox.requests)


@contextmanager
def sdk(sandbox: StripeSandbox, key: str | None = None) -> Iterator[stripe.StripeClient]:
    """The real SDK, as a service uses it."""
    with requests.Session() as session:
        session.trust_env = False
        client = stripe.RequestsClient(timeout=10, session=session)
        yield stripe.StripeClient(
            key or sandbox.secret_key, base_addresses={"api": sandbox.url}, http_client=client, max_network_retries=0
        )


@dataclass(kw_only=True)
class Shop:
    """A small service that sells: it makes sessions with the real SDK, and each field is a way to do it otherwise."""

    sandbox: StripeSandbox
    prices: dict[str, str]
    key: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the session that differ."""
    answer: str = "session_id"
    """The field of its answer with the id."""

    @contextmanager
    def open(self) -> Iterator[WebServer]:
        """The service, at ``/buy``."""
        with WebServer() as web:
            web.scripts["POST /buy"] = lambda handler: self.sell(web, handler)
            yield web

    def sell(self, web: WebServer, handler: BaseHTTPRequestHandler) -> None:
        order = json.loads(web.asked[-1].body)
        tier = order["tier"]
        params: Any = {
            "mode": "subscription",
            "line_items": [{"price": self.prices[tier], "quantity": 1}],
            "metadata": {"tier": tier, "product_type": "mcp"},
            "subscription_data": {"metadata": {"tier": tier, "product_type": "mcp"}},
            "success_url": order["success_url"],
            "cancel_url": order["cancel_url"],
            **({"customer_email": order["email"]} if "email" in order else {}),
            **self.changes,
        }
        with sdk(self.sandbox, self.key) as client:
            session = client.v1.checkout.sessions.create(params)
        Answer.json({self.answer: session.id})(handler)
