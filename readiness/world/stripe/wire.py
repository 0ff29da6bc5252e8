"""One connection to the API, and which requests a call of the SDK came to."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests
    import stripe

TIMEOUT = 10.0
"""Seconds for one request."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that was answered."""

    method: str
    path: str
    id: str
    """The Request-Id, by which Stripe's support and the dashboard's log find it."""
    version: str
    """The Stripe-Version that the answer has."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The SDK's client, and the session that it sends with."""

    client: stripe.StripeClient
    session: requests.Session
    local: threading.local = field(default_factory=threading.local)

    def begin(self) -> None:
        """Forget what this thread sent before."""
        self.local.sent = []

    def sent(self) -> tuple[Request, ...]:
        """What this thread sent since, and was answered."""
        return tuple(getattr(self.local, "sent", ()))

    def note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Remember an answer, on the thread that asked."""
        request = Request(
            method=response.request.method or "",
            path=urlsplit(response.url).path,
            id=response.headers.get("Request-Id", "none"),
            version=response.headers.get("Stripe-Version", "unknown"),
        )
        self.local.sent = [*self.sent(), request]


def connect(key: str, base: str, retries: int) -> Connection:
    """The SDK's client, without telemetry, proxies and redirects."""
    import requests
    import stripe

    # else the first request writes a file into the user's configuration and sends data about the platform
    stripe.enable_telemetry = False
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    http_client = stripe.RequestsClient(timeout=TIMEOUT, session=session)
    client = stripe.StripeClient(
        key, base_addresses={"api": base}, max_network_retries=retries, http_client=http_client
    )
    connection = Connection(client=client, session=session)
    session.hooks["response"].append(connection.note)
    return connection


def source(sent: Iterable[Request], place: str) -> str:
    """Where an answer was seen: ``GET /v1/prices/price_1 at ..., Stripe-Version ..., Request-Id ...``."""
    requests = list(sent)
    asked = ", ".join(dict.fromkeys(f"{request.method} {request.path}" for request in requests))
    versions = ", ".join(dict.fromkeys(request.version for request in requests))
    ids = ", ".join(request.id for request in requests)
    return f"{asked} at {place}, Stripe-Version {versions}, Request-Id {ids}"
