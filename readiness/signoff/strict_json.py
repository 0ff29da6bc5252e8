"""JSON from strangers: one reading of it, or none (RFC 8259; I-JSON, RFC 7493)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from readiness.signoff.model import Code, SignOffError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_INT = 2**53 - 1
"""RFC 7493 section 2.2: beyond it, readers such as jq see another number."""
_LONGEST = 32
"""Characters of a number."""
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_NESTING = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(raw: bytes, what: str, *, limit: int = MAX_BYTES) -> Any:
    """The value.

    Raises SignOffError(MALFORMED): too big, too deep, not UTF-8 or with a byte-order mark, a key that stands twice,
    numbers that readers see differently, half a surrogate pair, or no JSON at all.
    """
    if len(raw) > limit:
        raise SignOffError(Code.MALFORMED, f"{what} has {len(raw):,} bytes; at most {limit:,} are read")
    if _deep(raw):
        raise SignOffError(Code.MALFORMED, f"{what} is nested deeper than {MAX_DEPTH} levels")
    try:
        return _loads(raw)
    except ValueError as error:
        raise SignOffError(Code.MALFORMED, f"{what} is no strict JSON: {error}") from error


def _loads(raw: bytes) -> Any:
    value = json.loads(
        raw.decode("utf-8"),
        object_pairs_hook=_pairs,
        parse_constant=_constant,
        parse_int=_int,
        parse_float=_float,
    )
    if _HALF.search(raw) and not _whole(value):
        raise ValueError("half a surrogate pair is no character")
    return value


def _deep(raw: bytes) -> bool:
    """Found before anything recurses, by passes over the bytes as a whole: a report has a third of a million.

    Brackets inside strings are no nesting, so all quotes but those that end strings go first.
    """
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    quotes = raw.replace(rb"\\", b"").replace(rb"\"", b"").translate(_ONE_KIND, _NO_NESTING)
    brackets = b"".join(quotes.replace(b'""', b"").split(b'"')[::2])
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")  # the innermost level of all that is closed
    return b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {doubled[:80]!r} stands twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _int(text: str) -> int:
    if len(text) > _LONGEST or abs(int(text)) > MAX_INT:
        raise ValueError(f"the number {text[:_LONGEST]} is beyond 2^53 - 1, where readers differ")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:_LONGEST]} is beyond what a double holds")
    return value


def _whole(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
