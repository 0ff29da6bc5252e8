"""Defects to try: each is one small change of the stage, and the item that must turn red for it."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.demo.defect import Break, edit, put, zone
from readiness.demo.operations import OPERATIONS
from readiness.demo.outside import OUTSIDE
from readiness.demo.stage import PRICES, Stage


def _test_key_in_production(stage: Stage) -> None:
    stage.environment = "production"
    stage.env["STRIPE_PUBLISHABLE_KEY"] = stage.stripe.live_publishable_key


def _price_of_another_tier(stage: Stage) -> None:
    # a price of its own: the service refuses to start with one for two tiers
    stage.env["STRIPE_PRICE_MCP_TEAM"] = stage.stripe.add_price(
        PRICES["STRIPE_PRICE_MCP_PERSONAL"], tax_behavior="exclusive"
    )


def _price_archived(stage: Stage) -> None:
    stage.stripe.archive(stage.env["STRIPE_PRICE_MCP_TEAM"])


def _verification_removed(stage: Stage) -> None:
    call = "stripe.Webhook.construct_event(payload, stripe_signature, secret)"
    # it stays in a comment, which is enough for grep
    stage.edit("api/webhooks/routes.py", call, f"stripe.Event.construct_from(json.loads(payload), secret)  # {call}")
    stage.edit("api/webhooks/routes.py", "import logging\n", "import json\nimport logging\n")


def _error_text_leaked(stage: Stage) -> None:
    stage.edit(
        "api/stripe_gateway.py",
        "raise SessionNotFound from None",
        "raise SessionNotFound(error.user_message) from None",
    )
    stage.edit(
        "api/billing/checkout.py",
        "except SessionNotFound:\n        raise _no_session() from None",
        'except SessionNotFound as error:\n        raise ApiError(404, "session_not_found", str(error)) from None',
    )


def _key_in_page(stage: Stage) -> None:
    # made here, so that no file of ours holds the form of a key
    stage.edit("pages/pricing.js", "\n", f"\nconst key = '{stage.stripe.live_secret_key}'\n")


INSIDE: Mapping[str, Break] = {
    "test-key-in-production": Break(
        title="production runs with a test key", item="stripe.secret-key", apply=_test_key_in_production
    ),
    "price-of-another-tier": Break(
        title="the team tier is sold for the price of the personal tier",
        item="stripe.price-team.amount",
        apply=_price_of_another_tier,
    ),
    "price-archived": Break(
        title="the price of the team tier is archived at Stripe", item="stripe.price-team.amount", apply=_price_archived
    ),
    "router-not-registered": Break(
        title="the checkout router is imported and never registered",
        item="checkout.router.code",
        apply=edit("api/main.py", 'app.include_router(checkout_routes.router, tags=["Checkout"])\n', ""),
    ),
    "verification-removed": Break(
        title="webhooks are not verified; the call is left in a comment",
        item="stripe.webhook-verification.code",
        apply=_verification_removed,
    ),
    "webhook-secret-placeholder": Break(
        title="the webhook secret is a placeholder",
        item="stripe.webhook-secret.set",
        apply=put("STRIPE_WEBHOOK_SECRET", "whsec_" + "x" * 32),
    ),
    "error-text-leaked": Break(
        title="Stripe's own error text reaches the customer", item="errors.messages.discreet", apply=_error_text_leaked
    ),
    "validation-answers-422": Break(
        title="invalid input is answered with 422",
        item="checkout.create.tier",
        apply=edit("api/errors.py", 'error_response(400, "invalid_request"', 'error_response(422, "invalid_request"'),
    ),
    "csrf-not-added": Break(
        title="the CSRF middleware is imported and never added",
        item="csrf.middleware",
        apply=edit(
            "api/main.py",
            "app.add_middleware(\n    CsrfProtectMiddleware,",
            "dict(\n    middleware=CsrfProtectMiddleware,",
        ),
    ),
    "key-in-page": Break(title="a secret key is written into a page", item="secrets.keys", apply=_key_in_page),
    "spf-missing": Break(
        title="the domain has no SPF record",
        item="email.spf.from",
        apply=zone('"v=spf1 mx ip4:198.51.100.24/30 -all"', '"spf comes later"'),
    ),
    "spf-allows-everybody": Break(
        title="the SPF record ends in +all",
        item="email.spf.from",
        apply=zone("ip4:198.51.100.24/30 -all", "ip4:198.51.100.24/30 +all"),
    ),
}
"""In the source, in keys and records."""

BREAKS: Mapping[str, Break] = {**INSIDE, **OUTSIDE, **OPERATIONS}
"""All of them, by name."""
