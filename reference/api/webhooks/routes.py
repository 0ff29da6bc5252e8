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
async def stripe_webhook(request: Request, stripe_signature: Annotated[str | None, Header()] = None) -> WebhookAnswer:
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
    if not (isinstance(getattr(event, "id", None), str) and isinstance(getattr(event, "type", None), str)):
        raise _refusal("invalid_payload", "The body is not an event.")
    if getattr(event, "livemode", None) is not settings.production:
        raise _refusal("wrong_mode", "The event belongs to Stripe's other mode.")
    subject = getattr(getattr(event, "data", None), "object", None)
    known = handle(WebhookEvent(id=event.id, type=event.type, object_id=getattr(subject, "id", None)))
    return WebhookAnswer(status="acknowledged" if known else "ignored")


def _refusal(error: str, detail: str) -> ApiError:
    # never the body: whoever sent it, it is not known to come from Stripe
    log.warning("webhook_refused", extra={"context": {"fault": error}})
    return ApiError(400, error, detail)
