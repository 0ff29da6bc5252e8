"""The settings of a service that sells with an account of the Stripe sandbox."""

from __future__ import annotations

from readiness.sandbox.stripe import StripeSandbox
from tests.reference.service import settings

AMOUNTS = {"personal": 1900, "team": 9900, "enterprise": 29900}


def sold(stripe: StripeSandbox, *, livemode: bool = False) -> dict[str, str]:
    """The variables of three prices that Stripe has."""
    return {
        f"STRIPE_PRICE_MCP_{tier.upper()}": stripe.add_price(amount, livemode=livemode)
        for tier, amount in AMOUNTS.items()
    }


def connected(stripe: StripeSandbox, **changes: str) -> dict[str, str]:
    """Settings of a service that works."""
    return settings(
        **{
            "STRIPE_SECRET_KEY": stripe.secret_key,
            "STRIPE_PUBLISHABLE_KEY": stripe.publishable_key,
            "STRIPE_API_BASE": stripe.url,
            **sold(stripe),
            **changes,
        }
    )
