"""Where Stripe reports: every event is verified on its raw bytes before anything reads it."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

import stripe
from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from api.errors import ApiError, documented
from api.settings import Settings
from api.webhooks.handlers import HANDLED, WebhookEvent
from api.webhooks.inbox import Inbox
from api.webhooks.payloads import dig, object_id, time_of
from database.session import DatabaseUnavailable
from monitoring.prometheus_metrics import Metrics

log = logging.getLogger(__name__)

PATH = "/api/v1/webhooks/stripe"

router = APIRouter()


class WebhookAnswer(BaseModel):
    """Tells Stripe not to send the event again."""

    status: Literal["acknowledged", "ignored"]


@dataclass(kw_only=True)
class Counted:
    """What becomes of an event, for the metrics; without a type it was not verified.

    Only what is verified, or what we lack, can fail: else anybody could raise an alert.
    """

    outcome: str = "refused"
    type: str | None = None


async def _counted(request: Request) -> AsyncIterator[Counted]:
    metrics: Metrics = request.app.state.metrics
    event = Counted()
    try:
        yield event
    except ApiError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            event.outcome = "failed"
        raise
    finally:
        metrics.webhook(event.outcome, event.type)


@router.post(
    PATH,
    summary="Receive an event of Stripe",
    responses=documented(400, 500),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def stripe_webhook(
    request: Request,
    counted: Annotated[Counted, Depends(_counted)],
    stripe_signature: Annotated[str | None, Header()] = None,
) -> WebhookAnswer:
    """Acknowledge a genuine event; refuse what is unsigned, forged, stale or of the other mode."""
    settings: Settings = request.app.state.settings
    secret = settings.stripe_webhook_secret.get_secret_value()
    if not secret:
        raise ApiError(500, "configuration_error", "The webhook is not configured.")
    payload = await request.body()
    try:
        event: stripe.Event = stripe.Webhook.construct_event(payload, stripe_signature, secret)
    except stripe.SignatureVerificationError:
        raise _refusal("invalid_signature", "The signature is missing, wrong or too old.") from None
    except (ValueError, AttributeError):
        # not UTF-8, no JSON, or JSON that is no object: behind a signature the SDK expects an object
        raise _refusal("invalid_payload", "The body is not an event.") from None
    facts = _facts(event)
    if facts is None:
        raise _refusal("invalid_payload", "The body is not an event.")
    if facts.livemode is not settings.production:
        raise _refusal("wrong_mode", "The event belongs to Stripe's other mode.")
    counted.type, counted.outcome = facts.type, "failed"  # until it is done
    if facts.type not in HANDLED:
        log.info("webhook_ignored", extra={"context": facts.facts})
        counted.outcome = "ignored"
        return WebhookAnswer(status="ignored")
    new = await _store(request.app.state.inbox, facts)
    counted.outcome = "acknowledged" if new else "duplicate"
    return WebhookAnswer(status="acknowledged")


async def _store(inbox: Inbox, event: WebhookEvent) -> bool:
    try:
        return await inbox.receive(event)
    except DatabaseUnavailable:
        # anything but a success, so that Stripe sends the event again
        raise ApiError(500, "database_error", "The event could not be stored. Please send it again.") from None


def _facts(event: stripe.Event) -> WebhookEvent | None:
    """What the handlers need; None where a part is missing, as the SDK does not look."""
    raw = event.to_dict(recursive=True)
    name, kind, created = object_id(raw.get("id")), raw.get("type"), time_of(raw)
    if name is None or not isinstance(kind, str) or created is None:
        return None
    subject = dig(raw, "data", "object")
    return WebhookEvent(
        id=name,
        type=kind,
        livemode=raw.get("livemode"),
        created=created,
        subject=subject if isinstance(subject, dict) else {},
    )


def _refusal(error: str, detail: str) -> ApiError:
    # never the body: whoever sent it, it is not known to come from Stripe
    log.warning("webhook_refused", extra={"context": {"fault": error}})
    return ApiError(400, error, detail)
