"""The kind `http.methods`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from readiness.api import Effect, HttpRequest, Outcome, Reads, Reason, Unreachable, World, passed
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.request import SAFE, Request, effect_of, lines_of

KNOWN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NEVER = ("TRACE", "TRACK", "CONNECT")
"""Methods by which a server repeats headers, cookies among them, or becomes a proxy."""
ALONE = frozenset({"HEAD", "OPTIONS"})
"""Methods that servers answer of their own accord."""
REFUSED = 405
LOWEST_ERROR = 400
FRAMING = ("content-type", "content-length", "etag", "last-modified")
"""Headers that HEAD and GET have alike, where both have them (RFC 9110 9.3.2)."""


@dataclass(frozen=True, kw_only=True)
class HttpMethods:
    """An address answers the methods that it is for, and refuses all others.

    Each method of `allow` is sent as `request` says and must be answered with anything but 405.
    Every other one of GET, POST, PUT, PATCH and DELETE must be answered 405 with an Allow header
    (RFC 9110 15.5.6) that names none of the refused. HEAD and OPTIONS may be answered where they
    are not named, as servers do that by themselves; but what HEAD answers must be what GET does,
    without the body. TRACE, TRACK and CONNECT must fail: they repeat a request's cookies, or open a
    way to other machines.
    """

    id: ClassVar = "http.methods"
    reads: ClassVar = frozenset({Reads.NETWORK})

    request: Request
    """Where to, and with what headers and body; its method is not used."""
    allow: tuple[str, ...]
    """The methods that the address is for."""
    refused: tuple[int, ...] = (REFUSED,)
    """How others are refused: 405; an API that hides its routes may say 404."""

    def __post_init__(self) -> None:
        if not self.allow:
            raise ValueError("`allow` is empty: name the methods that the address is for")
        unknown = [method for method in self.allow if method not in KNOWN]
        if unknown:
            raise ValueError(f"{unknown[0]!r} cannot be allowed; choose from {', '.join(KNOWN)}")
        if not self.refused:
            raise ValueError("`refused` is empty, so nothing would count as refused")
        self._sent("GET")

    @property
    def effect(self) -> Effect:
        """WRITE towards another machine, since what should be refused might not be; else READ."""
        return effect_of(map(self._sent, KNOWN))

    def looks_at(self) -> Iterator[str]:
        """The address, once for each method."""
        yield from lines_of(map(self._sent, (*KNOWN, *NEVER)))

    def run(self, world: World) -> Iterator[Outcome]:
        """Send each method."""
        for method in KNOWN:
            exchange = Exchange.of(world, self._sent(method), shown=frozenset({"allow"}))
            exchange.need_room()
            if method in self.allow:
                yield self._answered(exchange)
            elif method not in ALONE:
                yield from self._not_allowed(exchange)
        if "GET" in self.allow:
            yield from self._head(world)
        for method in NEVER:
            yield self._never(world, method)

    def _answered(self, exchange: Exchange) -> Outcome:
        """501 is an answer: that something is planned."""
        status = exchange.response.status
        observed = f"answered {status_words(status)}"
        return exchange.say("the method", ok=status != REFUSED, expected="not refused", observed=observed)

    def _not_allowed(self, exchange: Exchange) -> Iterator[Outcome]:
        status = exchange.response.status
        expected = f"refused with {' or '.join(map(str, self.refused))}"
        observed = f"answered {status_words(status)}"
        yield exchange.say("the method", ok=status in self.refused, expected=expected, observed=observed)
        if status == REFUSED:
            yield self._allow(exchange)

    def _allow(self, exchange: Exchange) -> Outcome:
        what, expected = "the header allow", f"some of {', '.join(self.allow)}"
        seen = exchange.response.header("allow")
        if seen is None:
            return exchange.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
        named = {part.strip().upper() for part in seen.split(",") if part.strip()}
        ok = bool(named & set(self.allow)) and not (named - set(self.allow) - {"HEAD", "OPTIONS"})
        return exchange.say(what, ok=ok, expected=expected, observed=seen)

    def _head(self, world: World) -> Iterator[Outcome]:
        """HEAD is GET without the body, where it is answered at all."""
        head, get = (Exchange.of(world, self._sent(method)) for method in ("HEAD", "GET"))
        if head.response.status in {*self.refused, REFUSED} and "HEAD" not in self.allow:
            return
        pairs = [("status", str(head.response.status), str(get.response.status))]
        both = ((name, head.response.header(name), get.response.header(name)) for name in FRAMING)
        pairs += [(name, one, other) for name, one, other in both if one is not None and other is not None]
        wrong = [f"{name} {one} instead of {other}" for name, one, other in pairs if one != other]
        observed = f"different: {'; '.join(wrong)}" if wrong else "that of GET"
        yield head.say("the answer's head", ok=not wrong, expected="that of GET", observed=observed)

    def _never(self, world: World, method: str) -> Outcome:
        """A server that hangs up refuses as well."""
        asked = self._sent(method)
        try:
            exchange = Exchange.of(world, asked)
        except Unreachable as error:
            if error.reason is not Reason.UNREACHABLE:
                raise
            return passed(f"{error.message} to {method}", expected="refused", subject=next(lines_of([asked])))
        status = exchange.response.status
        observed = f"answered {status_words(status)}"
        return exchange.say("the method", ok=status >= LOWEST_ERROR, expected="refused", observed=observed)

    def _sent(self, method: str) -> HttpRequest:
        request = replace(self.request, method=method).build()
        return replace(request, content=None) if method in SAFE else request
