"""What may become of a subscription, and what must come of it: the stories that `webhook.state` tells an endpoint."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from readiness.webhook.events import made_up
from readiness.webhook.purchase import Goods, Purchase
from readiness.webhook.stories import Answers, Story, life, orders, paid, singly, word

Name = Literal[
    "purchase",
    "twice",
    "at once",
    "another event",
    "unpaid",
    "update first",
    "shuffled",
    "older",
    "statuses",
    "unknown price",
    "other mode",
    "forged",
]
NAMES: tuple[Name, ...] = get_args(Name)
BEFORE = 600
"""Seconds before now at which every story begins, so that no event is of the future."""
COPIES = 10
BURSTS = 3
"""Purchases that are delivered at once: a race is won by chance."""


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Makes the stories of one run."""

    goods: Goods
    at: int
    unknown_price: Answers = "any"

    def stories(self, names: tuple[Name, ...]) -> Iterator[Story]:
        """Those that are asked for, each about a purchase of its own."""
        makers: dict[Name, Callable[[], Iterator[Story]]] = {
            "purchase": self._purchase,
            "twice": self._twice,
            "at once": self._at_once,
            "another event": self._another_event,
            "unpaid": self._unpaid,
            "update first": self._update_first,
            "shuffled": self._shuffled,
            "older": self._older,
            "statuses": self._statuses,
            "unknown price": self._unknown_price,
            "other mode": self._other_mode,
            "forged": self._forged,
        }
        return itertools.chain.from_iterable(makers[name]() for name in NAMES if name in names)

    def buy(self, **changes: object) -> Purchase:
        """A purchase of its own."""
        return Purchase(goods=replace(self.goods, **changes), at=self.at - BEFORE)  # type: ignore[arg-type]  # of its fields

    def _purchase(self) -> Iterator[Story]:
        bought = self.buy()
        yield Story(
            name="purchase",
            told="a subscription that is bought and paid",
            why="whoever pays gets nothing",
            purchase=bought,
            rounds=singly(*paid(bought)),
            tokens=1,
            status="active",
        )

    def _twice(self) -> Iterator[Story]:
        bought = self.buy()
        yield Story(
            name="twice",
            told="the events of a purchase, each delivered twice",
            why="Stripe delivers at least once, and a customer would get two tokens",
            purchase=bought,
            rounds=singly(*(event for event in paid(bought) for _ in range(2))),
            tokens=1,
            status="active",
        )

    def _at_once(self) -> Iterator[Story]:
        for number in range(1, BURSTS + 1):
            bought = self.buy()
            created, updated, session, invoice = paid(bought)
            yield Story(
                name=f"at once {number}",
                told=f"a paid session and its subscription, {COPIES} times at once, and then once more",
                why="two workers that look before they write both find nothing; a unique key or a lock decides",
                purchase=bought,
                rounds=(
                    (created,) * 2 * COPIES,  # opens the connections that the next round needs to be of one moment
                    (session,) * COPIES + (updated,) * COPIES,
                    *singly(created, updated, session, invoice),
                ),
                tokens=1,
                status="active",
            )

    def _another_event(self) -> Iterator[Story]:
        bought = self.buy()
        events = paid(bought)
        again = tuple({**event, "id": made_up("evt")} for event in events)
        yield Story(
            name="another event",
            told="the same purchase once more, in events with other ids",
            why="Stripe may make two events of one change, so that an event's id alone does not tell duplicates",
            purchase=bought,
            rounds=singly(*events, *again),
            tokens=1,
            status="active",
        )

    def _unpaid(self) -> Iterator[Story]:
        bought = self.buy()
        yield Story(
            name="unpaid",
            told="a completed session whose payment_status is unpaid",
            why="a bank debit that fails days later would have bought access",
            purchase=bought,
            rounds=singly(bought.of_subscription("created", "incomplete", 0), bought.of_session("unpaid", 2)),
            tokens=0,
        )

    def _update_first(self) -> Iterator[Story]:
        bought = self.buy()
        created, updated, *_ = paid(bought)
        yield Story(
            name="update first",
            told="customer.subscription.updated (active) before its created (incomplete)",
            why="Stripe does not keep the order, and a customer who paid would have no access",
            purchase=bought,
            rounds=singly(updated, created),
            status="active",
        )

    def _shuffled(self) -> Iterator[Story]:
        for number, order in enumerate(orders(), start=1):
            bought = self.buy()
            events = life(bought)
            words = ", ".join(word(events[place]) for place in order)
            yield Story(
                name=f"shuffled {number}",
                told=f"a life in the order {words}",
                why="Stripe does not keep the order, and a canceled subscription would stay in use",
                purchase=bought,
                rounds=singly(*(events[place] for place in order)),
                status="canceled",
            )

    def _older(self) -> Iterator[Story]:
        bought = self.buy()
        created, active, late, *_ = life(bought)
        yield Story(
            name="older",
            told="past_due, and after it an event that is older and says active",
            why="a delivery that was repeated hours later would undo what is true since",
            purchase=bought,
            rounds=singly(created, late, active),
            status="past_due",
        )

    def _statuses(self) -> Iterator[Story]:
        for status, what in (("past_due", "updated"), ("unpaid", "updated"), ("canceled", "deleted")):
            bought = self.buy()
            yield Story(
                name=f"status {status}",
                told=f"a subscription that becomes {status}",
                why="access would follow a status that is not true",
                purchase=bought,
                rounds=singly(*paid(bought), bought.of_subscription(what, status, 9)),
                status=status,
            )

    def _unknown_price(self) -> Iterator[Story]:
        bought = self.buy(price=made_up("price"), metadata={})
        yield Story(
            name="unknown price",
            told="a purchase of something else in the same Stripe account",
            why="whoever buys the cheapest thing of the account would get a token",
            purchase=bought,
            rounds=singly(*paid(bought)),
            tokens=0,
            answers=self.unknown_price,
        )

    def _other_mode(self) -> Iterator[Story]:
        bought = self.buy(live=not self.goods.live)
        yield Story(
            name="other mode",
            told="a purchase whose livemode is not that of the service",
            why="test cards would buy what real ones do",
            purchase=bought,
            rounds=singly(*paid(bought)),
            tokens=0,
            answers="2xx or 4xx",
        )

    def _forged(self) -> Iterator[Story]:
        bought = self.buy()
        yield Story(
            name="forged",
            told="a purchase that is signed with a random key",
            why="the event is worked on before its signature is verified",
            purchase=bought,
            rounds=singly(*paid(bought)),
            tokens=0,
            answers="4xx",
            forged=True,
        )
