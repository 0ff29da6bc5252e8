"""The header ``Stripe-Signature`` (https://docs.stripe.com/webhooks/signature)."""

from __future__ import annotations

import hmac
from hashlib import sha256


def signature(body: bytes, key: str, at: int) -> str:
    """HMAC-SHA256 over the time, a dot and the raw body, in hex."""
    return hmac.new(key.encode("utf-8", "surrogateescape"), f"{at}.".encode() + body, sha256).hexdigest()


def header(at: int, *v1: str, v0: tuple[str, ...] = ()) -> str:
    """``t=...,v1=...``; while a secret is rolled there are two of v1, and test mode adds a v0 that means nothing."""
    return ",".join([f"t={at}", *(f"v1={one}" for one in v1), *(f"v0={one}" for one in v0)])
