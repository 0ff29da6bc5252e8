"""JSON from strangers: one reading of it, or none (RFC 8259; I-JSON, RFC 7493)."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from readiness.signoff.model import Code, SignOffError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32


def loads(raw: bytes, what: str, *, limit: int = MAX_BYTES) -> Any:
    """The value. Raises SignOffError(MALFORMED): too big, too deep, not UTF-8, doubled keys, NaN, or no JSON."""
    if len(raw) > limit:
        raise SignOffError(Code.MALFORMED, f"{what} has {len(raw):,} bytes; at most {limit:,} are read")
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        words = "is nested too deeply" if isinstance(error, RecursionError) else f"is no strict JSON: {error}"
        raise SignOffError(Code.MALFORMED, f"{what} {words}") from error
    if not _shallow(value, MAX_DEPTH):
        raise SignOffError(Code.MALFORMED, f"{what} is nested deeper than {MAX_DEPTH} levels")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {doubled!r} stands twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _shallow(value: Any, depth: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_shallow(part, depth - 1) for part in parts)
