"""A client that asks too often: where it is refused, what it is told, and what it gains by a disguise."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import count

from readiness.api import CannotTell, HttpRequest, HttpResponse, Outcome, Reason, World
from readiness.duration import say_duration
from readiness.expect.disguises import Disguise, disguised
from readiness.expect.exchange import Exchange, status_words

LIMITED = 429
PROOF = 3
"""Times in a row that a disguise must be let through while the bare client is refused: a limit that fills up again
lets one through by chance."""
ROUNDING = 1.0
"""Seconds by which a whole number of seconds may be off."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Asks for one thing as often as it is told."""

    world: World
    request: HttpRequest
    limit: int
    window: float
    """Seconds."""
    answers: Counter[int] = field(default_factory=Counter)
    """How often each status was given before the limit."""
    numbers: Iterator[int] = field(default_factory=count)

    def await_room(self) -> None:
        """Ask once; where that is refused already, wait until it may be answered."""
        first = self.ask(self.request)
        if first.response.status == LIMITED:
            self.pause(first)
        else:
            self.answers[first.response.status] += 1

    def pause(self, refused: Exchange) -> None:
        """As long as Retry-After says, at most a window; a whole window where it says nothing."""
        wait = seconds_to_wait(refused.response, self.world.now())
        time.sleep(self.window if wait is None else min(max(wait, 0.0), self.window))

    def burst(self) -> Exchange | None:
        """Ask until refused, and at most once more often than allowed; None where that never happened.

        Raises CannotTell where the first answer is 429 already, or where asking took longer than the window.
        """
        started = time.monotonic()
        allowed = self.limit
        while self.answers.total() <= allowed:
            exchange = self.ask(self.request)
            if exchange.response.status == LIMITED:
                self._need_an_answer(exchange)
                return exchange
            self.answers[exchange.response.status] += 1
            passed = time.monotonic() - started
            if passed > self.window:
                raise _too_slow(exchange, self.answers.total(), passed)
            # a bucket that fills up again while we ask may allow that much more
            allowed = self.limit + math.floor(self.limit * passed / self.window)
        return None

    def ask(self, request: HttpRequest) -> Exchange:
        """Send it, whether an identical one was answered or not."""
        return Exchange.of(self.world, replace(request, fresh=True))

    def disguised(self, disguise: Disguise) -> Outcome:
        """The refused client, pretending to be another one each time.

        It has gained something where it is let through again and again while the bare client is refused in between.
        """
        what, expected = f"the refused client that changes {disguise.replace('-', ' ')}", "still refused"
        through = 0
        while True:
            through += 1
            exchange = self.ask(disguised(self.request, disguise, next(self.numbers)))
            observed = status_words(exchange.response.status)
            if exchange.response.status not in self.answers:
                return exchange.say(what, ok=True, expected=expected, observed=observed)
            if through == PROOF or not self.refused():
                break
        return exchange.say(what, ok=False, expected=expected, observed=f"let through, {observed}, {through} times")

    def refused(self) -> bool:
        """Whether the bare client is refused, now or after it has used up what it was given back in between."""
        return any(self.ask(self.request).response.status == LIMITED for _ in range(self.limit + 1))

    def _need_an_answer(self, exchange: Exchange) -> None:
        if not self.answers:
            exchange.need_room()

    @property
    def statuses(self) -> str:
        """``30 times 400 Bad Request``."""
        return ", ".join(f"{times} times {status_words(status)}" for status, times in self.answers.most_common())


def unlimited(world: World, request: HttpRequest, times: int) -> Outcome:
    """Whether a request is never refused, however often it is sent."""
    number = 0
    while True:
        number += 1
        exchange = Exchange.of(world, replace(request, fresh=True))
        limited = exchange.response.status == LIMITED
        if limited or number == times:
            break
    observed = f"answered {times} times ({status_words(exchange.response.status)} the last time)"
    if limited:
        observed = f"limited: number {number} is refused with 429"
    return exchange.say("this request", ok=not limited, expected=f"answered {times} times", observed=observed)


def told_to_wait(refused: Exchange, window: float) -> Outcome:
    """Whether Retry-After (RFC 9110 10.2.3) says when to come back, within the window."""
    what, expected = "the header retry-after", f"seconds or a date, at most {say_duration(window)} away"
    seen = refused.response.header("retry-after")
    if seen is None:
        return refused.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
    seconds = seconds_to_wait(refused.response, refused.world.now())
    if seconds is None:
        return refused.say(what, ok=False, expected=expected, observed=f"{seen!r}, which is neither")
    ok = 0 < seconds <= window + ROUNDING
    return refused.say(what, ok=ok, expected=expected, observed=f"{seen} ({seconds:.0f} s away)")


def seconds_to_wait(answer: HttpResponse, now: datetime) -> float | None:
    """What Retry-After says, by the server's own clock where it tells the time; None for what is neither form."""
    seen = (answer.header("retry-after") or "").strip()
    if seen.isascii() and seen.isdecimal():
        return float(seen[:9])
    then, told = _moment(seen), _moment(answer.header("date") or "")
    return (then - (told or now)).total_seconds() if then else None


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _too_slow(exchange: Exchange, sent: int, passed: float) -> CannotTell:
    message = f"{exchange.subject}: {sent} requests took {say_duration(passed)}, longer than the window"
    return CannotTell(message, reason=Reason.TIMEOUT, fix="probe from nearer, or choose a quicker request")
