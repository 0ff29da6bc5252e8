"""Steps to facts, on threads: a lane per instrument, a deadline per attempt and per run.

The main thread alone decides: it starts attempts, takes their results, gives up on those that
are overdue and starts them again where the item allows it. A thread cannot be killed, so an
overdue one is abandoned: it is a daemon, and what it still says is not heard.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import time
from datetime import datetime
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue
from typing import Protocol

from readiness.api import Reason, World
from readiness.checklist.model import State
from readiness.duration import say_duration
from readiness.facts import Fact, Facts, redacted, roll_up
from readiness.lanes import Attempt, Lane, lane_of, make_lanes
from readiness.look import Seen, look
from readiness.plan import Plan, Settled, Step

GRACE = 1.0
"""Seconds that a client has to notice its own deadline, and to say it better than the runner can."""
TICK = 0.5
"""Seconds after which the main thread looks up: a signal that came just before it began to wait does not wake it."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before an attempt is repeated; doubled each time."""


class RunWorld(Protocol):
    """The world as the runner handles it."""

    def attempt(self, timeout: float, *, fresh: bool) -> World:
        """The world for one attempt: its clients keep to `timeout` seconds; `fresh` forgets what was fetched before."""
        ...

    def redact(self, text: str) -> str:
        """A text without secrets."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...


class Observer(Protocol):
    """Whoever watches a run, on its main thread."""

    def started(self, step: Step) -> None:
        """An item's first attempt begins."""
        ...

    def finished(self, step: Step, fact: Fact) -> None:
        """An item is decided."""
        ...


def run(
    plan: Plan, world: RunWorld, observer: Observer, *, jobs: int | None = None, deadline: float | None = None
) -> Facts:
    """Look at every item of the plan. `jobs` bounds each lane, `deadline` (seconds) the whole run."""
    return _Run(plan, world, observer, jobs, deadline).go()


class _Run:
    def __init__(
        self, plan: Plan, world: RunWorld, observer: Observer, jobs: int | None, deadline: float | None
    ) -> None:
        self.steps = {step.id: step for step in plan.steps}
        self.world = world
        self.observer = observer
        self.lanes = make_lanes(jobs, self.look)
        self.allowed = deadline
        self.ends = time.monotonic() + deadline if deadline else float("inf")
        self.over = False
        self.facts: dict[str, Fact] = {}
        self.attempts: dict[int, Attempt] = {}
        self.results: SimpleQueue[tuple[Attempt, Seen]] = SimpleQueue()
        self.later: list[tuple[float, int, Attempt]] = []
        self.count = itertools.count()
        self.order = TopologicalSorter({step.id: {*step.needs, *step.children} for step in plan.steps})

    def go(self) -> Facts:
        started, interrupted = self.world.now(), False
        self.order.prepare()
        try:
            while self.order.is_active() and not self.over:
                self.release()
                self.start()
                self.wait()
        except KeyboardInterrupt:
            interrupted = True
        self.leave_rest(interrupted)
        facts = {name: redacted(fact, self.world.redact) for name, fact in self.facts.items()}
        return Facts(by_id=facts, started=started, finished=self.world.now(), interrupted=interrupted)

    def release(self) -> None:
        """Take up every item whose needs are decided."""
        for name in self.order.get_ready():
            step = self.steps[name]
            unmet = self.unmet(step)
            if step.settled or unmet:
                self.decide(step, _settled(name, step.settled or unmet))  # type: ignore[arg-type]  # one of the two is there
            elif step.check is None:
                self.order.done(name)
            else:
                attempt = Attempt(step=step, check=step.check, at=self.world.now())
                self.lane(attempt).waiting.append(attempt)

    def unmet(self, step: Step) -> Settled | None:
        """The first need that is not met."""
        for need in step.needs:
            state = self.state(need)
            if state not in {State.PASS, State.NOT_APPLICABLE}:
                return Settled(
                    state=State.SKIPPED, reason=Reason.NEEDS, message=f"needs `{need}`, which is {state.value}"
                )
        return None

    def state(self, name: str) -> State:
        step = self.steps[name]
        return roll_up([self.state(child) for child in step.children]) if step.children else self.facts[name].state

    def lane(self, attempt: Attempt) -> Lane:
        return self.lanes[lane_of(attempt.check)]

    def start(self) -> None:
        """Start what has waited long enough and has room in its lane."""
        now = time.monotonic()
        while self.later and self.later[0][0] <= now:
            attempt = heapq.heappop(self.later)[2]
            self.lane(attempt).waiting.append(attempt)
        for lane in self.lanes.values():
            while lane.waiting and lane.active < lane.limit:
                self.begin(lane, lane.waiting.popleft())

    def begin(self, lane: Lane, attempt: Attempt) -> None:
        now, timeout = time.monotonic(), attempt.step.timeout
        if attempt.number == 1:
            attempt.first, attempt.at = now, self.world.now()
            self.observer.started(attempt.step)
        attempt.deadline = now + timeout + GRACE
        self.attempts[id(attempt)] = attempt
        lane.start(attempt, self.world.attempt(timeout, fresh=attempt.number > 1))

    def look(self, attempt: Attempt, world: World) -> None:
        """On a thread of the lane."""
        self.results.put((attempt, look(attempt.check, world)))

    def wait(self) -> None:
        """Wait for a result or for the next deadline, and act on it."""
        if not self.attempts and not self.later:
            return
        moments = [attempt.deadline for attempt in self.attempts.values()] + [moment for moment, _, _ in self.later[:1]]
        pause = min(min([*moments, self.ends]) - time.monotonic(), TICK)
        try:
            attempt, seen = self.results.get(timeout=max(pause, 0.0)) if pause > 0 else self.results.get_nowait()
        except Empty:
            self.give_up()
            return
        if not attempt.given_up:
            self.finish(attempt, seen)

    def give_up(self) -> None:
        """End the attempts whose time is over, and the run where its own is."""
        now = time.monotonic()
        for attempt in [attempt for attempt in self.attempts.values() if attempt.deadline <= now]:
            attempt.given_up = True
            limit = say_duration(attempt.step.timeout)
            seen = Seen(
                state=State.ERROR,
                reason=Reason.TIMEOUT,
                message=f"no answer within {limit}",
                fix="raise the item's `timeout` where it needs longer",
            )
            self.finish(attempt, seen)
        if now >= self.ends:
            self.leave_rest(interrupted=False)

    def finish(self, attempt: Attempt, seen: Seen) -> None:
        """Decide the item, or look again."""
        del self.attempts[id(attempt)]
        self.lane(attempt).leave(attempt)
        if self.again(attempt, seen):
            pause = min(FIRST_PAUSE * 2 ** (attempt.number - 1), LONGEST_PAUSE)
            following = dataclasses.replace(attempt, number=attempt.number + 1, given_up=False)
            heapq.heappush(self.later, (time.monotonic() + pause, next(self.count), following))
            return
        self.decide(attempt.step, _fact(attempt, seen, time.monotonic() - attempt.first))

    def again(self, attempt: Attempt, seen: Seen) -> bool:
        """`retries` repeats an error and an unreachable subject, `eventually` a contradiction too."""
        if seen.state is State.PASS:
            return False
        if attempt.step.eventually is not None and time.monotonic() - attempt.first < attempt.step.eventually:
            return True
        passing = seen.reason in {Reason.UNREACHABLE, Reason.TIMEOUT, Reason.TLS} or (
            seen.state is State.ERROR and seen.reason not in {Reason.CRASH, Reason.NOTHING_CHECKED}
        )
        return passing and attempt.number <= attempt.step.retries

    def decide(self, step: Step, fact: Fact) -> None:
        self.facts[step.id] = fact
        self.order.done(step.id)
        self.observer.finished(step, fact)

    def leave_rest(self, interrupted: bool) -> None:
        """Every item that is not decided, with the reason why."""
        self.over = True
        for attempt in self.attempts.values():
            attempt.given_up = True
        self.attempts.clear()
        self.later.clear()
        for lane in self.lanes.values():
            lane.dismiss()
        limit = say_duration(self.allowed or 0)
        rest = (
            Settled(
                state=State.SKIPPED,
                reason=Reason.INTERRUPTED,
                message="the run was interrupted before this was decided",
            )
            if interrupted
            else Settled(
                state=State.ERROR,
                reason=Reason.TIMEOUT,
                message=f"the run's deadline of {limit} passed before this was decided",
            )
        )
        for step in self.steps.values():
            if step.id not in self.facts and (step.settled or not step.whole):
                self.facts[step.id] = _settled(step.id, step.settled or rest)


def _settled(name: str, settled: Settled) -> Fact:
    return Fact(id=name, state=settled.state, reason=settled.reason, message=settled.message, fix=settled.fix)


def _fact(attempt: Attempt, seen: Seen, duration: float) -> Fact:
    return Fact(
        id=attempt.step.id,
        state=seen.state,
        reason=seen.reason,
        message=seen.message,
        fix=seen.fix,
        outcomes=seen.outcomes,
        attempts=attempt.number,
        flaky=attempt.number > 1 and seen.state is State.PASS,
        started=attempt.at,
        duration=duration,
    )
