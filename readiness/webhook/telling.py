"""Stories are delivered, what came of them is observed, and both are judged."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from readiness.api import CannotTell, Evidence, Http, Outcome, Reason, World, failed, passed
from readiness.webhook.endpoint import Endpoint
from readiness.webhook.observing import Fact, Observe
from readiness.webhook.purchase import Object
from readiness.webhook.replies import AT_ONCE, Probe, Reply, Verdict, send
from readiness.webhook.stories import Answers, Story

BEAT = 0.1
"""Seconds between two looks."""
ALLOWED: dict[Answers, frozenset[Verdict]] = {
    "2xx": frozenset({Verdict.ACCEPTED}),
    "4xx": frozenset({Verdict.REFUSED}),
    "5xx": frozenset({Verdict.BROKEN}),
    "2xx or 4xx": frozenset({Verdict.ACCEPTED, Verdict.REFUSED}),
    "any": frozenset(Verdict) - {Verdict.SILENT},
}
ASKS_STRIPE = "a handler that asks Stripe for the objects of an event does not find these, which were made up"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A story and the answers to the deliveries that are judged."""

    story: Story
    replies: tuple[Reply, ...]


@dataclass(frozen=True, kw_only=True)
class Narrator:
    """Tells stories to one endpoint."""

    endpoint: Endpoint
    http: Http
    at: int
    """When the deliveries are signed."""

    def tell(self, stories: Iterable[Story]) -> list[Told]:
        """All of them: a few at the same time, those with a burst on their own."""
        listed = list(stories)
        calm = [story for story in listed if all(len(part) == 1 for part in story.rounds)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = {story.name: replies for story, replies in zip(calm, pool.map(self._deliver, calm), strict=True)}
        wild = {story.name: self._deliver(story) for story in listed if story.name not in told}
        return [Told(story=story, replies=(told | wild)[story.name]) for story in listed]

    def _deliver(self, story: Story) -> tuple[Reply, ...]:
        key = f"whsec_{secrets.token_hex(16)}" if story.forged else None
        replies: list[Reply] = []
        for part in story.rounds:
            probes = [self._probe(story, event, key) for event in part]
            if len(probes) == 1:
                replies.append(send(self.http, probes[0]))
                continue
            self._burst(probes)
        return tuple(replies)

    def _burst(self, probes: Sequence[Probe]) -> None:
        """All at the same moment, or as near as threads come."""
        start = Barrier(len(probes))

        def shoot(probe: Probe) -> None:
            start.wait()
            send(self.http, probe)

        with ThreadPoolExecutor(len(probes)) as pool:
            list(pool.map(shoot, probes))

    def _probe(self, story: Story, event: Object, key: str | None) -> Probe:
        letter = self.endpoint.letter(self.at, event)
        request = self.endpoint.post(letter.body, letter.signed(key=key))
        sent = f"{event['type']} {event['id']} of {story.purchase.subscription}"
        return Probe(name=story.name, sent=sent, why=story.why, request=request)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is there after a story."""

    story: Story
    fact: Fact
    expected: str
    observed: str

    @property
    def right(self) -> bool:
        """It is what must be."""
        return self.expected == self.observed


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Looks until everything is as it must be, or the time is over; and then once more."""

    observe: Observe
    world: World
    within: float
    """Seconds until what an event causes is there."""
    settle: float
    """Seconds after which what must not be there is looked for once more."""

    def see(self, stories: Iterable[Story]) -> list[Seen]:
        """Every fact of every story. Raises CannotTell where it cannot be seen."""
        until = time.monotonic() + self.within
        seen = [self._look(*wanted) for wanted in self._wanted(stories)]
        while not all(one.right for one in seen) and time.monotonic() < until:
            time.sleep(BEAT)
            seen = [one if one.right else self._again(one) for one in seen]
        time.sleep(self.settle)
        return [self._again(one) for one in seen]

    def _wanted(self, stories: Iterable[Story]) -> Iterator[tuple[Story, Fact, str]]:
        for story in stories:
            if story.tokens is not None and self.observe.asks("tokens"):
                yield story, "tokens", str(story.tokens)
            if story.status is not None and self.observe.asks("status"):
                yield story, "status", story.status

    def _look(self, story: Story, fact: Fact, expected: str) -> Seen:
        observed = self.observe.see(self.world, fact, story.purchase)
        return Seen(story=story, fact=fact, expected=expected, observed=observed)

    def _again(self, seen: Seen) -> Seen:
        return self._look(seen.story, seen.fact, seen.expected)


def judge_answers(told: Told) -> Outcome:
    """All deliveries of a story were answered as they may be."""
    story = told.story
    wrong = [reply for reply in told.replies if reply.verdict not in ALLOWED[story.answers]]
    evidence = [reply.evidence for reply in (wrong or told.replies)[:1]]
    if not wrong:
        words = ", ".join(dict.fromkeys(reply.words for reply in told.replies)) or "nothing"
        sentence = f"{story.name}: {story.told} was answered {words}"
        return passed(sentence, expected=story.answers, observed=words, subject=story.name, evidence=evidence)
    first = wrong[0]
    if first.verdict is Verdict.LIMITED:
        raise CannotTell(f"{story.name}: the rate limit answered (429)", reason=Reason.RATE_LIMITED)
    hint = f"; {ASKS_STRIPE}" if first.verdict is Verdict.BROKEN else ""
    sentence = f"{story.name}: {first.probe.sent} was answered {first.words}, expected {story.answers}{hint}"
    return failed(
        sentence,
        reason=first.reason,
        expected=story.answers,
        observed=first.words,
        subject=story.name,
        evidence=evidence,
    )


def judge_fact(seen: Seen, source: str) -> Outcome:
    """What is there is what must be."""
    story = seen.story
    evidence = [Evidence.of(source, f"{seen.fact} of {story.purchase.subscription}: {seen.observed}")]
    noun = ("token" if seen.observed == "1" else "tokens") if seen.fact == "tokens" else ""
    what = f"{seen.observed} {noun}" if noun else f"the status {seen.observed}"
    sentence = f"{story.name}: {story.told} made {what}"
    if seen.right:
        return passed(sentence, expected=seen.expected, observed=seen.observed, subject=story.name, evidence=evidence)
    return failed(
        f"{sentence}, expected {seen.expected}: {story.why}",
        expected=seen.expected,
        observed=seen.observed,
        subject=story.name,
        evidence=evidence,
    )


def judge_speed(told: Iterable[Told], within: float) -> Outcome:
    """The slowest answer of all."""
    slowest = max((reply.response.elapsed for one in told for reply in one.replies if reply.response), default=0.0)
    sentence = f"the slowest delivery was answered in {slowest:.2f}s"
    expected = f"less than {within:g}s"
    if slowest < within:
        return passed(sentence, expected=expected, observed=f"{slowest:.2f}s")
    return failed(
        f"{sentence}, expected {expected}: acknowledge first, and work from a queue",
        reason=Reason.TIMEOUT,
        expected=expected,
        observed=f"{slowest:.2f}s",
    )
