"""Where Stripe reports: every event is verified on its raw bytes before anything reads it."""

import logging
from typing import Annotated, Literal

import stripe
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel

from api.errors import ApiError, documented
from api.settings import Settings
from api.webhooks.handlers import WebhookEvent, handle

log = logging.getLogger(__name__)

PATH = "/api/v1/webhooks/stripe"

router = APIRouter()


class WebhookAnswer(BaseModel):
    """Tells Stripe not to send the event again."""

    status: Literal["acknowledged", "ignored"]


@router.post(
    PATH,
    summary="Receive an event of Stripe",
    responses=documented(400, 500),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def stripe_webhook(
    request: Request, stripe_signature: Annotated[str | None, Header(include_in_schema=True)] = None
) -> WebhookAnswer:
    """Acknowledge a genuine event; refuse what is unsigned, forged, stale or of the other mode."""
    settings: Settings = request.app.state.settings
    event = _verified(await request.body(), stripe_signature, settings.stripe_webhook_secret.get_secret_value())
    if getattr(event, "livemode", None) is not settings.production:
        log.warning("webhook_refused", extra={"context": {"fault": "mode", "event_id": event.id}})
        raise ApiError(400, "wrong_mode", "The event belongs to Stripe's other mode.")
    subject = getattr(getattr(event, "data", None), "object", None)
    known = handle(WebhookEvent(id=event.id, type=event.type, object_id=getattr(subject, "id", None)))
    return WebhookAnswer(status="acknowledged" if known else "ignored")


def _verified(payload: bytes, signature: str | None, secret: str) -> stripe.Event:
    if not secret:
        raise ApiError(500, "configuration_error", "The webhook is not configured.")
    try:
        event: stripe.Event = stripe.Webhook.construct_event(payload, signature, secret)
    except stripe.SignatureVerificationError:
        log.warning("webhook_refused", extra={"context": {"fault": "signature"}})
        raise ApiError(400, "invalid_signature", "The signature is missing, wrong or too old.") from None
    except (ValueError, AttributeError):
        # not UTF-8, no JSON, or JSON that is no object: the SDK expects an object behind a signature
        log.warning("webhook_refused", extra={"context": {"fault": "payload"}})
        raise ApiError(400, "invalid_payload", "The body is not an event.") from None
    if not isinstance(getattr(event, "id", None), str) or not isinstance(getattr(event, "type", None), str):
        log.warning("webhook_refused", extra={"context": {"fault": "payload"}})
        raise ApiError(400, "invalid_payload", "The body is not an event.")
    return event
