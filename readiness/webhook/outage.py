"""An outage of the service's database that a command begins and another ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from readiness.api import CannotTell, Outcome, World, failed, passed
from readiness.webhook.lives import Teller
from readiness.webhook.replies import Verdict
from readiness.webhook.stories import Story, paid, singly
from readiness.webhook.telling import BEAT, Narrator, Told, judge_answers

LIMIT = 10.0
"""Seconds for each command."""


@dataclass(frozen=True, kw_only=True)
class Survived:
    """What came of an outage."""

    story: Story
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Two commands, each a list of words; they run in the checklist's root."""

    begin: tuple[str, ...]
    """Takes the database away: ``[scripts/database, stop]``."""
    end: tuple[str, ...]
    """Brings it back; it is run whatever happens."""

    def __post_init__(self) -> None:
        if not self.begin or not self.end:
            raise ValueError("`fault` needs both `begin` and `end`, each a list of words")

    def tell(self, world: World, narrator: Narrator, teller: Teller, within: float) -> Survived:
        """Deliver a purchase while the database is away, and what was not acknowledged again, as Stripe does."""
        bought = teller.buy()
        story = Story(
            name="outage",
            told="a purchase while the database was away, repeated where it was not acknowledged",
            why="Stripe repeats only what is answered otherwise than 2xx, and a customer would pay for nothing",
            purchase=bought,
            rounds=singly(*paid(bought)),
            tokens=1,
            status="active",
        )
        with self._away(world):
            (away,) = narrator.tell([story])
        lost = [place for place, reply in enumerate(away.replies) if reply.verdict is not Verdict.ACCEPTED]
        back = self._repeated(narrator, replace(story, rounds=tuple(story.rounds[place] for place in lost)), within)
        return Survived(story=story, outcomes=(_noticed(away), judge_answers(back)))

    def _repeated(self, narrator: Narrator, story: Story, within: float) -> Told:
        """Deliver until it is accepted, or the time is over."""
        until = time.monotonic() + within
        while True:
            (told,) = narrator.tell([story])
            done = all(reply.verdict is Verdict.ACCEPTED for reply in told.replies)
            if done or time.monotonic() > until:
                return told
            time.sleep(BEAT)

    @contextmanager
    def _away(self, world: World) -> Iterator[None]:
        try:
            _run(world, self.begin)
            yield
        finally:
            _run(world, self.end)


def _run(world: World, argv: tuple[str, ...]) -> None:
    """Raises CannotTell where it fails, for then nobody knows what state the database is in."""
    done = world.commands.run(argv, timeout=LIMIT)
    if done.exit_code:
        raise CannotTell(f"{argv[0]} ended with the exit code {done.exit_code}", fix="run it by hand")


def _noticed(away: Told) -> Outcome:
    """Some delivery failed, for one at least needs the database."""
    failing = [reply for reply in away.replies if reply.verdict in {Verdict.BROKEN, Verdict.SILENT}]
    reply = (failing or away.replies)[0]
    sentence = f"outage: {reply.probe.sent} was answered {reply.words} while the database was away"
    if failing:
        return passed(sentence, expected="5xx", observed=reply.words, subject="outage", evidence=[reply.evidence])
    return failed(
        f"{sentence}, and so was everything else, expected 5xx of one at least: what cannot be stored is acknowledged, "
        "or `fault` does not take the database away",
        expected="5xx",
        observed=reply.words,
        subject="outage",
        evidence=[reply.evidence],
    )
