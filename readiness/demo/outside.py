"""Defects at Stripe, in mail records, and in what the running service answers."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.demo.defect import Break, edit, endpoint, put, zone
from readiness.demo.stage import EVENTS, WEBHOOK, Stage

MAIN, GATEWAY, HEALTH = "api/main.py", "api/stripe_gateway.py", "api/health.py"
LIMITER, WEBHOOKS = "api/middleware/rate_limiter.py", "api/webhooks/routes.py"
EXEMPT = "exempt=[webhook_routes.PATH],  # guarded by Stripe's signature"
LIMIT = "rate_limit_per_minute: int = Field(default=30"
KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvrGU"
"""How the key of the first DKIM selector begins."""
VERIFY = "stripe.Webhook.construct_event(payload,"


def _staging(stage: Stage) -> None:
    stage.webhook_url = f"https://api.staging.kamiyo.ai{WEBHOOK}"


def _secret_of_another_endpoint(stage: Stage) -> None:
    _, stage.env["STRIPE_WEBHOOK_SECRET"] = stage.stripe.add_webhook_endpoint("https://other.kamiyo.ai/hook")


def _parsed_before_it_is_verified(stage: Stage) -> None:
    stage.edit(WEBHOOKS, VERIFY, "stripe.Webhook.construct_event(json.dumps(json.loads(payload)).encode(),")
    stage.edit(WEBHOOKS, "import logging\n", "import json\nimport logging\n")


def _portal_without_cancellation(stage: Stage) -> None:
    stage.stripe.switch_portal(subscription_cancel=False)


def _tax_pending(stage: Stage) -> None:
    pending = {"pending": {"missing_fields": ["head_office"]}}
    stage.stripe.patch("tax_settings_test", status="pending", status_details=pending, head_office=None)


def _key_revoked(stage: Stage) -> None:
    stage.stripe.revoke(stage.stripe.secret_key)


OUTSIDE: Mapping[str, Break] = {
    "key-revoked": Break(title="the secret key was revoked at Stripe", item="stripe.key-works", apply=_key_revoked),
    "endpoint-misses-an-event": Break(
        title="the webhook endpoint does not hear of failed payments",
        item="stripe.webhook-endpoint.invoice-payment-failed",
        apply=endpoint(enabled_events=[event for event in EVENTS if event != "invoice.payment_failed"]),
    ),
    "endpoint-disabled": Break(
        title="the webhook endpoint is disabled", item="stripe.webhook-endpoint.url", apply=endpoint(status="disabled")
    ),
    "endpoint-of-staging": Break(
        title="the webhook endpoint leads to staging", item="stripe.webhook-endpoint.url", apply=_staging
    ),
    "endpoint-of-an-old-version": Break(
        title="the webhook endpoint sends events of an older API version, in another shape",
        item="stripe.webhook-endpoint.url",
        apply=endpoint(api_version="2024-06-20"),
    ),
    "secret-of-another-endpoint": Break(
        title="the webhook secret is the one of another endpoint",
        item="stripe.webhook-delivery.logs",
        apply=_secret_of_another_endpoint,
    ),
    "parsed-before-it-is-verified": Break(
        title="a webhook's body is parsed and written anew before it is verified",
        item="stripe.webhook-verification.raw-body",
        apply=_parsed_before_it_is_verified,
    ),
    "portal-without-cancellation": Break(
        title="customers cannot cancel in the portal",
        item="stripe.portal.cancellation",
        apply=_portal_without_cancellation,
    ),
    "tax-settings-pending": Break(
        title="the tax settings have no head office", item="stripe.tax.regions", apply=_tax_pending
    ),
    "tax-switched-off": Break(
        title="checkout sessions are made without automatic tax",
        item="checkout.create.price",
        apply=put("STRIPE_AUTOMATIC_TAX", "false"),
    ),
    "metadata-lost": Break(
        title="checkout sessions carry no metadata",
        item="checkout.create.price",
        apply=edit(GATEWAY, '            "metadata": metadata,\n', ""),
    ),
    "csrf-on-webhooks": Break(
        title="webhooks are not exempt from CSRF", item="csrf.webhooks", apply=edit(MAIN, EXEMPT, "exempt=[],")
    ),
    "cors-for-everybody": Break(
        title="pages of every origin may use the API",
        item="issue.cors.write",
        apply=edit(MAIN, "allow_origins=settings.allowed_origins", 'allow_origins=["*"]'),
    ),
    "limit-of-three-hundred": Break(
        title="a client may send 300 requests a minute",
        item="rate-limit.configured.limit",
        apply=edit("api/settings.py", LIMIT, f"{LIMIT}0"),
    ),
    "forwarded-for-believed": Break(
        title="clients are counted by an address that they may choose",
        item="rate-limit.abuse.spam",
        apply=edit(LIMITER, "    if not _is_trusted(peer, trusted):\n        return _count_as(peer)\n", ""),
    ),
    "health-without-stripe": Break(
        title="the health check does not ask Stripe",
        item="checkout.health.stripe",
        apply=edit(HEALTH, "        await stripe.probe()\n", "        pass\n"),
    ),
    "dkim-revoked": Break(title="the DKIM key is revoked", item="email.dkim", apply=zone(f"p={KEY}", f"p=; n={KEY}")),
    "dmarc-missing": Break(
        title="the domain has no DMARC policy", item="email.dmarc", apply=zone("v=DMARC1;", "DMARC later;")
    ),
    "return-path-forgets-the-sender": Break(
        title="SPF of the return path does not let the mail provider send",
        item="email.spf.return-path",
        apply=zone('"v=spf1 ip4:198.51.100.24/30 -all"', '"v=spf1 ip4:198.51.100.25 -all"'),
    ),
}
"""By name."""
