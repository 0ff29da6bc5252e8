"""Liveness of the process, and health of the checkout."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.billing.plans import Tier
from api.stripe_gateway import StripeGateway, StripeUnavailable

REMEMBER_SECONDS = 1.0
"""A storm of probes asks Stripe once in this time."""

router = APIRouter(tags=["Health"])


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class CheckoutHealth(BaseModel):
    """Whether a buyer could check out now."""

    status: Literal["healthy", "unhealthy"]
    service: Literal["checkout"] = "checkout"
    configured_tiers: list[Tier] = Field(description="Tiers that have a Stripe price id.")
    problems: list[str] = Field(description="One sentence for each thing that must be cured; empty when healthy.")
    timestamp: datetime


class HealthProbe:
    """Looks at the configuration and at Stripe, and remembers for a moment what it saw."""

    def __init__(self, *, stripe: StripeGateway | None, prices: Mapping[Tier, str]) -> None:
        self._stripe = stripe
        self._prices = prices
        self._lock = asyncio.Lock()
        self._seen: CheckoutHealth | None = None
        self._seen_at = 0.0

    async def look(self) -> CheckoutHealth:
        """The present health; concurrent callers share one look."""
        async with self._lock:
            if self._seen is None or time.monotonic() - self._seen_at > REMEMBER_SECONDS:
                self._seen = await self._look()
                self._seen_at = time.monotonic()
            return self._seen

    async def _look(self) -> CheckoutHealth:
        problems = []
        if missing := [tier for tier, price in self._prices.items() if not price]:
            problems.append(f"Missing price IDs for tiers: {', '.join(missing)}")
        if self._stripe is None:
            problems.append("The Stripe secret key is not configured")
        elif not await _answers(self._stripe):
            problems.append("Stripe does not answer, or refuses the secret key")
        return CheckoutHealth(
            status="unhealthy" if problems else "healthy",
            configured_tiers=[tier for tier, price in self._prices.items() if price],
            problems=problems,
            timestamp=datetime.now(UTC),
        )


async def _answers(stripe: StripeGateway) -> bool:
    try:
        await stripe.probe()
    except StripeUnavailable:
        return False
    return True


@router.get("/health", summary="Liveness: the process answers")
async def health() -> Liveness:
    """Say that the process is alive; it asks nobody else, so that a fault of Stripe restarts nothing."""
    return Liveness()
