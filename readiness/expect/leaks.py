"""What an answer tells that it must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from readiness.expect.exchange import Exchange
from readiness.expect.signatures import SIGNATURES, Signature
from readiness.expect.values import short
from readiness.patterns import compile_pattern

ERROR = 400
MOST = 100_000
"""Values of a JSON body that are looked at one by one."""
BEFORE = 30
"""Characters before a find that help to recognise the place."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One thing that an answer tells."""

    name: str
    """``a Python traceback``."""
    seen: str
    """The place in the body, cut; or how it begins where it is a secret."""


def leaks(exchange: Exchange, more: tuple[Signature, ...] = (), secrets: tuple[str, ...] = ()) -> Iterator[Leak]:
    """What an answer tells, one of each sort; `secrets` are values that must not be in it."""
    text = _all_text(exchange)
    if any(value in text for value in secrets):
        yield Leak(name="a secret of the service", seen="all of it")
    is_error = exchange.response.status >= ERROR
    for signature in (*SIGNATURES, *more):
        if is_error or signature.everywhere:
            yield from _found(signature, text)


def _found(signature: Signature, text: str) -> Iterator[Leak]:
    """The first match of any of its patterns."""
    for pattern in signature.patterns:
        match = compile_pattern(pattern, ignore_case=signature.ignore_case).search(text)
        if match:
            seen = f"{match.group()[:4]}..." if signature.secret else _line(text, match.start())
            yield Leak(name=signature.name, seen=seen)
            return


def _line(text: str, at: int) -> str:
    """What stands around a place, in short."""
    begin = max(text.rfind("\n", 0, at) + 1, at - BEFORE)
    return short(text[begin:].partition("\n")[0].strip())


def _all_text(exchange: Exchange) -> str:
    """The body as it is, and the texts in it without JSON's escapes."""
    try:
        document = None if exchange.response.truncated else exchange.json
    except ValueError:
        document = None
    return "\n".join([exchange.text, *_texts(document)])


def _texts(document: Any) -> Iterator[str]:
    waiting, seen = [document], 0
    while waiting and seen < MOST:
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
