"""Pretences by which a client that is limited tries to be taken for another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from readiness.api import HttpRequest

Disguise = Literal[
    "x-forwarded-for",
    "x-forwarded-for-chain",
    "forwarded",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "x-client-ip",
    "fly-client-ip",
    "loopback",
    "query",
    "user-agent",
    "cookie",
]


def disguised(request: HttpRequest, disguise: Disguise, number: int) -> HttpRequest:
    """The request under another pretence for every number."""
    return _MAKERS[disguise](replace(request, fresh=True), number)


def _address(number: int) -> str:
    """A public address; documentation ranges are no good, as careful services leave them out."""
    return f"23.{40 + number // 250 % 200}.{number % 250}.{1 + number * 7 % 250}"


def _with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    others = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*others, (name, value)))


def _from_address(name: str, form: str = "{}") -> Callable[[HttpRequest, int], HttpRequest]:
    return lambda request, number: _with_header(request, name, form.format(_address(number)))


def _through_proxies(request: HttpRequest, number: int) -> HttpRequest:
    """As if proxies stood in between: careless services believe the first address, or the last but one."""
    chain = ", ".join(_address(number * 3 + step) for step in range(3))
    return _with_header(request, "X-Forwarded-For", chain)


def _from_here(request: HttpRequest, _number: int) -> HttpRequest:
    """As if the proxy itself asked: some services spare their own machine."""
    for name in ("X-Forwarded-For", "X-Real-IP", "X-Client-IP"):
        request = _with_header(request, name, "127.0.0.1")
    return request


def _other_query(request: HttpRequest, number: int) -> HttpRequest:
    parts = urlsplit(request.url)
    query = f"{parts.query}&_={number}" if parts.query else f"_={number}"
    return replace(request, url=urlunsplit(parts._replace(query=query)))


_MAKERS: Mapping[Disguise, Callable[[HttpRequest, int], HttpRequest]] = MappingProxyType(
    {
        "x-forwarded-for": _from_address("X-Forwarded-For"),
        "x-forwarded-for-chain": _through_proxies,
        "forwarded": _from_address("Forwarded", "for={}"),  # RFC 7239
        "x-real-ip": _from_address("X-Real-IP"),
        "cf-connecting-ip": _from_address("CF-Connecting-IP"),
        "true-client-ip": _from_address("True-Client-IP"),
        "x-client-ip": _from_address("X-Client-IP"),
        "fly-client-ip": _from_address("Fly-Client-IP"),
        "loopback": _from_here,
        "query": _other_query,
        "user-agent": lambda request, number: _with_header(request, "User-Agent", f"Mozilla/5.0 ({number})"),
        "cookie": lambda request, number: _with_header(request, "Cookie", f"session=readiness{number}"),
    }
)
DISGUISES: tuple[Disguise, ...] = tuple(_MAKERS)
"""All of them."""
