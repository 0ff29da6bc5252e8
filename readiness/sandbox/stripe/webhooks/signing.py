"""The Stripe-Signature header (https://docs.stripe.com/webhooks#verify-manually)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def sign(payload: bytes, secrets: Iterable[str], timestamp: int, *, v0: bool = False) -> str:
    """``t=...,v1=...``: one v1 for each secret that is valid, as during a roll; `v0` adds the fake one of test mode."""
    signatures = [f"v1={_mac(payload, secret, timestamp)}" for secret in secrets]
    if v0:
        signatures.append(f"v0={_mac(payload, 'v0', timestamp)}")
    return ",".join((f"t={timestamp}", *signatures))


def _mac(payload: bytes, secret: str, timestamp: int) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (timestamp, payload), hashlib.sha256).hexdigest()
