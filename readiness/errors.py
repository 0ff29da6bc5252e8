"""The exception tree and the exit codes, one table for every command.

::

    Exception
    └── ReadinessError      what a person can cure; carries its exit code
        ├── ConfigError     every fault of a checklist, its packs, dotenv or plug-ins, at once   2
        └── UsageError      a command line that cannot be obeyed                                 2

What a check raises (:class:`readiness.api.CannotTell`, :class:`readiness.api.Unreachable`) never
leaves the runner: it becomes the state of that item.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from readiness.light import dataclass


class ExitCode(IntEnum):
    """What a finished command tells the shell; no flag changes a meaning."""

    READY = 0
    """Ready, or valid."""
    NOT_READY = 1
    """A fail blocks."""
    USAGE = 2
    """The command line or a configuration file cannot be obeyed; nothing ran."""
    UNVERIFIED = 3
    """An error blocks: something could not be verified."""
    WAITING = 4
    """Only pending or skipped items, or missing signatures, block."""
    INVALID = 5
    """Tampered or invalid."""
    STALE = 6
    """Authentic, but for something else, or too old."""
    CRASH = 70
    """readiness itself crashed (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Interrupted by the user; the partial report is written and marked."""


PRECEDENCE = (ExitCode.INVALID, ExitCode.NOT_READY, ExitCode.UNVERIFIED, ExitCode.STALE, ExitCode.WAITING)
"""When several hold, the first of these is the exit code."""


class Place(NamedTuple):
    """A position in a text file; line and column count from 1. Reading a checklist makes thousands."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault: where it is, what was found, and how to cure it."""

    message: str
    place: Place | None = None
    hint: str | None = None
    excerpt: str | None = None
    """The line of the file at `place`, as it is written there."""


class ReadinessError(Exception):
    """A fault that a person can cure, with the exit code that goes with it."""

    exit_code: ExitCode = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = (Problem(message=problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class ConfigError(ReadinessError):
    """A checklist, one of its packs, a dotenv file or a plug-in is wrong; holds every fault found."""


class UsageError(ReadinessError):
    """The command line cannot be obeyed."""
