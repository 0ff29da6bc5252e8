"""``webhook.refuses``: the webhook believes nothing that Stripe did not sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.address import shown
from readiness.api import Effect, Outcome, Reads, World
from readiness.webhook.batteries import control, judge_forgery, judge_genuine, need_judged, other_mode, signed
from readiness.webhook.endpoint import Endpoint, Mode
from readiness.webhook.events import API_VERSION
from readiness.webhook.forgeries import FORGERIES, forged
from readiness.webhook.replies import Verdict, send_all

PATIENCE = 10.0
"""Seconds that the control may take: how fast it is, `webhook.accepts` judges."""


@dataclass(frozen=True, kw_only=True)
class WebhookRefuses:
    """The webhook believes nothing that Stripe did not sign.

    A battery of forged deliveries is sent to the running endpoint, and each must be answered 4xx:
    unsigned, signed with a wrong, an empty or an unset secret, too old, tampered with, replayed,
    written anew, and more. One genuine event of a type that Stripe does not have must be accepted,
    for an endpoint that refuses everything verifies nothing. The likely cause of what goes wrong
    is named from the pattern of the answers. A time in the future is no forgery: Stripe's own
    libraries accept it.

    It may be run in production: nothing that is sent does anything. The secret itself never leaves;
    a signature tells nothing of its key (RFC 2104). A signed event counts for five minutes, though,
    so that a secret variable needs ``--bind NAME=https://host`` unless the endpoint is on this machine.
    """

    id: ClassVar = "webhook.refuses"
    reads: ClassVar = frozenset({Reads.NETWORK, Reads.ENV})
    effect: ClassVar = Effect.READ

    url: str
    """The endpoint, as it is registered at Stripe."""
    secret: str
    """Its signing secret: ``${env:STRIPE_WEBHOOK_SECRET}``."""
    mode: Mode = "test"
    """What the events say of themselves: the mode that the service runs in."""
    other_mode: Literal["refused", "ignored"] = "ignored"
    """`refused`: a genuine event of the other mode must be answered 4xx. `ignored`: any answer is right, as what
    counts is that nothing happens, which `webhook.state` sees."""
    api_version: str = API_VERSION
    """Version of Stripe's API that the endpoint is registered with."""

    def __post_init__(self) -> None:
        self._endpoint()

    def looks_at(self) -> Iterator[str]:
        """The endpoint."""
        yield f"POST {shown(self.url)} ({len(FORGERIES)} forged events, one genuine one of an unknown type)"
        yield f"GET {shown(self.url)}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Send the control, then the forgeries, and judge each."""
        endpoint = self._endpoint()
        endpoint.need_key()
        at = int(world.now().timestamp())
        letter = endpoint.letter(at)
        first = control(world, signed(letter))
        more = [other_mode(endpoint, at)] if self.other_mode == "refused" else []
        replies = send_all(world.http, [*forged(letter), *more])
        yield judge_genuine(first, {"signed": first, **replies}, endpoint, PATIENCE)
        for reply in replies.values():
            if reply.verdict is not Verdict.LIMITED:
                yield judge_forgery(reply, replies)
        need_judged(replies)

    def _endpoint(self) -> Endpoint:
        return Endpoint(url=self.url, secret=self.secret, mode=self.mode, api_version=self.api_version)
