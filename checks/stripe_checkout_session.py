"""``stripe.checkout_session``: the session that the service makes is, at Stripe, the one that was ordered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from readiness.api import CannotTell, Effect, HttpRequest, OtherMode, Outcome, Reads, Reason, World, failed
from readiness.billing.access import Access
from readiness.billing.reading import Reading
from readiness.billing.sessions import EXPAND, Wanted
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.jsonpath import compile_path, select
from readiness.expect.request import Request, effect_of, lines_of

ID = "cs_"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One row of the table: what is ordered, and what must come of it."""

    name: str | None = None
    """What the order is about: ``team``."""
    request: Request | None = None
    """Changes to the request."""
    expect: Wanted | None = None
    """Changes to the expectation."""


@dataclass(frozen=True, kw_only=True)
class StripeCheckoutSession:
    """The checkout session that the service makes is, at Stripe, the one that was ordered.

    The service is asked for a session, as a browser asks; the session is then read at Stripe, where its price,
    quantity, mode, metadata, addresses and end are what the buyer will get, and is expired again. With `cases`,
    one session is made for each. With a live mode key nothing is made without ``--allow live-writes``.

    Stripe does not show what a session passes on to its subscription (``subscription_data``): the kind
    ``stripe.evidence`` looks at a subscription that came of one.
    """

    id: ClassVar = "stripe.checkout_session"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.NETWORK, Reads.ENV})
    needs_access: ClassVar = (Access.SESSIONS, Access.EXPIRE_SESSIONS)

    request: Request
    """What is sent to the service; its method is POST where nothing is said."""
    session: str = "$.session_id"
    """JSONPath (RFC 9535) of the session's id in the answer."""
    expect: Wanted = field(default_factory=Wanted)
    """What the session must be."""
    cases: tuple[Order, ...] = ()
    """A table of orders, each of which inherits request and expectation."""
    read: Reading | None = None
    """Where the service tells of each session, and what it must say: ``{session}`` in the URL is the id."""
    expire: bool = True
    """Expire each session when it was read, so that nobody pays it."""

    def __post_init__(self) -> None:
        compile_path(self.session)
        rows = list(self.table())
        if any(expect == Wanted() for _, _, expect in rows):
            raise ValueError("`expect` is empty, so nothing would be asserted")
        if len({name for name, _, _ in rows}) < len(rows):
            raise ValueError("two cases have the same name")

    @property
    def effect(self) -> Effect:
        """READ where the service is on this machine, else WRITE."""
        return effect_of(request for _, request, _ in self.table())

    def looks_at(self) -> Iterator[str]:
        """Each request once, the variables with prices, and the objects at Stripe."""
        yield from lines_of(request for _, request, _ in self.table())
        yield from lines_of([self.read.of("cs_...")] if self.read else [])
        yield from dict.fromkeys(f"${expect.price_env}" for _, _, expect in self.table() if expect.price_env)
        yield "Stripe checkout sessions, which are expired again" if self.expire else "Stripe checkout sessions"

    def run(self, world: World) -> Iterator[Outcome]:
        """Order, read at Stripe, judge, and expire what was made."""
        world.stripe.allow_writing()
        made: list[str] = []
        try:
            for name, request, expect in self.table():
                yield from self._order(world, request, expect, name, made)
        finally:
            if self.expire:
                _expire(world, made)

    def table(self) -> Iterator[tuple[str, HttpRequest, Wanted]]:
        """Name, request and expectation of every row; one row without a name where there are no cases."""
        for number, case in enumerate(self.cases or (Order(name=""),), start=1):
            name = f"case {number}" if case.name is None else case.name
            yield (
                name,
                Request(method="POST").patched(self.request).patched(case.request).build(),
                self.expect.patched(case.expect),
            )

    def _order(
        self, world: World, request: HttpRequest, expect: Wanted, name: str, made: list[str]
    ) -> Iterator[Outcome]:
        exchange = Exchange.of(world, request, name=name)
        exchange.need_room()
        identity = self._identity(exchange)
        if identity is None:
            status, place = status_words(exchange.response.status), self.session
            yield exchange.say(place, ok=False, expected="the id of a session (cs_...)", observed=f"not in a {status}")
            return
        try:
            answer = world.stripe.retrieve("checkout.sessions", identity, expand=EXPAND)
        except OtherMode as other:
            yield failed(f"{exchange.subject}: {other.message}", subject=identity, evidence=exchange.evidence)
            return
        if answer.object is None:
            message = (
                f"{exchange.subject}: Stripe has no session {identity} in {world.stripe.mode()} mode of this account"
            )
            yield failed(message, reason=Reason.MISSING, subject=identity, evidence=exchange.evidence)
            return
        made.append(identity)
        yield from expect.judge(world, answer, name)
        if self.read is not None:
            yield from self.read.judge(world, identity, name)

    def _identity(self, exchange: Exchange) -> str | None:
        """The id in the answer, or None where it has none."""
        try:
            found = [value for _, value in select(self.session, exchange.json)]
        except ValueError:
            return None
        ids = [value for value in found if isinstance(value, str) and value.startswith(ID) and value.isascii()]
        return ids[0] if len(ids) == 1 and exchange.response.status // 100 == 2 else None  # noqa: PLR2004 - 2xx


def _expire(world: World, made: list[str]) -> None:
    """End what was made. Raises CannotTell where one stays open, when all were tried."""
    left: list[tuple[str, CannotTell]] = []
    for identity in made:
        try:
            world.stripe.write("checkout.sessions.expire", identity)
        except CannotTell as cannot:
            left.append((identity, cannot))
    if left:
        names = ", ".join(identity for identity, _ in left)
        raise CannotTell(f"{names} stays open: {left[0][1].message}", reason=left[0][1].reason, fix=left[0][1].fix)
