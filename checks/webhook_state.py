"""``webhook.state``: what events leave behind is right, however often and in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

from readiness.address import is_loopback_host, shown
from readiness.api import CannotTell, Effect, Outcome, Reads, Reason, World
from readiness.webhook.batteries import control, judge_genuine, need_judged, signed
from readiness.webhook.endpoint import Endpoint
from readiness.webhook.events import API_VERSION
from readiness.webhook.lives import NAMES, Name, Teller
from readiness.webhook.observing import Observe
from readiness.webhook.outage import Outage
from readiness.webhook.purchase import Goods
from readiness.webhook.replies import Verdict
from readiness.webhook.stories import Answers
from readiness.webhook.telling import Narrator, Witness, judge_answers, judge_fact, judge_speed


@dataclass(frozen=True, kw_only=True)
class WebhookState:
    """What events leave behind is right, however often and in whatever order they come.

    Signed events of purchases that nobody made are delivered to the running endpoint: a paid session
    once, twice, ten times at once and in another event, an unpaid one, an update before its
    creation, a whole life in shuffled orders, a late repetition, something else of the same account,
    an event of the other mode, and a forgery. Then the service's database, or a page of it, is asked
    how many tokens there are and what the subscription's status is. Stories about tokens are told
    where `observe` asks for tokens, those about the status where it asks for the status.

    It writes into the service, so that it needs ``--allow write`` unless the endpoint is on this
    machine, and it never runs in production: not where the environment is called so, nor where
    STRIPE_SECRET_KEY is a live key. Every id begins with ``sub_readiness``, ``cus_readiness`` and so
    on. A handler that asks Stripe for the objects of an event does not find these. A secret variable
    needs ``--bind NAME=https://host`` unless the endpoint is on this machine.
    """

    id: ClassVar = "webhook.state"
    reads: ClassVar = frozenset({Reads.NETWORK, Reads.ENV, Reads.DB})

    url: str
    """The endpoint."""
    secret: str
    """Its signing secret: ``${env:STRIPE_WEBHOOK_SECRET}``."""
    observe: Observe
    """How to see what the service made of the events."""
    price: str
    """Id of a price that the service sells."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the service's own checkout writes on session and subscription: ``{tier: team}``."""
    amount: int = 1900
    """Price in the currency's smallest unit."""
    currency: str = "usd"
    """Three-letter code (ISO 4217)."""
    stories: tuple[Name, ...] = NAMES
    """Which are told."""
    unknown_price: Answers = "any"
    """What a purchase of something else may be answered."""
    within: float = 3.0
    """Seconds until what an event causes is there: more than 0 where the work is done after the answer."""
    settle: float = 1.0
    """Seconds after which what must not be there is looked for once more."""
    answer_within: float = 2.0
    """Seconds in which every event must be acknowledged."""
    fault: Outage | None = None
    """Commands that take the database away and bring it back: an event must then be answered 5xx, and what was not
    acknowledged must succeed when it is repeated. It needs ``--allow exec`` and an endpoint on this machine; let the
    item `needs` the others that use the service, so that it is alone. Without it, none of this is checked."""
    api_version: str = API_VERSION
    """Version of Stripe's API that the endpoint is registered with; before 2025-03-31 events have the older shape."""

    def __post_init__(self) -> None:
        self._endpoint()
        if min(self.within, self.settle) < 0 or self.answer_within <= 0:
            raise ValueError("`within` and `settle` are seconds from 0, `answer_within` is above 0")
        if self.fault and not self._local:
            raise ValueError("`fault` needs an endpoint on this machine: its commands cannot end a database elsewhere")
        if not self.stories and not self.fault:
            raise ValueError("`stories` is empty, so nothing would be checked")

    @property
    def effect(self) -> Effect:
        """EXEC with a fault, READ where all stays on this machine, else WRITE."""
        if self.fault:
            return Effect.EXEC
        return Effect.READ if self._local else Effect.WRITE

    def looks_at(self) -> Iterator[str]:
        """The endpoint, where its state is seen, and the commands."""
        yield f"POST {shown(self.url)} ({len(self.stories)} stories of purchases that nobody made)"
        yield self.observe.looks_at()
        if self.fault:
            yield from (" ".join(argv) for argv in (self.fault.begin, self.fault.end))

    def run(self, world: World) -> Iterator[Outcome]:
        """Tell the stories, look what came of them, and judge both."""
        endpoint = self._endpoint()
        endpoint.need_key()
        _need_test(endpoint, world)
        at = int(world.now().timestamp())
        first = control(world, signed(endpoint.letter(at)))
        yield judge_genuine(first, {"signed": first}, endpoint, self.answer_within)
        if first.verdict is Verdict.ACCEPTED:
            yield from self._tell(world, Narrator(endpoint=endpoint, http=world.http, at=at))

    def _tell(self, world: World, narrator: Narrator) -> Iterator[Outcome]:
        teller = Teller(goods=self._goods(), at=narrator.at, unknown_price=self.unknown_price)
        told = narrator.tell(story for story in teller.stories(self.stories) if self.observe.concerns(story))
        need_judged({reply.probe.sent: reply for one in told for reply in one.replies})
        yield from map(judge_answers, told)
        if told:
            yield judge_speed(told, self.answer_within)
        stories = [one.story for one in told]
        if self.fault:
            outage = self.fault.tell(world, narrator, teller, self.within)
            stories.append(outage.story)
            yield from outage.outcomes
        source = self.observe.source(world)
        witness = Witness(observe=self.observe, world=world, within=self.within, settle=self.settle)
        yield from (judge_fact(seen, source) for seen in witness.see(stories))

    @property
    def _local(self) -> bool:
        return is_loopback_host(urlsplit(self.url).hostname or "")

    def _endpoint(self) -> Endpoint:
        return Endpoint(url=self.url, secret=self.secret, mode="test", api_version=self.api_version)

    def _goods(self) -> Goods:
        return Goods(
            price=self.price,
            amount=self.amount,
            currency=self.currency,
            metadata=self.metadata,
            api_version=self.api_version,
            live=False,
        )


def _need_test(endpoint: Endpoint, world: World) -> None:
    """Raise CannotTell in production, where purchases that nobody made would be customers."""
    why = endpoint.production(world)
    if why:
        fix = "check it in test mode, and limit the item with `environments`"
        raise CannotTell(f"{why}, where no purchases are made up", reason=Reason.DENIED, fix=fix)
