"""What a request holds, as nested texts.

Form-encoded nesting: ``line_items[0][price]=...``, ``expand[]=...``, as Stripe and Rack read it; JSON for API v2.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from readiness.sandbox.stripe.errors import ApiError, invalid

Form: TypeAlias = "str | dict[str, Form]"
"""A value as it was sent; a list is a mapping of "0", "1", ... ."""

MAX_FIELDS = 1_000
MAX_DEPTH = 8
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(*encoded: bytes) -> dict[str, Form]:
    """Decode a query string and a body into nested mappings. Raises ApiError."""
    form: dict[str, Form] = {}
    for part in encoded:
        for name, value in _pairs(part):
            _put(form, _segments(name), value, name)
    return form


def decode_json(body: bytes) -> dict[str, Form]:
    """A JSON object in the form that an encoded one has. Raises ApiError."""
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("Invalid request: the body is not valid JSON.") from None
    form = _texts(value, MAX_DEPTH)
    if not isinstance(value, dict) or not isinstance(form, dict):
        raise ApiError("Invalid request: the body is not a JSON object.")
    return form


def _texts(value: Any, depth: int) -> Form:
    if depth < 0:
        raise ApiError("Invalid request: the body is nested too deeply.")
    match value:
        case dict():
            return {name: _texts(part, depth - 1) for name, part in value.items()}
        case list():
            return {str(index): _texts(part, depth - 1) for index, part in enumerate(value)}
        case bool():
            return "true" if value else "false"
        case None:
            return ""
    return str(value)


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        text = encoded.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise ApiError("Invalid request: the parameters are not valid UTF-8.") from None
    except ValueError:
        raise ApiError(f"Invalid request: more than {MAX_FIELDS} parameters.") from None


def _segments(name: str) -> list[str]:
    match = NAME.fullmatch(name)
    if match is None:
        raise ApiError(f"Invalid parameter name: {name[:100]}")
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(path) > MAX_DEPTH:
        raise ApiError(f"Invalid parameter name, too deep: {name[:100]}")
    return path


def _put(form: dict[str, Form], path: list[str], value: str, name: str) -> None:
    place = form
    for index, segment in enumerate(path[:-1]):
        key = _index(place, path[index + 1 :]) if segment == "" else segment
        deeper = place.setdefault(key, {})
        if isinstance(deeper, str):
            raise invalid(f"Invalid request: {path[0]} is both a value and a hash.", name)
        place = deeper
    last = str(len(place)) if path[-1] == "" else path[-1]
    if isinstance(place.get(last), dict):
        raise invalid(f"Invalid request: {path[0]} is both a value and a hash.", name)
    place[last] = value


def _index(place: dict[str, Form], rest: list[str]) -> str:
    """The element that ``a[][b]`` means: the last one, or a new one where the last has that field already."""
    newest = place.get(str(len(place) - 1))
    taken = not isinstance(newest, dict) or (rest[0] in newest and (len(rest) == 1 or rest[0] == ""))
    return str(len(place)) if taken else str(len(place) - 1)
