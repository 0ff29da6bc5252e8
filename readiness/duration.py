"""Durations with a unit: ``500ms``, ``10s``, ``2m``, ``1h``, ``90d``; ``m`` is always minutes."""

from __future__ import annotations

import re

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d)")


def parse_duration(value: object) -> float:
    """Seconds. Raises ValueError with the cure for anything but a number with a unit."""
    match = _FORM.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"{value!r} is no duration: write a number with a unit, such as 500ms, 10s, 2m, 1h or 90d")
    seconds = float(match[1]) * SECONDS[match[2]]
    if seconds == 0:
        raise ValueError(f"{value!r} is no duration: it must be longer than nothing")
    return seconds


def say_duration(seconds: float) -> str:
    """For people: ``0.3 s``, ``12 s``, ``2 min 5 s``."""
    if round(seconds, 1) < 10:  # noqa: PLR2004 - one digit after the point is enough below ten seconds
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
