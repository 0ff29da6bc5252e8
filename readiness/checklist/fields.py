"""The types of values that people write in a checklist, with the validation that each needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from readiness.duration import parse_duration

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$", "examples": ["10s", "2m", "90d"]}),
]
"""Seconds; written with a unit."""


def _words(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words, json_schema_input_type=str | list[str])]
"""One word, or a list of them."""


def _validity(value: object) -> object:
    """A duration or the word ``release``: what is neither would be read as something by somebody."""
    if value != "release":
        parse_duration(value)
    return value


Validity = Annotated[
    str,
    BeforeValidator(_validity),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d)|release)$"}),
]
"""How long an attestation holds: a duration, or until the next release."""

Retries = Annotated[int, Field(ge=0, le=10, strict=True)]
"""Attempts after the first."""

Value = str | int | float | bool
"""The value of a variable."""

EVERYTHING: Mapping[str, Any] = {"*": "all"}
"""The parts of an item that is written `items: all`; a star is no id."""


def _parts(value: object) -> object:
    return EVERYTHING if value == "all" else value


Parts = Annotated[Mapping[str, Any], BeforeValidator(_parts, json_schema_input_type=Mapping[str, Any] | Literal["all"])]
"""Parts by their id, or the word ``all``."""
