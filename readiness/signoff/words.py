"""Texts as people type them, before they become part of what is signed."""

from __future__ import annotations

from readiness.errors import UsageError
from readiness.signoff.fields import LONGEST


def text(value: str, option: str) -> str:
    """The text without space around it. Raises UsageError for bytes that are no UTF-8, and for whole books."""
    if any("\ud800" <= char <= "\udfff" for char in value):  # how Python hands over bytes that are no text
        raise UsageError(f"{option}: this is not UTF-8")
    if len(value) > LONGEST:
        raise UsageError(f"{option} has {len(value):,} characters; at most {LONGEST:,} are kept")
    return value.strip()


def maybe_text(value: str | None, option: str) -> str | None:
    """The same, where there is any."""
    return None if value is None else text(value, option) or None
