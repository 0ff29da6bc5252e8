"""Requests that make a service say more than it should: one that is right, spoiled in many ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, get_args
from urllib.parse import quote, urlsplit, urlunsplit

from readiness.api import HttpRequest

Provocation = Literal[
    "broken-json",
    "no-body",
    "other-kind",
    "wrong-types",
    "huge-number",
    "deep",
    "huge",
    "no-utf8",
    "quotes",
    "templates",
    "script",
    "unicode",
    "control",
    "other-type",
    "charset",
    "method",
    "unknown-route",
    "path",
    "query",
    "credentials",
    "accept",
]
MARK = '<readiness x="y">\''
REFLECTED = "<readiness x"
"""What a page must not hold after that was sent."""
TEXTS: Mapping[Provocation, str] = MappingProxyType(
    {
        "quotes": "'\"`);-- \\",
        "templates": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}%s%n",
        "script": MARK,
        "unicode": "\U0001d54b\u202e\u0130\ufb01\U0001f4a5\u0301",
        "control": "a\x00\r\nX-Readiness: 1\x1b[31m\ud800",
    }
)
HUGE = 2 << 20
DEEP = 5_000


def provoke(request: HttpRequest, chosen: tuple[Provocation, ...]) -> Iterator[tuple[Provocation, HttpRequest]]:
    """The request, spoiled in each way that makes sense for it."""
    for name in chosen:
        spoiled = _BODIES[name](request) if name in _BODIES and request.content is not None else None
        if name in _OTHERS:
            spoiled = _OTHERS[name](request)
        if spoiled is not None:
            yield name, replace(spoiled, fresh=True)


def _body(content: bytes) -> Callable[[HttpRequest], HttpRequest]:
    return lambda request: replace(request, content=content)


def _typed(kind: str, content: bytes | None = None) -> Callable[[HttpRequest], HttpRequest]:
    return lambda request: _with(
        replace(request, content=request.content if content is None else content), "Content-Type", kind
    )


def _fields(value: Any) -> Callable[[HttpRequest], HttpRequest]:
    """Every field of the object with this value."""

    def spoil(request: HttpRequest) -> HttpRequest:
        try:
            found = json.loads(request.content or b"")
        except ValueError:
            found = None
        names = list(found) if isinstance(found, dict) and found else ["readiness"]
        return replace(request, content=json.dumps(dict.fromkeys(names, value)).encode())

    return spoil


def _with(request: HttpRequest, name: str, value: str) -> HttpRequest:
    others = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*others, (name, value)))


def _unknown(request: HttpRequest) -> HttpRequest:
    parts = urlsplit(request.url)
    return replace(request, url=urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/readiness-unknown")))


def _last_part(request: HttpRequest) -> HttpRequest:
    """What looks like an identifier at the end of the path."""
    parts = urlsplit(request.url)
    path = parts.path.rpartition("/")[0] + "/" + quote(TEXTS["quotes"] + MARK + "\U0001f4a5", safe="")
    return replace(request, url=urlunsplit(parts._replace(path=path)))


def _query(request: HttpRequest) -> HttpRequest:
    parts = urlsplit(request.url)
    query = f"id[]={quote(TEXTS['quotes'] + MARK)}&id=%ff"
    return replace(request, url=urlunsplit(parts._replace(query=query)))


def _strangers_credentials(request: HttpRequest) -> HttpRequest:
    return _with(_with(request, "Authorization", "Bearer e30.readiness.x"), "Cookie", "session=readiness%00")


_BODIES: Mapping[Provocation, Callable[[HttpRequest], HttpRequest]] = MappingProxyType(
    {
        "broken-json": _body(b'{"'),
        "no-body": _body(b""),
        "other-kind": _body(b"[null]"),
        "wrong-types": _fields([{"readiness": None}]),
        "huge-number": _fields(10**400),
        "deep": _body(b"[" * DEEP + b"]" * DEEP),
        "huge": _body(b'{"readiness": "' + b"x" * HUGE + b'"}'),
        "no-utf8": _body(b'{"readiness": "\xff\xfe\xc0"}'),
        "other-type": _typed("application/xml", b"<?xml version='1.0'?><readiness/>"),
        "charset": _typed("application/json; charset=readiness"),
        **{name: _fields(text) for name, text in TEXTS.items()},
    }
)
_OTHERS: Mapping[Provocation, Callable[[HttpRequest], HttpRequest]] = MappingProxyType(
    {
        "method": lambda request: replace(request, method="PROPFIND"),
        "unknown-route": _unknown,
        "path": _last_part,
        "query": _query,
        "credentials": _strangers_credentials,
        "accept": lambda request: _with(request, "Accept", "application/x-readiness"),
    }
)
PROVOCATIONS: tuple[Provocation, ...] = get_args(Provocation)
"""All of them."""
