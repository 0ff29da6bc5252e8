"""Errors to Sentry, where SENTRY_DSN names one: each log line at level error is one event.

What leaves is made anew from a few fields, redacted as the log is. Nothing of the request is among
them: no body, no cookie, no header, no address, no local variable. Without a DSN nothing is loaded.
"""

import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.settings import Settings
from monitoring.logging import request_id
from monitoring.redaction import Redactor

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

SERVICE = "kamiyo-checkout"
KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk")
"""What tells nothing of anybody, and must stay as it is: an id may look like a card number."""
STRIPE_TAGS = {"stripe.operation": "operation", "stripe.status": "stripe_status", "stripe.code": "stripe_code"}
"""Tag, and the field of the log's context that it is taken from."""
TOLD_ALREADY = frozenset({"payment_provider_error", "database_error"})
"""Errors of an answer whose cause has an event of its own."""
FLUSH_SECONDS = 2.0


def start_sentry(settings: Settings) -> None:
    """Report from now on; without SENTRY_DSN do nothing."""
    if not (dsn := settings.sentry_dsn.get_secret_value()):
        return
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    redactor = Redactor.knowing(settings.secrets())
    sentry_sdk.init(
        dsn,
        release=settings.sentry_release or SERVICE,
        environment=settings.environment.value,
        # the other integrations collect requests, arguments of the command line and modules
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=lambda event, hint: _clean(event, hint, redactor),
        include_local_variables=False,
        max_request_body_size="never",
        send_default_pii=False,
        send_client_reports=False,
        auto_session_tracking=False,
        max_breadcrumbs=0,
        server_name="",
        spotlight=False,
    )


def stop_sentry() -> None:
    """Send what waits; for a thread, as this blocks."""
    if "sentry_sdk" not in sys.modules:
        return
    import sentry_sdk

    sentry_sdk.flush(FLUSH_SECONDS)


def _clean(event: "Event", hint: "Hint", redactor: Redactor) -> "Event | None":
    """The event that is sent, or None."""
    record: logging.LogRecord | None = hint.get("log_record")
    context: Mapping[str, Any] = getattr(record, "context", None) or {}
    if context.get("error") in TOLD_ALREADY or context.get("operation") == "probe":
        return None
    name = record.getMessage() if record else "error"
    sent: dict[str, Any] = {key: event[key] for key in KEPT if key in event}  # type: ignore[literal-required]  # one key of its TypedDict after the other
    sent["logentry"] = {"formatted": redactor.text(name)}
    sent["tags"] = redactor.value(_tags(context))
    sent["extra"] = redactor.value(context)
    sent["fingerprint"] = redactor.value(["{{ default }}", *_stripe_tags(context).values()])
    if "exception" in event:
        sent["exception"] = redactor.value(event["exception"])
    return sent  # type: ignore[return-value]  # built from the keys of its TypedDict


def _tags(context: Mapping[str, Any]) -> dict[str, str]:
    return {"request_id": request_id.get() or "none"} | _stripe_tags(context)


def _stripe_tags(context: Mapping[str, Any]) -> dict[str, str]:
    if "operation" not in context:
        return {}
    return {tag: str(context.get(field) or "none") for tag, field in STRIPE_TAGS.items()}
