"""The envelope of an event (https://docs.stripe.com/api/events/object), and the ways to write it as bytes."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

API_VERSION = "2026-10-28.endive"
"""Shape of the events where an option does not say otherwise."""
UNKNOWN = "readiness.probe"
"""A type that Stripe does not have, so that no handler does anything about it."""
_VERSION = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9](\.[a-z_]+)?")


def event(kind: str, subject: Mapping[str, Any], *, live: bool, at: int, api_version: str) -> dict[str, Any]:
    """An event about a subject, with an id of its own."""
    return {
        "id": made_up("evt"),
        "object": "event",
        "api_version": api_version,
        "created": at,
        "data": {"object": dict(subject)},
        "livemode": live,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def harmless(*, live: bool, at: int, api_version: str, text: str = "sent by readiness") -> dict[str, Any]:
    """An event that a correct handler acknowledges and forgets."""
    subject = {"id": made_up("probe"), "object": "readiness.probe", "amount": 100, "livemode": live, "text": text}
    return event(UNKNOWN, subject, live=live, at=at, api_version=api_version)


def made_up(prefix: str) -> str:
    """An id that is Stripe's in form, new in every run, and says who made it: ``evt_readiness...``."""
    return f"{prefix}_readiness{secrets.token_hex(8)}"


def indented(value: Any) -> bytes:
    """As Stripe writes it: two spaces a level."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def compact(value: Any) -> bytes:
    """As JavaScript's ``JSON.stringify`` writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def spaced(value: Any) -> bytes:
    """As Python's ``json.dumps`` writes it."""
    return json.dumps(value).encode()


def check_version(text: str) -> None:
    """Raise ValueError where a text is no version of Stripe's API."""
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} is no version of Stripe's API: write 2026-10-28.endive, or 2024-06-20")
