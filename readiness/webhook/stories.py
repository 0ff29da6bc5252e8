"""A story: events of one purchase in an order, and what must be there afterwards."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from readiness.webhook.purchase import Object, Purchase

Round = tuple[Object, ...]
Answers = Literal["2xx", "4xx", "5xx", "2xx or 4xx", "any"]
"""What the deliveries of a story may be answered."""
ORDERS = 6
"""Orders in which one life is told, of 120."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Events in the order in which they are delivered, and what must be there afterwards."""

    name: str
    told: str
    """What is delivered, in words."""
    why: str
    purchase: Purchase
    rounds: tuple[Round, ...]
    """One after another; the events of a round are delivered at once, and what a round of many is answered is not
    judged."""
    tokens: int | None = None
    """How many there must be; None where it does not matter."""
    status: str | None = None
    answers: Answers = "2xx"
    forged: bool = False
    """Signed with a random key."""


def singly(*events: Object) -> tuple[Round, ...]:
    """One after another."""
    return tuple((event,) for event in events)


def paid(bought: Purchase) -> tuple[Object, Object, Object, Object]:
    """What Stripe tells of a purchase that is paid by card."""
    return (
        bought.of_subscription("created", "incomplete", 0),
        bought.of_subscription("updated", "active", 1),
        bought.of_session("paid", 2),
        bought.of_invoice(2),
    )


def life(bought: Purchase) -> tuple[Object, ...]:
    """From the beginning to the end of a subscription."""
    return (
        bought.of_subscription("created", "incomplete", 0),
        bought.of_subscription("updated", "active", 60),
        bought.of_subscription("updated", "past_due", 120),
        bought.of_subscription("updated", "active", 180),
        bought.of_subscription("deleted", "canceled", 240),
    )


def orders() -> Iterator[tuple[int, ...]]:
    """The reverse, and others in which the end does not come last; the same in every run."""
    others = [order for order in itertools.permutations(range(5)) if order[-1] != 4]  # noqa: PLR2004 - the last event
    yield others.pop()
    yield from random.Random(ORDERS).sample(others, ORDERS - 1)  # noqa: S311 - a choice, no secret


def word(event: Object) -> str:
    """An event about a subscription in two words: ``updated active``."""
    return f"{str(event['type']).rpartition('.')[2]} {event['data']['object']['status']}"
