"""The kind `http.leaks`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from readiness.api import CannotTell, Effect, HttpRequest, Outcome, Reads, Reason, Unreachable, World
from readiness.expect.exchange import Exchange
from readiness.expect.leaks import leaks
from readiness.expect.parts import Status
from readiness.expect.provocations import PROVOCATIONS, REFLECTED, Provocation, provoke
from readiness.expect.request import Request, built, effect_of, lines_of
from readiness.expect.signatures import Signature
from readiness.patterns import compile_assertion

LIMITED = 429


@dataclass(frozen=True, kw_only=True)
class HttpLeaks:
    """Errors tell nothing of the inside: no key, no trace, no SQL, no path, no text of somebody else's library.

    Each request is sent spoiled in many ways: as broken JSON, with fields of other types, with
    quotes, templates, markup, odd Unicode and control characters, far too big, far too deep, under
    another content type, with another method, below an unknown route, with strangers' credentials.
    `also` is sent as it is. Whatever the service answers is searched for keys of known providers,
    stack traces of a dozen languages, debug and server pages, SQL and texts of databases, texts of
    Stripe, class names, paths, variables and addresses of the inside; and markup that was sent must
    not come back in HTML as it is. The message names what was found and where, never a secret.

    Error texts for people and lists of the fields that are wrong pass. A request that is limited
    (429) tells nothing; where that happens, the item is an error unless something else was found.
    """

    id: ClassVar = "http.leaks"
    reads: ClassVar = frozenset({Reads.NETWORK})

    requests: tuple[Request, ...] = ()
    """Requests to spoil. Some ways leave the body alone, so let one that would create something be invalid."""
    also: tuple[Request, ...] = ()
    """Requests that are sent as they are."""
    provocations: tuple[Provocation, ...] = PROVOCATIONS
    """The ways to spoil a request; about 20 for one with a body, 6 for another."""
    patterns: tuple[str, ...] = ()
    """RE2 patterns of texts besides, which no error may hold."""
    secrets: tuple[str, ...] = ()
    """Names of variables whose values no answer may hold; one that is not set here is passed over."""
    status: tuple[int | str, ...] = ()
    """What the answers must be besides: ``[4xx]`` asks for errors that are the client's."""

    def __post_init__(self) -> None:
        if not self.requests and not self.also:
            raise ValueError("neither `requests` nor `also` names a request, so nothing would be asked")
        if self.requests and not self.provocations:
            raise ValueError("`provocations` is empty, so `requests` would never be sent")
        for pattern in self.patterns:
            compile_assertion(pattern)
        if self.status:
            Status(wanted=self.status)
        self._sent()

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        # PROPFIND reads (RFC 4918 9.1)
        return effect_of(request for name, request in self._sent() if name != "method")

    def looks_at(self) -> Iterator[str]:
        """Each request once, and the variables."""
        yield from lines_of(request for _, request in self._sent())
        yield from (f"${name}" for name in self.secrets)

    def run(self, world: World) -> Iterator[Outcome]:
        """Send each request and search its answer."""
        values = tuple(value for name in self.secrets if (value := world.env.get(name, secret=True)))
        limited = 0
        for name, request in self._sent():
            exchange = _answer(world, name, request)
            if exchange is None:
                continue
            if exchange.response.status == LIMITED:
                limited += 1
            yield from self._judged(exchange, values)
        if limited:
            message = f"{limited} of {len(self._sent())} requests were answered 429, so that nothing is known of them"
            raise CannotTell(message, reason=Reason.RATE_LIMITED, fix="name fewer `provocations`, or raise the limit")

    def _judged(self, exchange: Exchange, values: tuple[str, ...]) -> Iterator[Outcome]:
        more = tuple(Signature(name=f"a text that matches {pattern}", patterns=(pattern,)) for pattern in self.patterns)
        found = [f"{leak.name} ({leak.seen})" for leak in leaks(exchange, more, values)]
        html = "html" in (exchange.response.header("content-type") or "")
        if html and REFLECTED in exchange.text:
            found.append("the markup that was sent, as it was sent")
        observed = f"telling {'; '.join(found)}" if found else f"{exchange.response.status} and tells nothing"
        yield exchange.say("the answer", ok=not found, expected="without anything of the inside", observed=observed)
        if self.status and exchange.response.status != LIMITED:
            yield from Status(wanted=self.status).judge(exchange)

    def _sent(self) -> tuple[tuple[str, HttpRequest], ...]:
        right = built(self.requests) if self.requests else ()
        spoiled = (pair for request in right for pair in provoke(request, self.provocations))
        also = (("as it is", replace(request.build(), fresh=True)) for request in self.also)
        return (*spoiled, *also)


def _answer(world: World, name: str, request: HttpRequest) -> Exchange | None:
    """None where a server hangs up on what is far too big, which is its right."""
    try:
        return Exchange.of(world, request, name=name)
    except Unreachable as error:
        if name == "huge" and error.reason is Reason.UNREACHABLE:
            return None
        raise
