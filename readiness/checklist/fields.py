"""The types of values that people write in a checklist, with the validation that each needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from readiness.duration import parse_duration
from readiness.marks import Before, Bounds, Schema

Duration = Annotated[
    float,
    Before(parse_duration),
    Schema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$", "examples": ["10s", "2m", "90d"]}),
]
"""Seconds; written with a unit."""


def _words(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], Before(_words, written=str | list[str])]
"""One word, or a list of them."""


_VALIDITY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?[hd]")


def _validity(value: object) -> object:
    """Hours, days or the word ``release``; people who write ``1m`` mean a month, and it would be a minute."""
    if value == "release":
        return value
    if not isinstance(value, str) or not _VALIDITY.fullmatch(value):
        raise ValueError(f"{value!r} is no validity: write hours or days, such as 12h or 30d, or `release`")
    parse_duration(value)
    return value


Validity = Annotated[
    str,
    Before(_validity),
    Schema({"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?[hd]|release)$"}),
]
"""How long an attestation holds: hours, days, or until the next release."""

Retries = Annotated[int, Bounds(ge=0, le=10)]
"""Attempts after the first."""

Value = str | int | float | bool
"""The value of a variable."""

EVERYTHING: Mapping[str, Any] = {"*": "all"}
"""The parts of an item that is written `items: all`; a star is no id."""


def _parts(value: object) -> object:
    return EVERYTHING if value == "all" else value


Parts = Annotated[Mapping[str, Any], Before(_parts, written=Mapping[str, Any] | Literal["all"])]
"""Parts by their id, or the word ``all``."""
