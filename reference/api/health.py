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
from database.schema import Schema
from database.session import DatabaseUnavailable

REMEMBER_SECONDS = 1.0
"""A storm of probes asks Stripe and the database once in this time."""

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
    """Looks at the configuration, at Stripe and at the database, and remembers for a moment what it saw."""

    def __init__(
        self, *, stripe: StripeGateway | None, schema: Schema, prices: Mapping[Tier, str], webhooks: bool
    ) -> None:
        self._stripe = stripe
        self._webhooks = webhooks  # whether their secret is configured
        self._schema = schema
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
        if not self._webhooks:
            problems.append("The webhook secret is not configured: what is paid has no effect")
        seen = await asyncio.gather(_stripe_problem(self._stripe), _database_problem(self._schema))
        problems += [problem for problem in seen if problem]
        return CheckoutHealth(
            status="unhealthy" if problems else "healthy",
            configured_tiers=[tier for tier, price in self._prices.items() if price],
            problems=problems,
            timestamp=datetime.now(UTC),
        )


async def _stripe_problem(stripe: StripeGateway | None) -> str | None:
    if stripe is None:
        return "The Stripe secret key is not configured"
    try:
        await stripe.probe()
    except StripeUnavailable:
        return "Stripe does not answer, or refuses the secret key"
    return None


async def _database_problem(schema: Schema) -> str | None:
    try:
        behind = await schema.behind()
    except DatabaseUnavailable:
        return "The database does not answer"
    return "The database lacks migrations: run alembic upgrade head" if behind else None


@router.get("/health", summary="Liveness: the process answers")
async def health() -> Liveness:
    """Say that the process is alive; it asks nobody else, so that a fault of others restarts nothing."""
    return Liveness()
