"""The kind `http.cross_site`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from readiness.api import Effect, HttpRequest, Outcome, Reads, World
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.forgery import EVERYDAY, WORDS, Forgery, bare, forged, from_page
from readiness.expect.origins import check_origin, look_alikes
from readiness.expect.request import SAFE, Request, effect_of, lines_of

AWAY = frozenset({502, 503, 504})
"""A proxy's or the service's word that it did not look at the request."""


@dataclass(frozen=True, kw_only=True)
class HttpCrossSite:
    """A request that another site makes a browser send is refused (CSRF); those of our own pages are not.

    The request is sent as browsers really send it from elsewhere, one outcome each:

    - `script`: with a foreign Origin, and Sec-Fetch-Site as browsers tell it since 2023;
    - `old-browser`: with a foreign Origin alone;
    - `sandbox`: with the Origin `null`, as a sandboxed frame sends it;
    - `text`, `form`, `upload`: with the three types for which no preflight is asked, the body alike;
    - `look-alike`: from origins that careless comparisons take for ours, such as
      `https://kamiyo.ai.evil.example`;
    - `referer`: with a foreign Referer alone; browsers that send no Origin with a POST are long gone,
      so it is not tried unless `forgeries` names it.

    And as our own pages send it: that must not be refused, whatever else becomes of it, so an
    invalid request will do where a valid one would create something. `reads` are asked from the
    foreign site too, and must not be refused; `exempt` are requests that are guarded in another way,
    such as a webhook by its signature, so that they must not be refused as cross-site ones.
    """

    id: ClassVar = "http.cross_site"
    reads: ClassVar = frozenset({Reads.NETWORK})

    request: Request
    """What our pages send to change something."""
    origins: tuple[str, ...]
    """The origins of our own pages."""
    foreign: str = "https://evil.example"
    """The origin of the other site."""
    status: tuple[int, ...] = (403,)
    """How it is refused. Where only JSON is taken, 415 may be one of them."""
    forgeries: tuple[Forgery, ...] = EVERYDAY
    """What is tried."""
    own: Request | None = None
    """Changes to the request where our own pages send it, such as a token in a header."""
    programs: Literal["accepted", "refused"] | None = None
    """What becomes of the request without any header of a browser; not asked where nothing is said."""
    read_requests: tuple[Request, ...] = ()
    """Requests that only read, and are answered across sites."""
    exempt: tuple[Request, ...] = ()
    """Requests that are guarded otherwise, and are not refused across sites."""

    def __post_init__(self) -> None:
        if not self.origins or not self.forgeries or not self.status:
            empty = next(name for name in ("origins", "forgeries", "status") if not getattr(self, name))
            raise ValueError(f"`{empty}` is empty, so nothing would be checked")
        for origin in (*self.origins, self.foreign):
            check_origin(origin)
        if self.foreign in self.origins:
            raise ValueError(f"{self.foreign} is both ours and foreign")
        if self._asked().method in SAFE:
            raise ValueError(f"a {self._asked().method} changes nothing: put it under `read_requests`")
        self._others()

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        return effect_of((self._asked(), *self._others()))

    def looks_at(self) -> Iterator[str]:
        """Each request once."""
        yield from lines_of((self._asked(), *self._others()))

    def run(self, world: World) -> Iterator[Outcome]:
        """Try each forgery, and see that nobody else is refused."""
        for forgery, foreign in self._forgeries():
            name = WORDS[forgery].format(foreign)
            yield self._refused(self._send(world, forged(self._asked(), forgery, foreign), name))
        own = self.request.patched(self.own).build()
        for origin in self.origins:
            yield self._accepted(self._send(world, from_page(own, origin), f"our own page of {origin}"))
        if self.programs:
            exchange = self._send(world, bare(self._asked()), "a program that is no browser")
            yield self._accepted(exchange) if self.programs == "accepted" else self._refused(exchange)
        for request in self._others():
            sent = forged(request, "script", self.foreign)
            yield self._accepted(self._send(world, sent, f"from {self.foreign}"))

    def _forgeries(self) -> Iterator[tuple[Forgery, str]]:
        """Each way, from each origin that it is tried from."""
        like = dict.fromkeys(found for origin in self.origins for found in look_alikes(origin))
        for forgery in self.forgeries:
            for foreign in like if forgery == "look-alike" else (self.foreign,):
                if foreign not in self.origins:
                    yield forgery, foreign

    def _send(self, world: World, request: HttpRequest, name: str) -> Exchange:
        exchange = Exchange.of(world, replace(request, fresh=True), name=name)
        exchange.need_room()
        return exchange

    def _refused(self, exchange: Exchange) -> Outcome:
        status = exchange.response.status
        expected = f"refused with {' or '.join(map(str, self.status))}"
        observed = f"answered {status_words(status)}"
        return exchange.say("the request", ok=status in self.status, expected=expected, observed=observed)

    def _accepted(self, exchange: Exchange) -> Outcome:
        status = exchange.response.status
        ok = status not in self.status and status not in AWAY
        observed = f"answered {status_words(status)}"
        return exchange.say("the request", ok=ok, expected="not refused as a cross-site one", observed=observed)

    def _asked(self) -> HttpRequest:
        return self.request.build()

    def _others(self) -> tuple[HttpRequest, ...]:
        return tuple(request.build() for request in (*self.read_requests, *self.exempt))
