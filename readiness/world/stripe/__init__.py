"""Stripe's API through the real SDK, with the errors said as an engineer needs them."""

from readiness.world.stripe.client import StripeClient

__all__ = ["StripeClient"]
