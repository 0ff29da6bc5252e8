"""What the service does about each kind of event.

There is no database yet, so nothing is stored: an event of the six kinds is written into the log
and acknowledged, and no access is granted. Until that changes, subscriptions are looked up at
Stripe; see docs/RUNBOOK.md.
"""

import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)

HANDLED = frozenset(
    {
        "checkout.session.completed",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.payment_succeeded",
        "invoice.payment_failed",
    }
)
"""The events that the endpoint is subscribed to."""


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """A verified event, as far as the service looks into it."""

    id: str
    type: str
    livemode: bool | None
    """None where the event does not say; then it is of neither mode."""
    object_id: str | None


def handle(event: WebhookEvent) -> bool:
    """Do what the event asks for; False where it concerns nobody here."""
    context = {"event_id": event.id, "event_type": event.type, "object_id": event.object_id}
    if event.type not in HANDLED:
        log.info("webhook_ignored", extra={"context": context})
        return False
    log.info("webhook_acknowledged", extra={"context": context})
    return True
