"""Defects in what happens behind a purchase: tokens, their mails, figures and reports of errors."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.demo.defect import Break, edit
from readiness.demo.stage import Stage

TOKENS, HANDLERS = "api/mcp/tokens.py", "api/webhooks/handlers.py"
CHECKOUT, SENTRY, OUTBOX = "api/billing/checkout.py", "monitoring/sentry.py", "emails/outbox.py"
TEXT, HTML = "emails/templates/mcp_token_welcome.txt", "emails/templates/mcp_token_welcome.html"


def _mail_refused(stage: Stage) -> None:
    stage.mail.refuse = "550 5.7.1 the sender is not allowed"


def _other_site(stage: Stage) -> None:
    for template in (TEXT, HTML):
        stage.edit(template, "{{ setup_url }}", "https://kamiyo.ai/mcp/setup")


def _guessable(stage: Stage) -> None:
    stage.edit(TOKENS, "secrets.token_hex(RANDOM_BYTES)", "random.randbytes(RANDOM_BYTES).hex()")
    stage.edit(TOKENS, "import secrets\n", "import random\n")


OPERATIONS: Mapping[str, Break] = {
    "mail-never-queued": Break(
        title="a purchase queues no mail",
        item="email.trigger",
        apply=edit(HANDLERS, "await send_mcp_token_email(session, ", "await session.refresh("),
    ),
    "mail-refused": Break(title="the mail server takes no mail of ours", item="data.tokens.sent", apply=_mail_refused),
    "mail-for-each-event": Break(
        title="each event of a purchase queues a mail of its own",
        item="data.tokens.sent",
        apply=edit(OUTBOX, 'f"welcome:{subscription.stripe_subscription_id}"', 'f"welcome:{uuid.uuid4()}"'),
    ),
    "mail-links-another-site": Break(
        title="the mail links the setup page of another environment",
        item="email.template.instructions",
        apply=_other_site,
    ),
    "token-in-clear": Break(
        title="tokens are stored in clear",
        item="data.tokens.generated",
        apply=edit(TOKENS, "return hashlib.sha256(token.encode()).hexdigest()", "return token"),
    ),
    "token-guessable": Break(
        title="tokens come from a generator that can be guessed",
        item="data.tokens.format",
        apply=_guessable,
    ),
    "sales-not-counted": Break(
        title="sessions that are made are not counted",
        item="metrics.prometheus.creations",
        apply=edit(CHECKOUT, "checkout.metrics.created.labels(tier=body.tier.value).inc()", "pass"),
    ),
    "series-renamed": Break(
        title="dashboard and alerts ask for a series that is called otherwise",
        item="metrics.dashboards.series",
        apply=edit("monitoring/prometheus_metrics.py", '"webhook_events"', '"stripe_webhook_events"'),
    ),
    "card-stored": Break(
        title="a table has a column for the card's number",
        item="data.customers.card-columns",
        apply=edit(
            "database/models.py",
            "    email: Mapped[str | None]\n",
            "    email: Mapped[str | None]\n    card_number: Mapped[str | None]\n",
        ),
    ),
    "errors-not-reported": Break(
        title="errors of Stripe are not reported",
        item="errors.tracking.events",
        apply=edit(SENTRY, "event_level=logging.ERROR", "event_level=None"),
    ),
    "errors-without-tags": Break(
        title="reports of Stripe's errors have no tags of it",
        item="errors.tracking.tags",
        apply=edit(SENTRY, "| _stripe_tags(context)\n", "| {}\n"),
    ),
}
"""By name."""
