"""The kind `http.cors`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import Effect, HttpRequest, Outcome, Reads, World
from readiness.expect import cors
from readiness.expect.exchange import Exchange
from readiness.expect.origins import look_alikes
from readiness.expect.request import Request, effect_of, lines_of


@dataclass(frozen=True, kw_only=True)
class HttpCors:
    """Pages of our own origins can use an endpoint from a browser, and those of others cannot.

    The CORS protocol of the Fetch standard is really spoken: for every origin the preflight that a
    browser would send before `request`, with its method and its headers, and, where it only reads,
    the request itself. A request that writes is not sent. `answers` are sent as they are: name one
    that succeeds and one that fails, since frameworks often forget the headers on errors, and then
    the page cannot tell its user what was wrong.

    Besides the origins of `deny`, these are refused: `null` (a sandboxed frame, a local file), and
    for every allowed origin the ones that careless comparisons take for it: with something behind
    the host (`https://kamiyo.ai.evil.example`), with something before it (`https://evilkamiyo.ai`),
    with a dot read as any character (`https://shopxkamiyo.ai`), and without TLS. Subdomains are
    yours, so they are not tried; name them in `deny` where they are not trusted.

    An answer that names one origin must vary by it, or a cache hands it to the next one; and
    credentials never go together with the wildcard.
    """

    id: ClassVar = "http.cors"
    reads: ClassVar = frozenset({Reads.NETWORK})

    request: Request
    """What the pages send: its method and the names of its headers are asked for."""
    allow: tuple[str, ...]
    """Origins such as ``https://kamiyo.ai`` whose pages must be able to."""
    deny: tuple[str, ...] = ("https://evil.example",)
    """Origins whose pages must not."""
    look_alikes: bool = True
    """`null`, and the origins that only look like ours, must not either."""
    credentials: bool | None = None
    """Whether answers must allow cookies and HTTP authentication; they must not where it is false."""
    answers: tuple[Request, ...] = ()
    """Requests that are sent really, as pages of each origin; their answers must be readable alike."""

    def __post_init__(self) -> None:
        if not self.allow:
            raise ValueError("`allow` is empty: an endpoint that no page uses needs no CORS")
        cors.Cors(allow=self.allow, deny=self._denied())
        self._sent()

    @property
    def effect(self) -> Effect:
        """READ where every request that is really sent only reads or stays on this machine, else WRITE."""
        asked, *answers = self._sent()
        return effect_of([*answers, *([asked] if asked.method in cors.READING else [])])

    def looks_at(self) -> Iterator[str]:
        """The preflight, and each request that is really sent."""
        asked, *answers = self._sent()
        yield from lines_of([HttpRequest(method="OPTIONS", url=asked.url), *answers])
        if asked.method in cors.READING:
            yield from lines_of([asked])

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask for every origin."""
        asked, *answers = self._sent()
        for origin in (*self.allow, *self._denied()):
            allowed = origin in self.allow
            spoken = cors.preflight(world, asked, origin)
            yield cors.usable(spoken, asked, origin, allowed=allowed)
            if allowed:
                yield from self._credentials(spoken, origin)
        for request in (*([asked] if asked.method in cors.READING else []), *answers):
            yield from self._answers(world, request)

    def _answers(self, world: World, request: HttpRequest) -> Iterator[Outcome]:
        named = set()
        for origin in (*self._denied(), *self.allow):
            exchange = Exchange.of(world, cors.from_origin(request, origin), shown=cors.SHOWN)
            exchange.need_room()
            named.add(exchange.response.header("access-control-allow-origin"))
            yield cors.readable(exchange, origin, allowed=origin in self.allow)
            if origin in self.allow:
                yield from self._credentials(exchange, origin)
                if len(named) > 1 and "*" not in named:  # one and the same answer to everybody need not vary
                    yield cors.varies(exchange)

    def _credentials(self, exchange: Exchange, origin: str) -> Iterator[Outcome]:
        """Fetch 4.9: only the value ``true``, in small letters, counts, and never beside the wildcard."""
        given = exchange.response.header("access-control-allow-credentials") == "true"
        wildcard = exchange.response.header("access-control-allow-origin") == "*"
        what = f"leave for {origin} to send cookies"
        if given and wildcard:
            yield exchange.say(what, ok=False, expected="not given to every origin", observed="given to every origin")
        elif self.credentials is not None:
            words = {True: "given", False: "not given"}
            yield exchange.say(
                what, ok=given is self.credentials, expected=words[self.credentials], observed=words[given]
            )

    def _denied(self) -> tuple[str, ...]:
        like = (found for origin in self.allow for found in look_alikes(origin))
        more = ("null", *like) if self.look_alikes else ()
        return tuple(dict.fromkeys(origin for origin in (*self.deny, *more) if origin not in self.allow))

    def _sent(self) -> tuple[HttpRequest, ...]:
        return tuple(request.build() for request in (self.request, *self.answers))
