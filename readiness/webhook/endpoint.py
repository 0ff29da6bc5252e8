"""The endpoint under test, as Stripe would deliver to it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from readiness.address import shown
from readiness.api import CannotTell, HttpRequest, Reason, World
from readiness.webhook.events import check_version, harmless, indented
from readiness.webhook.signing import header, signature

HEADERS = (
    ("Accept", "*/*; q=0.5, application/xml"),
    ("Cache-Control", "no-cache"),
    ("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks) readiness"),
    ("Content-Type", "application/json; charset=utf-8"),
)
"""What Stripe sends besides the signature, and whose battery this is."""
LIVE_NAMES = frozenset({"prod", "production", "live"})
NEGATIONS = frozenset({"pre", "non", "not", "no"})
"""``pre-production`` is none."""
_LIVE_KEY = re.compile(r"""[\s"']*(?:sk|rk)_live_""")

Mode = Literal["test", "live"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where events go, and how they are signed. Raises ValueError where the options make no sense."""

    url: str
    secret: str
    mode: Mode
    api_version: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{shown(self.url)!r} is no http or https URL")
        check_version(self.api_version)

    @property
    def live(self) -> bool:
        """What the events say of their mode."""
        return self.mode == "live"

    @property
    def key(self) -> str:
        """What Stripe signs with: the secret without the white space that somebody pasted around it."""
        return self.secret.strip()

    @property
    def padded(self) -> bool:
        """The secret is set with white space around it, which the service may take for a part of it."""
        return self.secret != self.key

    def need_key(self) -> None:
        """Raise CannotTell where there is nothing to sign with."""
        if not self.key:
            fix = "set the variable to the signing secret of this endpoint (whsec_...)"
            raise CannotTell("the signing secret is empty", reason=Reason.MISSING, fix=fix)

    def letter(self, at: int, value: Mapping[str, Any] | None = None) -> Letter:
        """An event that is to be delivered now; without a value a harmless one."""
        made = value or harmless(live=self.live, at=at, api_version=self.api_version)
        return Letter(endpoint=self, at=at, value=made)

    def post(self, body: bytes, signed: str | None, *more: tuple[str, str]) -> HttpRequest:
        """A delivery, with this text in ``Stripe-Signature``; None leaves the header out."""
        own = () if signed is None else (("Stripe-Signature", signed),)
        return HttpRequest(method="POST", url=self.url, headers=(*HEADERS, *own, *more), content=body)

    def production(self, world: World) -> str | None:
        """Why this is production, where nothing but a harmless event may be sent; None where it is not."""
        words = set(re.split(r"[^a-z]+", world.environment.lower()))
        if self.live:
            return "`mode` is live"
        if words & LIVE_NAMES and not words & NEGATIONS:
            return f"the environment is called {world.environment}"
        if _LIVE_KEY.match(world.env.get("STRIPE_SECRET_KEY", secret=True) or ""):
            return "STRIPE_SECRET_KEY is a live key"
        return None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One event with the ways to sign it."""

    endpoint: Endpoint
    at: int
    """When it is sent, in seconds since 1970."""
    value: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """Its bytes as Stripe writes them."""
        return indented(self.value)

    def sign(self, body: bytes | None = None, *, key: str | None = None, age: int = 0) -> str:
        """The signature alone, by default the right one over the usual bytes."""
        right = self.endpoint.key if key is None else key
        return signature(self.body if body is None else body, right, self.at - age)

    def signed(self, body: bytes | None = None, *, key: str | None = None, age: int = 0) -> str:
        """The whole header; in test mode with the meaningless v0 that Stripe adds there."""
        noise = () if self.endpoint.live else (secrets.token_hex(32),)
        return header(self.at - age, self.sign(body, key=key, age=age), v0=noise)

    def genuine(self, *more: tuple[str, str]) -> HttpRequest:
        """The delivery that Stripe would make."""
        return self.endpoint.post(self.body, self.signed(), *more)
