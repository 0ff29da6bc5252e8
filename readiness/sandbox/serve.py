"""Run the sandbox beside a service: start it, print what the service needs as NAME=value, wait."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TextIO

from readiness.errors import UsageError
from readiness.sandbox.dns import DnsSandbox, demo_zone, load_zone
from readiness.sandbox.listener import LOOPBACK
from readiness.sandbox.options import Part, StripeOptions
from readiness.sandbox.sentry import SentrySandbox
from readiness.sandbox.smtp import SmtpSandbox
from readiness.sandbox.stripe import StripeSandbox
from readiness.sandbox.stripe.webhooks.transport import is_loopback

DEMO_DOMAIN = "kamiyo.ai"
PLANS = {"personal": 1_900, "team": 9_900, "enterprise": 29_900}
"""The demo's monthly prices in cents of a US dollar."""
PLAIN = StripeOptions()
USUAL: tuple[Part, ...] = ("stripe", "dns")


def serve(
    *,
    out: TextIO,
    stop: threading.Event,
    parts: Collection[Part] = USUAL,
    zone: Path | None = None,
    options: StripeOptions = PLAIN,
) -> None:
    """Serve until `stop` is set. `zone` is a zone file to serve instead of the demo's.

    Raises UsageError and ConfigError for a zone file that cannot be read or is not valid, and UsageError for a
    webhook that is not on loopback, a port that is taken and a missing extra, before anything is printed.
    """
    if options.webhook is not None and not is_loopback(options.webhook):
        raise UsageError(f"--webhook {options.webhook}: not an http:// URL on 127.0.0.1, [::1] or localhost")
    text, origin = load_zone(zone) if zone else (demo_zone(), DEMO_DOMAIN)
    with contextlib.ExitStack() as running:
        lines: list[str] = []
        if "dns" in parts:
            lines.append(f"dns={running.enter_context(DnsSandbox(text, origin)).address}")
        if "stripe" in parts:
            lines += _stripe_values(_start(running, options), options)
        if "smtp" in parts:
            lines += _mail_values(running.enter_context(SmtpSandbox()))
        if "sentry" in parts:
            sentry = running.enter_context(SentrySandbox())
            lines += [f"sentry={sentry.url}", f"SENTRY_DSN={sentry.dsn}"]
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        stop.wait()


def _start(running: contextlib.ExitStack, options: StripeOptions) -> StripeSandbox:
    try:
        stripe = running.enter_context(StripeSandbox(port=options.port))
    except OSError as error:
        raise UsageError(f"--port {options.port}: cannot be used: {error.strerror}") from error
    manners = stripe.webhooks.manners
    manners.duplicate, manners.reorder, manners.delay = options.duplicate, options.reorder, options.delay
    if options.latency:
        stripe.fault("*", latency=options.latency)
    return stripe


def _stripe_values(stripe: StripeSandbox, options: StripeOptions) -> Iterator[str]:
    secret = stripe.webhook_secret
    if options.webhook is not None:
        _, secret = stripe.add_webhook_endpoint(options.webhook)
    yield f"stripe={stripe.url}"
    yield f"STRIPE_API_BASE={stripe.url}"
    yield f"STRIPE_SECRET_KEY={stripe.secret_key}"
    yield f"STRIPE_PUBLISHABLE_KEY={stripe.publishable_key}"
    yield f"STRIPE_WEBHOOK_SECRET={secret}"
    yield from _prices(stripe, "STRIPE_PRICE_MCP_", livemode=False)
    if options.live:
        yield f"STRIPE_LIVE_SECRET_KEY={stripe.live_secret_key}"
        yield f"STRIPE_LIVE_PUBLISHABLE_KEY={stripe.live_publishable_key}"
        yield from _prices(stripe, "STRIPE_LIVE_PRICE_MCP_", livemode=True)


def _mail_values(mail: SmtpSandbox) -> Iterator[str]:
    yield f"inbox={mail.inbox.url}"
    yield f"SMTP_HOST={LOOPBACK}"
    yield f"SMTP_PORT={mail.port}"
    yield "SMTP_TLS=none"


def _prices(stripe: StripeSandbox, prefix: str, *, livemode: bool) -> Iterator[str]:
    for tier, amount in PLANS.items():
        product = stripe.add_product(f"MCP {tier.capitalize()}", metadata={"tier": tier}, livemode=livemode)
        price = stripe.add_price(amount, product=product, tax_behavior="exclusive", livemode=livemode)
        yield f"{prefix}{tier.upper()}={price}"
