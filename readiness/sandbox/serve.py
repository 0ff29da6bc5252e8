"""Run the sandbox beside a service: start it, print what the service needs as NAME=value, wait."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from readiness.sandbox.dns import DnsSandbox, demo_zone, load_zone
from readiness.sandbox.stripe import StripeSandbox

DEMO_DOMAIN = "kamiyo.ai"
PLANS = {"personal": 1_900, "team": 9_900, "enterprise": 29_900}
"""The demo's monthly prices in cents of a US dollar."""


def serve(
    *, out: TextIO, stop: threading.Event, stripe: bool = True, dns: bool = True, zone: Path | None = None
) -> None:
    """Serve until `stop` is set. `zone` is a zone file to serve instead of the demo's.

    Raises UsageError and ConfigError for a zone file that cannot be read or is not valid, before anything starts.
    """
    text, origin = load_zone(zone) if zone else (demo_zone(), DEMO_DOMAIN)
    with contextlib.ExitStack() as running:
        lines: list[str] = []
        if dns:
            lines.append(f"dns={running.enter_context(DnsSandbox(text, origin)).address}")
        if stripe:
            lines += _stripe_values(running.enter_context(StripeSandbox()))
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        stop.wait()


def _stripe_values(stripe: StripeSandbox) -> Iterator[str]:
    yield f"stripe={stripe.url}"
    yield f"STRIPE_API_BASE={stripe.url}"
    yield f"STRIPE_SECRET_KEY={stripe.secret_key}"
    yield f"STRIPE_PUBLISHABLE_KEY={stripe.publishable_key}"
    yield f"STRIPE_WEBHOOK_SECRET={stripe.webhook_secret}"
    for tier, amount in PLANS.items():
        product = stripe.add_product(f"MCP {tier.capitalize()}", metadata={"tier": tier})
        price = stripe.add_price(amount, product=product, tax_behavior="exclusive")
        yield f"STRIPE_PRICE_MCP_{tier.upper()}={price}"
