"""The kind `http.rate_limit`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.api import Effect, HttpRequest, Outcome, Reads, World
from readiness.duration import parse_duration
from readiness.expect.disguises import DISGUISES, Disguise
from readiness.expect.exchange import Exchange
from readiness.expect.expectation import Expect
from readiness.expect.limits import PROOF, Client, told_to_wait, unlimited
from readiness.expect.request import Request, lines_of

MOST = 1_000
"""Requests that one burst may have."""


@dataclass(frozen=True, kw_only=True)
class HttpRateLimit:
    """A client that asks too often is refused, whatever it calls itself.

    The request is sent until it is answered 429, at most `limit` + 1 times (more only where so much
    time passes that the limit fills up again). An earlier 429 is right, since others may have asked
    before; where the very first answer is one, nothing is known, and the item is an error. The 429
    must say in Retry-After when to come back, within the window.

    Then the refused client disguises itself: with another address in each of the headers by which
    proxies tell it, with an address of the service's own machine, with another query string,
    User-Agent or cookie each time. It must gain nothing. What is `exempt` is asked more often than
    `limit` allows and never refused; what is `spared` is asked once by the refused client, and not
    refused either.

    This is traffic: towards any other host than this machine it needs ``--allow traffic``, whatever
    the method. Choose a request that creates nothing, on a route that no other item needs within
    the window.
    """

    id: ClassVar = "http.rate_limit"
    reads: ClassVar = frozenset({Reads.NETWORK})

    request: Request
    """What is asked too often."""
    limit: int
    """Requests that a client may send within the window."""
    window: str = "60s"
    """The window; Retry-After must not be longer."""
    exact: bool = False
    """All of `limit` must be answered: an earlier 429 fails. Only where nobody else asks this route."""
    answer: Expect | None = None
    """What the 429 must be like besides, in the words of the kind `http`."""
    disguises: tuple[Disguise, ...] = DISGUISES
    """Pretences by which the client must gain nothing."""
    exempt: tuple[Request, ...] = ()
    """Requests without a limit, such as a webhook's; each is sent `limit` + 1 times."""
    spared: tuple[Request, ...] = ()
    """Requests that this limit must not touch; each is sent once."""
    waits: bool = False
    """Where the very first answer is a 429, since another item used up the same limit, wait once, as long as
    Retry-After says; the item's `timeout` must be longer than that."""
    recovers: bool = False
    """Wait as long as Retry-After says, and ask again; the item's `timeout` must be longer than that."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST:
            raise ValueError(f"`limit` is {self.limit}: this kind tries limits from 1 to {MOST}")
        if self.answer and not any(True for _ in self.answer.parts()):
            raise ValueError("`answer` is empty, so nothing would be asserted")
        parse_duration(self.window)
        self._sent()

    @property
    def effect(self) -> Effect:
        """TRAFFIC, except towards this machine."""
        here = all(is_loopback_host(urlsplit(request.url).hostname or "") for request in self._sent())
        return Effect.READ if here else Effect.TRAFFIC

    def looks_at(self) -> Iterator[str]:
        """Each request, and how often it is sent."""
        asked, *others = self._sent()
        often = self.limit + 1 + len(self.disguises) * 2 * PROOF
        yield f"{next(lines_of([asked]))} (about {often} times)"
        yield from (f"{line} (up to {self.limit + 1} times)" for line in lines_of(others))

    def run(self, world: World) -> Iterator[Outcome]:
        """Burst, disguise, and see who else is refused."""
        asked, *_ = self._sent()
        client = Client(world=world, request=asked, limit=self.limit, window=parse_duration(self.window))
        if self.waits:
            client.await_room()
        refused = client.burst()
        if refused is None:
            yield self._never(client)
            return
        yield self._in_time(client, refused)
        yield told_to_wait(refused, client.window)
        yield from (outcome for part in (self.answer or Expect()).parts() for outcome in part.judge(refused))
        yield from map(client.disguised, self.disguises)
        yield from (unlimited(world, request.build(), 1) for request in self.spared)
        yield from (unlimited(world, request.build(), self.limit + 1) for request in self.exempt)
        if self.recovers:
            yield self._recovered(client, refused)

    def _never(self, client: Client) -> Outcome:
        last = client.ask(client.request)
        hint = "; nginx says 503 unless limit_req_status is 429" if 503 in client.answers else ""  # noqa: PLR2004 - the status
        observed = f"never: {client.statuses}{hint}"
        return last.say("the answer 429", ok=False, expected=self._expected(), observed=observed)

    def _in_time(self, client: Client, refused: Exchange) -> Outcome:
        answered = client.answers.total()
        ok = answered >= self.limit or not self.exact
        observed = f"given to number {answered + 1}, after {client.statuses}"
        return refused.say("the answer 429", ok=ok, expected=self._expected(), observed=observed)

    def _expected(self) -> str:
        number = self.limit + 1
        return f"given to number {number}" if self.exact else f"given to number {number} at the latest"

    def _recovered(self, client: Client, refused: Exchange) -> Outcome:
        """Only time gives a client its requests back."""
        client.pause(refused)
        return unlimited(client.world, client.request, 1)

    def _sent(self) -> tuple[HttpRequest, ...]:
        return tuple(request.build() for request in (self.request, *self.spared, *self.exempt))
