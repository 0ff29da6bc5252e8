"""JSON values (RFC 8259): read strictly, compared by JSON's idea of equality, shown in short."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

SHOWN = 120
"""Characters of a value that a sentence has room for."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Raises ValueError with a sentence; ``NaN`` and ``Infinity`` are no JSON.

    Half of a surrogate pair is no character (RFC 7493 2.1), and patterns could not be looked for in it.
    """
    try:
        return _characters(json.loads(body, parse_constant=_no_constant), body)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno} column {error.colno}") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("it has half of a surrogate pair in it, which is no character") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _characters(found: Any, body: bytes) -> Any:
    """What was read, once it is sure that it can be written again."""
    if _SURROGATE.search(body):
        json.dumps(found, ensure_ascii=False).encode()
    return found


def plain(value: Any) -> Any:
    """The value made of dict and list alone, as JSON libraries want it."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: 1 and 1.0 are, 1 and true are not, nor are 1 and "1"."""
    if type_name(one) != type_name(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def type_name(value: Any) -> str:
    """The JSON type of a value; integers are numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def is_number(value: object) -> bool:
    """A number, and not a boolean, which Python takes for one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """A whole number as JSON Schema has it: 1.0 is one."""
    return is_number(value) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def short(value: Any) -> str:
    """The value as JSON, cut to what a sentence has room for."""
    text = json.dumps(plain(value), ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
