"""One attempt at one check: whatever it does, a state comes of it."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Iterator
from pathlib import Path

from readiness.api import CannotTell, Check, Outcome, Reason, Unreachable, World, failed
from readiness.checklist.model import State
from readiness.light import dataclass

MAX_OUTCOMES = 10_000


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one attempt came to."""

    state: State
    reason: Reason | None
    message: str
    fix: str | None = None
    outcomes: tuple[Outcome, ...] = ()


def look(check: Check, world: World) -> Seen:
    """Run a check and turn all that comes of it, exceptions too, into a state. Never raises."""
    outcomes: list[Outcome] = []
    trouble: Seen | None = None
    try:
        trouble = _observe(check, world, outcomes)
    except BaseException as crash:  # noqa: BLE001 - the one place where a check's bug becomes that item's error; SystemExit too
        trouble = Seen(
            state=State.ERROR,
            reason=Reason.CRASH,
            message=_crash(check, crash),
            fix="this is a bug of the check, not of your service",
        )
    return _weigh(tuple(outcomes), trouble)


def _observe(check: Check, world: World, outcomes: list[Outcome]) -> Seen | None:
    """Take every outcome; what kept the check from telling more, or None."""
    try:
        for outcome in _bounded(check, world):
            outcomes.append(_sound(outcome))  # noqa: PERF401 - what was seen before an exception counts
    except CannotTell as cannot:
        return Seen(
            state=State.ERROR,
            reason=Reason(cannot.reason),
            message=str(cannot.message),
            fix=None if cannot.fix is None else str(cannot.fix),
        )
    except Unreachable as away:
        outcomes.append(_sound(failed(away.message, reason=away.reason, subject=away.subject)))
    return None


def _bounded(check: Check, world: World) -> Iterator[Outcome]:
    for number, outcome in enumerate(check.run(world)):
        if number >= MAX_OUTCOMES:
            raise CannotTell(f"more than {MAX_OUTCOMES:,} assertions came of one item", fix="narrow its globs")
        yield outcome


def _sound(outcome: Outcome) -> Outcome:
    """The outcome with text where text belongs. Raises what makes it that check's crash."""
    if not isinstance(outcome, Outcome) or not isinstance(outcome.ok, bool):
        raise TypeError(f"`run` yields {type(outcome).__name__}; it must yield passed(...) or failed(...)")
    return dataclasses.replace(
        outcome,
        message=str(outcome.message),
        reason=None if outcome.reason is None else Reason(outcome.reason),
        expected=_text(outcome.expected),
        observed=_text(outcome.observed),
        subject=_text(outcome.subject),
        evidence=tuple(dataclasses.replace(part, source=str(part.source)) for part in outcome.evidence),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _weigh(outcomes: tuple[Outcome, ...], trouble: Seen | None) -> Seen:
    bad = [outcome for outcome in outcomes if not outcome.ok]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return Seen(
            state=State.FAIL, reason=bad[0].reason or Reason.MISMATCH, message=bad[0].message + more, outcomes=outcomes
        )
    if trouble:
        return dataclasses.replace(trouble, outcomes=outcomes)
    if not outcomes:
        return Seen(
            state=State.ERROR,
            reason=Reason.NOTHING_CHECKED,
            message="the check ended without a single assertion, so nothing is known",
        )
    message = outcomes[0].message if len(outcomes) == 1 else f"{len(outcomes)} assertions hold"
    return Seen(state=State.PASS, reason=None, message=message, outcomes=outcomes)


def _crash(check: Check, crash: BaseException) -> str:
    frames = traceback.extract_tb(crash.__traceback__)
    last = frames[-1] if frames else None
    where = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    # format_exception_only also knows what to say of an exception whose own words raise
    words = " ".join("".join(traceback.format_exception_only(crash)).split())
    return f"the check `{check.id}` crashed{where}: {words}"
