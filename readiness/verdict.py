"""What blocks a release: the one rule that makes a verdict, and by which anybody recomputes it.

Plain words and no model, so that verifying a report costs no time to start: states, severities and
gates are those of :mod:`readiness.checklist.model`, by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from readiness.errors import PRECEDENCE, ExitCode

SEVERITIES = ("critical", "high", "medium", "low")
"""The most severe first."""
BLOCK_CODES: Mapping[str, ExitCode] = {
    "fail": ExitCode.NOT_READY,
    "error": ExitCode.UNVERIFIED,
    "pending": ExitCode.WAITING,
    "skipped": ExitCode.WAITING,
}
"""States that may block, each with what it makes of the run."""
STATES = (*BLOCK_CODES, "pass", "not_applicable")
"""The worst first: the order is the roll-up's."""
VERDICTS: Mapping[ExitCode, str] = {
    ExitCode.READY: "ready",
    ExitCode.NOT_READY: "not_ready",
    ExitCode.UNVERIFIED: "unverified",
    ExitCode.WAITING: "waiting",
}


class Rules(NamedTuple):
    """A gate, with the values that hold where a checklist does not write them."""

    block: tuple[str, ...] = ("fail", "error")
    at: str = "high"
    full_run: bool = False
    clean_tree: bool = False
    max_waiver_days: int | None = None
    scope: tuple[str, ...] = ()

    def blocks(self, state: str, severity: str) -> bool:
        """Whether an item of this state and severity is held against the release."""
        return state in self.block and SEVERITIES.index(severity) <= SEVERITIES.index(self.at)

    def at_least(self, other: Rules) -> bool:
        """Whether all that `other` holds back is held back here."""
        return (
            set(self.block) >= set(other.block)
            and SEVERITIES.index(self.at) >= SEVERITIES.index(other.at)
            and self.full_run >= other.full_run
            and self.clean_tree >= other.clean_tree
            and _days(self) <= _days(other)
            and (not self.scope or set(self.scope) >= set(other.scope) > set())
        )


def _days(rules: Rules) -> float:
    return float("inf") if rules.max_waiver_days is None else rules.max_waiver_days


GATES: Mapping[str, Rules] = {
    "merge": Rules(),
    "release": Rules(block=("fail", "error", "pending", "skipped"), full_run=True, clean_tree=True, max_waiver_days=90),
}
"""The gates that exist without being written."""


class Run(NamedTuple):
    """What a gate asks of a run besides its items."""

    interrupted: bool
    partial: bool
    passed: int
    """Items that passed and decide something themselves."""
    commit: str | None
    dirty: bool | None


def conditions(gate: str, rules: Rules, run: Run) -> Iterator[tuple[str, ExitCode]]:
    """What the gate asks besides its items and does not get: a sentence, and what it makes of the run."""
    if run.interrupted:
        yield "the run was interrupted", ExitCode.UNVERIFIED
    if not run.passed:
        # every peer that was tried calls a run in which nothing was looked at a success
        yield "no item passed, so nothing is proved", ExitCode.WAITING
    if rules.full_run and run.partial:
        yield f"the gate `{gate}` asks for a full run, and this one was filtered", ExitCode.WAITING
    if rules.clean_tree and run.dirty is None:
        yield f"the gate `{gate}` asks for a clean commit, and git could not tell", ExitCode.UNVERIFIED
    elif rules.clean_tree and run.dirty:
        commit = (run.commit or "")[:12]
        yield f"the gate `{gate}` asks for a clean commit, and files differ from {commit}", ExitCode.NOT_READY


def decide(blocking: Iterable[str], unmet: Iterable[ExitCode]) -> ExitCode:
    """The code of a run from the states of the items that block and the conditions that do not hold."""
    codes = {BLOCK_CODES[state] for state in blocking} | set(unmet)
    return next((code for code in PRECEDENCE if code in codes), ExitCode.READY)
