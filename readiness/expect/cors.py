"""Which origins a browser lets read an answer: the CORS protocol of the Fetch standard, really spoken.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from readiness.api import HttpRequest, HttpResponse, Outcome, World
from readiness.expect.exchange import Exchange
from readiness.expect.origins import check_origin

SIMPLE_METHODS = frozenset({"GET", "HEAD", "POST"})
READING = frozenset({"GET", "HEAD"})
SIMPLE_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
OWN_HEADERS = frozenset({"accept", "accept-language", "content-language", "origin", "user-agent", "cookie", "referer"})
"""Headers that a script need not ask for, or cannot set."""


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Origins that must, and that must not, be able to use the endpoint from a browser."""

    allow: tuple[str, ...] = ()
    """Origins such as ``https://kamiyo.ai`` that must be able to."""
    deny: tuple[str, ...] = ()
    """Origins that must not; a wildcard lets them."""

    def __post_init__(self) -> None:
        if not self.allow and not self.deny:
            raise ValueError("`cors` is empty, so it asserts nothing: write allow or deny")
        for origin in (*self.allow, *self.deny):
            check_origin(origin)
        both = set(self.allow) & set(self.deny)
        if both:
            raise ValueError(f"`cors` both allows and denies {min(both)}")

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome an origin and request: the preflight, and the request itself where it only reads."""
        for origin in self.allow:
            yield from _probe(exchange, origin, allowed=True)
        for origin in self.deny:
            yield from _probe(exchange, origin, allowed=False)


def _probe(exchange: Exchange, origin: str, *, allowed: bool) -> Iterator[Outcome]:
    asked = exchange.request
    spoken = preflight(exchange.world, asked, origin, name=exchange.name, shown=exchange.shown)
    yield usable(spoken, asked, origin, allowed=allowed)
    if asked.method in READING:
        sent = from_origin(asked, origin)
        answer = Exchange.of(exchange.world, sent, name=exchange.name, shown=exchange.shown | SHOWN)
        yield readable(answer, origin, allowed=allowed)


def from_origin(asked: HttpRequest, origin: str) -> HttpRequest:
    """The request as a script on a page of `origin` sends it."""
    others = tuple(pair for pair in asked.headers if pair[0].lower() != "origin")
    return replace(asked, headers=(*others, ("Origin", origin)))


def preflight(
    world: World, asked: HttpRequest, origin: str, *, name: str = "", shown: frozenset[str] = frozenset()
) -> Exchange:
    """The question that a browser on a page of `origin` sends before the request, and its answer."""
    return Exchange.of(world, _preflight_of(asked, origin), name=name, shown=shown | SHOWN)


def usable(answered: Exchange, asked: HttpRequest, origin: str, *, allowed: bool) -> Outcome:
    """Whether a browser sends the request after this preflight, as it should or should not."""
    return _judge(answered, origin, _refusals(asked, answered.response, origin), allowed=allowed)


def readable(exchange: Exchange, origin: str, *, allowed: bool) -> Outcome:
    """Whether a script of the origin can read this answer, as it should or should not."""
    return _judge(exchange, origin, tuple(_unreadable(exchange.response, origin)), allowed=allowed)


def _judge(exchange: Exchange, origin: str, refusals: tuple[str, ...], *, allowed: bool) -> Outcome:
    seen = f"refused: {'; '.join(refusals)}" if refusals else "allowed"
    expected = "allowed" if allowed else "refused"
    return exchange.say(f"the origin {origin}", ok=bool(refusals) != allowed, expected=expected, observed=seen)


def varies(exchange: Exchange) -> Outcome:
    """Whether caches keep the answers for different origins apart (Fetch, "CORS protocol and HTTP caches")."""
    seen = exchange.response.header("vary")
    ok = bool({"origin", "*"} & _tokens(exchange.response, "vary"))
    expected = "Origin in it, as the answer names one origin"
    return exchange.say("the header vary", ok=ok, expected=expected, observed="not there" if seen is None else seen)


SHOWN = frozenset(
    {
        "access-control-allow-origin",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-allow-credentials",
        "vary",
    }
)


def _preflight_of(asked: HttpRequest, origin: str) -> HttpRequest:
    """The question that a browser sends first."""
    names = ",".join(_asked_for(asked))
    headers = (("Origin", origin), ("Access-Control-Request-Method", asked.method))
    extra = (("Access-Control-Request-Headers", names),) if names else ()
    return HttpRequest(method="OPTIONS", url=asked.url, headers=(*headers, *extra), timeout=asked.timeout)


def _asked_for(asked: HttpRequest) -> list[str]:
    """Names of the headers that need leave, in the order that Fetch wants."""
    return sorted({name.lower() for name, value in asked.headers if not _is_simple(name.lower(), value)})


def _is_simple(name: str, value: str) -> bool:
    if name == "content-type":
        return value.partition(";")[0].strip().lower() in SIMPLE_TYPES
    return name in OWN_HEADERS


def _refusals(asked: HttpRequest, answer: HttpResponse, origin: str) -> tuple[str, ...]:
    """Why a browser would not send the request after this answer to its preflight."""
    found = list(_unreadable(answer, origin))
    if not 200 <= answer.status <= 299:  # noqa: PLR2004 - an ok status of Fetch
        found.append(f"the preflight is answered with status {answer.status}")
    methods = _tokens(answer, "access-control-allow-methods")
    if asked.method not in SIMPLE_METHODS and not {asked.method.lower(), "*"} & methods:
        found.append(f"the method {asked.method} is not allowed")
    headers = _tokens(answer, "access-control-allow-headers")
    missing = [
        name for name in _asked_for(asked) if name not in headers and ("*" not in headers or name == "authorization")
    ]
    return (*found, *(f"the header {name} is not allowed" for name in missing))


def _unreadable(answer: HttpResponse, origin: str) -> Iterator[str]:
    """Why a script of the origin could not read an answer."""
    allowed = answer.header("access-control-allow-origin")
    if allowed is None:
        yield "no Access-Control-Allow-Origin"
    elif allowed.strip() not in {"*", origin}:
        yield f"Access-Control-Allow-Origin is {allowed}"


def _tokens(answer: HttpResponse, name: str) -> set[str]:
    return {part.strip().lower() for part in (answer.header(name) or "").split(",") if part.strip()}
