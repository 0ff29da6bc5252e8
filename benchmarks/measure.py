"""Whole processes, timed from outside: start-up and imports are part of what a user waits for.

The programs of a contest take turns, so that a slow minute of the machine falls on all of them.
This process stays on the standard library: what Linux calls a child's peak memory begins with the
memory of the process that started it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1024
"""ru_maxrss counts KiB on Linux; see getrusage(2)."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command line that does the work of a contest, and ends with 0 when it found nothing wrong."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    at_most: float | None = None
    """Our median over this program's median may not be more than this; None: shown, not judged."""
    adds: float | None = None
    """Our median may be at most so many seconds above this program's, which starts and does none of the work."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The same work for readiness and its peers."""

    title: str
    ours: Program
    peers: tuple[Program, ...] = ()
    rounds: int = 5
    seconds: float | None = None
    """Bound of our median."""
    megabytes: float | None = None
    """Bound of our peak memory."""
    spoil: Callable[[], None] | None = None
    """Plants a defect; every program has to see it, or it did not do the work that was timed."""
    figures: Callable[[int], Mapping[str, Figures]] | None = None
    """How so many rounds are measured where it is not whole processes that are compared."""


@dataclass(kw_only=True)
class Figures:
    """What was measured of one program, or why nothing was."""

    seconds: list[float] = field(default_factory=list)
    peak: float = 0
    """Megabytes."""
    trouble: str | None = None

    @property
    def median(self) -> float:
        """Of the whole process, in seconds."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One finished process."""

    exit_code: int
    seconds: float
    peak: float
    last_line: str


def once(program: Program) -> Run:
    """Run it to its end. The output goes to a file, as in CI."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            program.argv,
            cwd=program.cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().decode("utf-8", "replace").strip().splitlines()
    peak = usage.ru_maxrss / MEGABYTE
    return Run(exit_code=process.returncode, seconds=seconds, peak=peak, last_line=lines[-1] if lines else "")


def _environment() -> dict[str, str]:
    """That of a user: a setting of some containers makes Python compile every module at each start."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(contest: Contest, rounds: int) -> Mapping[str, Figures]:
    """Figures of every program, by name."""
    if contest.figures:
        return contest.figures(rounds)
    programs = (contest.ours, *contest.peers)
    figures = {program.name: Figures(trouble=_cannot_run(program)) for program in programs}
    for _ in range(rounds):
        for program in programs:
            _measure_once(program, figures[program.name])
    if contest.spoil:
        contest.spoil()
        for program in (one for one in programs if one.adds is None):
            _must_see_the_defect(program, figures[program.name])
    return figures


def _cannot_run(program: Program) -> str | None:
    """Why it cannot be measured; the first run also fills the caches and is not counted."""
    if shutil.which(program.argv[0]) is None:
        return "not installed"
    run = once(program)
    return f"ended with {run.exit_code}: {run.last_line}" if run.exit_code else None


def _measure_once(program: Program, figures: Figures) -> None:
    if figures.trouble:
        return
    run = once(program)
    figures.seconds.append(run.seconds)
    figures.peak = max(figures.peak, run.peak)
    if run.exit_code:
        figures.trouble = f"ended with {run.exit_code}: {run.last_line}"


def _must_see_the_defect(program: Program, figures: Figures) -> None:
    if figures.trouble is None and once(program).exit_code == 0:
        figures.trouble = "did not see the planted defect"
