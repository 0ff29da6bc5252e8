"""Times as people type them: RFC 3339 with a zone, or `now`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from readiness.duration import parse_duration
from readiness.errors import Problem, UsageError
from readiness.signoff.fields import Fields
from readiness.signoff.model import SignOffError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DURATION = re.compile(r"[0-9.]+[a-z]+", re.ASCII)


def moment(text: str, option: str, now: datetime) -> datetime:
    """A time in UTC; a naive one is refused, for its zone would be guessed. Raises UsageError."""
    if text == "now":
        return now
    try:
        return Fields({"": text}, option).time("")
    except SignOffError as error:
        hint = f"with a zone, such as {option} {now:%Y-%m-%dT%H:%M:%SZ}, or {option} now"
        raise UsageError([Problem(message=error.message, hint=hint)]) from error


def end(text: str, option: str, now: datetime) -> datetime:
    """A time to come, or a duration from now on, such as 7d. Raises UsageError."""
    try:
        found = now + timedelta(seconds=parse_duration(text)) if _DURATION.fullmatch(text) else None
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option}: {error}") from error
    found = found or moment(text, option, now)
    if found <= now:
        raise UsageError(f"{option} {text} is not in the future")
    return found


def day_or_moment(text: str, option: str, now: datetime) -> datetime:
    """A time, or the beginning of a day in UTC. Raises UsageError."""
    return moment(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text, option, now)


def say_moment(when: datetime) -> str:
    """For people, in UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock() -> datetime:
    """Now, in UTC, to the millisecond as in report.json."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
