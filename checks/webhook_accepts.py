"""``webhook.accepts``: the webhook acknowledges what Stripe signed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.address import shown
from readiness.api import Effect, Outcome, Reads, World
from readiness.expect.bounds import is_a_little_late
from readiness.webhook.batteries import control, cross_site, genuine, instead, judge_forgery, judge_genuine, signed
from readiness.webhook.endpoint import Endpoint, Letter, Mode
from readiness.webhook.events import API_VERSION
from readiness.webhook.replies import Probe, Reply, Verdict, send_all

Part = Literal["compact", "spaced", "non-ascii", "rotation", "cross-site"]
ALL: tuple[Part, ...] = ("compact", "spaced", "non-ascii", "rotation", "cross-site")


@dataclass(frozen=True, kw_only=True)
class WebhookAccepts:
    """The webhook acknowledges what Stripe signed, at once.

    A signed event of a type that Stripe does not have is delivered as Stripe delivers, and must be
    answered 2xx, soon and without a redirect; an answer that is a little late gets a second try. So
    must its variants, however long they take, for they come several at once: the same JSON written
    in other ways (a handler that parses before it verifies fails here), characters beyond ASCII, two
    signatures as while a secret is rolled, and the look of another site's page, which a check
    against cross-site requests must not judge; with that look and a wrong signature it must be 4xx.

    In production (the events are of live mode, the environment is called so, or STRIPE_SECRET_KEY is
    a live key) one signed event is sent and no other: the plain one, or the variant that `probes`
    names alone. The secret itself never leaves; a
    signature tells nothing of its key (RFC 2104). A signed event counts for five minutes, though,
    so that a secret variable needs ``--bind NAME=https://host`` unless the endpoint is on this machine.
    """

    id: ClassVar = "webhook.accepts"
    reads: ClassVar = frozenset({Reads.NETWORK, Reads.ENV})
    effect: ClassVar = Effect.READ

    url: str
    """The endpoint, as it is registered at Stripe."""
    secret: str
    """Its signing secret: ``${env:STRIPE_WEBHOOK_SECRET}``."""
    within: float = 2.0
    """Seconds in which the plain event must be acknowledged."""
    probes: tuple[Part, ...] = ALL
    """Variants that are sent besides the plain event."""
    mode: Mode = "test"
    """What the events say of themselves: the mode that the service runs in."""
    api_version: str = API_VERSION
    """Version of Stripe's API that the endpoint is registered with."""

    def __post_init__(self) -> None:
        if self.within <= 0:
            raise ValueError("`within` is a number of seconds above 0")
        self._endpoint()

    def looks_at(self) -> Iterator[str]:
        """The endpoint."""
        yield f"POST {shown(self.url)} (signed events of an unknown type; in production one)"

    def run(self, world: World) -> Iterator[Outcome]:
        """Send the plain event, then its variants, and judge each."""
        endpoint = self._endpoint()
        endpoint.need_key()
        letter = endpoint.letter(int(world.now().timestamp()))
        careful = bool(endpoint.production(world))
        first = control(world, self._first(letter, careful=careful))
        first = first if careful else self._fair(world, endpoint, first)
        more = self._refused_at_least(letter) if careful else self._more(letter, first)
        replies = {first.probe.name: first, **send_all(world.http, more)}
        for name, reply in replies.items():
            if name == "cross-site, forged":
                yield judge_forgery(reply, replies)
            elif name in {"signed", *self.probes}:
                yield judge_genuine(reply, replies, endpoint, self.within if reply is first else math.inf)

    def _first(self, letter: Letter, *, careful: bool) -> Probe:
        """The plain event; in production the one variant, where one alone is asked for."""
        if careful and len(self.probes) == 1:
            return next(probe for probe in (*genuine(letter), *cross_site(letter)) if probe.name in self.probes)
        return signed(letter)

    def _fair(self, world: World, endpoint: Endpoint, first: Reply) -> Reply:
        """Where an event was acknowledged a little late, the quicker of it and another one; a refusal counts more."""
        if first.verdict is not Verdict.ACCEPTED or not is_a_little_late(first.elapsed, self.within):
            return first
        again = control(world, signed(endpoint.letter(int(world.now().timestamp()))))
        return again if again.verdict is not Verdict.ACCEPTED or again.elapsed < first.elapsed else first

    def _refused_at_least(self, letter: Letter) -> Iterator[Probe]:
        """What may be sent in production besides the one event."""
        if self.probes == ("cross-site",):
            yield from (probe for probe in cross_site(letter) if probe.name not in self.probes)

    def _more(self, letter: Letter, first: Reply) -> Iterator[Probe]:
        """The variants; where the plain event was refused, also what finds out why."""
        refused = first.verdict is Verdict.REFUSED
        yield from (probe for probe in genuine(letter) if refused or probe.name in self.probes)
        if "cross-site" in self.probes:
            yield from cross_site(letter)
        if refused:
            yield from instead(letter)

    def _endpoint(self) -> Endpoint:
        return Endpoint(url=self.url, secret=self.secret, mode=self.mode, api_version=self.api_version)
