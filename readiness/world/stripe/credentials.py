"""Which key is used, and where it may go: Stripe's own host, or a simulator on this machine; nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.api import CannotTell, Env, KeyRefused, Reason

LIVE_BASE = "https://api.stripe.com"
KEY = re.compile(r"(?:sk|rk)_(test|live)_[0-9A-Za-z_]{8,}")
"""A secret or restricted key (https://docs.stripe.com/keys)."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The key and the API's address, as the environment has them."""

    env: Env = field(kw_only=False)
    key_name: str = "STRIPE_SECRET_KEY"
    """Variable that holds the key."""
    base_name: str = "STRIPE_API_BASE"
    """Variable that may name a simulator on a loopback address instead of Stripe."""

    def key(self) -> str:
        """The key. Raises KeyRefused where none is set, or what is set is none."""
        value = self.env.get(self.key_name)
        if not value:
            message = f"{self.key_name} is not set, so Stripe cannot be asked"
            raise KeyRefused(message, reason=Reason.MISSING, fix=f"set {self.key_name} to a secret or restricted key")
        if not KEY.fullmatch(value):
            message = f"{self.key_name} does not hold a secret or restricted key of Stripe, so it was not sent"
            fix = "it must begin with sk_test_, sk_live_, rk_test_ or rk_live_ and have nothing around it"
            raise KeyRefused(message, reason=Reason.DENIED, fix=fix)
        return value

    def mode(self) -> str:
        """``test`` or ``live``. Raises KeyRefused as `key` does."""
        found = KEY.fullmatch(self.key())
        return found[1] if found else "unknown"

    def base(self) -> str:
        """The API's address. Raises CannotTell for one that no key may be sent to."""
        given = self.env.get(self.base_name) or LIVE_BASE
        base = LIVE_BASE if given.rstrip("/") == LIVE_BASE else _loopback_base(given)
        if base is None:
            message = f"{self.base_name} is neither {LIVE_BASE} nor a loopback address, so no key was sent to it"
            raise CannotTell(message, reason=Reason.DENIED, fix=f"unset {self.base_name}")
        return base

    def place(self) -> str:
        """``https://api.stripe.com, test mode``."""
        return f"{self.base()}, {self.mode()} mode"


def _loopback_base(text: str) -> str | None:
    """A simulator's address, made anew from its checked parts; None for anything but a loopback origin."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    bare = parts.path in {"", "/"} and not parts.query and "@" not in parts.netloc
    if parts.scheme not in {"http", "https"} or not bare or not is_loopback_host(host):
        return None
    address = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{address}:{port}" if port else f"{parts.scheme}://{address}"
