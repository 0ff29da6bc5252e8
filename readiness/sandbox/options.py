"""What `readiness sandbox` is asked for, beyond its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["stripe", "dns", "smtp", "sentry"]
"""What can be served."""


@dataclass(frozen=True, kw_only=True)
class StripeOptions:
    """Of the Stripe API."""

    webhook: str | None = None
    """Where events go; its signing secret is printed as STRIPE_WEBHOOK_SECRET."""
    live: bool = False
    """Print live keys, and fill the live mode too."""
    duplicate: bool = False
    reorder: bool = False
    delay: float = 0.0
    """Seconds before each first delivery."""
    latency: float = 0.0
    """Seconds that each call of the API takes longer."""
    port: int = 0
    """0 is a free one."""
