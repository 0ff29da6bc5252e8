"""The parameters of a call: strings from a form become typed values, or Stripe's refusal.

The types come from params.json, which is written from the official SDK: a scalar's name,
``{"enum": [...]}``, ``{"list": T}``, ``{"map": T}``, ``{"any": [T, ...]}`` (the first that fits), and
``{"fields": {name: T}, "required": [...]}``.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from readiness.sandbox.stripe.errors import ApiError, empty_param, invalid, missing_param, unknown_params
from readiness.sandbox.stripe.form import Form

METADATA_KEYS, METADATA_KEY_CHARS, METADATA_VALUE_CHARS = 50, 40, 500
"""Bounds of https://docs.stripe.com/api/metadata."""
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


class Type(ABC):
    """One type of parameter."""

    @abstractmethod
    def read(self, raw: Form, name: str) -> Any:
        """The typed value; `name` is for the message, like ``line_items[0][price]``. Raises ApiError."""

    def fits(self, raw: Form) -> bool:
        """Whether this is the alternative that was meant."""
        return isinstance(raw, str)


@dataclass(frozen=True)
class Scalar(Type):
    """A string, integer, boolean, number or decimal."""

    kind: str

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type."""
        if isinstance(raw, dict):
            raise invalid(f"Invalid {self.kind}", name)
        if raw == "":
            raise empty_param(name)
        value = _scalar(self.kind, raw)
        if value is None:
            raise invalid(f"Invalid {self.kind}: {raw[:100]}", name, _code(self.kind))
        return value


@dataclass(frozen=True)
class Enum(Type):
    """One of some words; one that is the empty word unsets the parameter and reads as None."""

    words: tuple[str, ...]

    def fits(self, raw: Form) -> bool:
        """As described in Type."""
        return raw in self.words

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type."""
        if raw == "" and "" not in self.words:
            raise empty_param(name)
        if not isinstance(raw, str) or raw not in self.words:
            *most, last = self.words
            choice = f"one of {', '.join(most)}, or {last}" if most else last
            raise invalid(f"Invalid {name}: must be {choice}", name)
        return raw or None


@dataclass(frozen=True)
class ListOf(Type):
    """Elements sent as ``name[0]``, ``name[1]`` or ``name[]``."""

    element: Type

    def fits(self, raw: Form) -> bool:
        """As described in Type."""
        return isinstance(raw, dict)

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type."""
        if not isinstance(raw, dict) or not all(key.isdecimal() for key in raw):
            raise invalid("Invalid array", name)
        return [self.element.read(raw[key], f"{name}[{key}]") for key in sorted(raw, key=int)]


@dataclass(frozen=True)
class MapOf(Type):
    """Free keys; strings may be empty, which unsets the key (metadata)."""

    value: Type

    def fits(self, raw: Form) -> bool:
        """As described in Type."""
        return isinstance(raw, dict)

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", name)
        if self.value == Scalar("string"):
            return {key: _metadata(key, value, name) for key, value in raw.items()}
        return {key: self.value.read(value, f"{name}[{key}]") for key, value in raw.items()}


@dataclass(frozen=True)
class AnyOf(Type):
    """The first alternative that fits, else the last."""

    choices: tuple[Type, ...]

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type."""
        fitting = [choice for choice in self.choices[:-1] if choice.fits(raw)]
        return [*fitting, self.choices[-1]][0].read(raw, name)


@dataclass(frozen=True)
class Fields(Type):
    """A hash with known names."""

    types: Mapping[str, Type]
    required: tuple[str, ...]

    def fits(self, raw: Form) -> bool:
        """As described in Type."""
        return isinstance(raw, dict)

    def read(self, raw: Form, name: str) -> Any:
        """As described in Type; with an empty `name` these are the parameters of the call."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", name)
        unknown = [_nested(name, key) for key in raw if key not in self.types]
        if unknown:
            raise unknown_params(unknown, self.types)
        for key in self.required:
            if key not in raw:
                raise missing_param(_nested(name, key))
        return {key: self.types[key].read(value, _nested(name, key)) for key, value in raw.items()}


@functools.cache
def calls() -> Mapping[str, Type]:
    """The parameters of every call that the sandbox answers, by name such as ``price.create``."""
    text = importlib.resources.files(__package__ or "").joinpath("params.json").read_text("utf-8")
    return {call: _type(shape) for call, shape in json.loads(text).items()}


def _type(shape: Any) -> Type:
    match shape:
        case str():
            return Scalar(shape)
        case {"enum": words}:
            return Enum(tuple(words))
        case {"list": element}:
            return ListOf(_type(element))
        case {"map": value}:
            return MapOf(_type(value))
        case {"any": choices}:
            return AnyOf(tuple(_type(choice) for choice in choices))
        case {"fields": fields, "required": required}:
            return Fields({name: _type(field) for name, field in fields.items()}, tuple(required))
    raise ValueError(f"params.json holds an unknown type: {shape!r}")


def _nested(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


def _scalar(kind: str, raw: str) -> Any:
    """The value, or None where the text is none of that kind."""
    if kind == "string":
        return raw
    if kind == "boolean":
        return {"true": True, "false": False}.get(raw)
    if kind == "integer":
        return int(raw) if INTEGER.fullmatch(raw) else None
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return number if kind == "decimal" else float(number)


def _code(kind: str) -> str | None:
    return "parameter_invalid_integer" if kind == "integer" else None


def _metadata(key: str, value: Form, name: str) -> str:
    where = f"{name}[{key}]"
    if isinstance(value, dict):
        raise invalid(
            f"Metadata values must be strings, but for key `{key}` you passed in a value of type `hash`", where
        )
    if len(key) > METADATA_KEY_CHARS:
        raise invalid(
            f"Metadata keys can have up to {METADATA_KEY_CHARS} characters, but you passed in a key that is "
            f"{len(key)} characters. Invalid key: {key[:METADATA_KEY_CHARS]}",
            where,
        )
    if len(value) > METADATA_VALUE_CHARS:
        raise invalid(
            f"Metadata values can have up to {METADATA_VALUE_CHARS} characters, but you passed in a value "
            f"that is {len(value)} characters.",
            where,
        )
    return value


def merge_metadata(old: Mapping[str, str], new: Mapping[str, str] | None, param: str = "metadata") -> dict[str, str]:
    """Metadata after an update: an empty value removes its key, None removes all. Raises ApiError over 50 keys."""
    if new is None:
        return {}
    merged = {key: value for key, value in {**old, **new}.items() if value != ""}
    if len(merged) > METADATA_KEYS:
        raise ApiError(f"You can have up to {METADATA_KEYS} metadata keys, but you passed {len(merged)}.", param=param)
    return merged
