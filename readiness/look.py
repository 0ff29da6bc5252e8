"""One attempt at one check: whatever it does, a state comes of it."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from readiness.api import CannotTell, Check, Evidence, Outcome, Reason, Unreachable, World, failed
from readiness.checklist.model import State

MAX_OUTCOMES = 10_000


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one attempt came to."""

    state: State
    reason: Reason | None
    message: str
    fix: str | None = None
    outcomes: tuple[Outcome, ...] = ()


def look(check: Check, world: World, redact: Callable[[str], str]) -> Seen:
    """Run a check and turn all that comes of it, exceptions too, into a redacted state. Never raises."""
    outcomes: list[Outcome] = []
    trouble: Seen | None = None
    try:
        for outcome in check.run(world):
            outcomes.append(_redacted(outcome, redact))
            if len(outcomes) >= MAX_OUTCOMES:
                raise CannotTell(f"more than {MAX_OUTCOMES:,} assertions came of one item", fix="narrow its globs")
    except CannotTell as cannot:
        trouble = Seen(
            state=State.ERROR,
            reason=cannot.reason,
            message=redact(cannot.message),
            fix=cannot.fix and redact(cannot.fix),
        )
    except Unreachable as away:
        outcomes.append(_redacted(failed(away.message, reason=away.reason, subject=away.subject), redact))
    except BaseException as crash:  # noqa: BLE001 - the one place where a check's bug becomes that item's error; SystemExit too
        trouble = Seen(
            state=State.ERROR,
            reason=Reason.CRASH,
            message=redact(_crash(check, crash)),
            fix="this is a bug of the check, not of your service",
        )
    return _weigh(tuple(outcomes), trouble)


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


def _redacted(outcome: Outcome, redact: Callable[[str], str]) -> Outcome:
    def clean(text: str | None) -> str | None:
        return None if text is None else redact(text)

    evidence = tuple(
        Evidence(source=redact(part.source), seen=redact(part.seen), sha256=part.sha256) for part in outcome.evidence
    )
    return dataclasses.replace(
        outcome,
        message=redact(outcome.message),
        expected=clean(outcome.expected),
        observed=clean(outcome.observed),
        subject=clean(outcome.subject),
        evidence=evidence,
    )


def _crash(check: Check, crash: BaseException) -> str:
    frames = traceback.extract_tb(crash.__traceback__)
    last = frames[-1] if frames else None
    where = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    return f"the check `{check.id}` crashed{where}: {type(crash).__name__}: {crash}"
