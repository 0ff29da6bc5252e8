"""``readiness check``: run the checklist, write the report, say the verdict."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from types import FrameType

from readiness.commands.output import emit, refuse_binary
from readiness.commands.progress import watch
from readiness.commands.session import Options, Session, open_session
from readiness.console import say, style_of
from readiness.facts import Facts
from readiness.judge import Circumstances, judge
from readiness.light import dataclass
from readiness.report import formats, text
from readiness.report.model import Report, Source, Verdict
from readiness.run import run
from readiness.source import place_of, read_source
from readiness.store import write_report
from readiness.world import Outside

DEFAULT_REPORTS = Path("reports")
STOP = (signal.SIGINT, signal.SIGTERM)
Handler = Callable[[int, FrameType | None], None]


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where the results of a run go."""

    format: str | None = None
    to: str | None = None
    """A file, or ``-`` for stdout."""
    reports: Path = DEFAULT_REPORTS
    verbose: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a run."""

    jobs: int | None = None
    timeout: float | None = None
    """Seconds for the whole run."""


def check(options: Options, output: Output, limits: Limits) -> int:
    """The exit code of the verdict. Raises ConfigError and UsageError before anything runs."""
    wanted = formats.find(output.format, output.to) or "json" if output.format or output.to else None
    refuse_binary(wanted, output.to)
    session = open_session(options)
    begin = time.monotonic()
    with _undisturbed():
        report = observe(session, options, limits, output.reports)
        try:
            path = write_report(report, output.reports)
        finally:  # where it cannot be written, what was found is told all the same
            _tell(report, options, output, time.monotonic() - begin)
    say(f"report: {path}", sys.stderr)
    if session.plan.gate.full_run and report.verdict.state is Verdict.READY:
        say("next: readiness sign-off --as completer", sys.stderr)
    if wanted is not None:
        emit(formats.render(wanted, report, files={formats.REPORT: path.read_bytes()}), output.to)
    return report.verdict.exit_code


def _tell(report: Report, options: Options, output: Output, seconds: float) -> None:
    """For people: on stderr where stdout is for a program."""
    to_program = (output.format or output.to) and output.to in {None, "-"}
    stream = sys.stderr if to_program else sys.stdout
    say(text.render(report, style_of(stream, options.process), verbose=output.verbose, seconds=seconds), stream)


def observe(session: Session, options: Options, limits: Limits, reports: Path) -> Report:
    """Look at everything and judge it."""
    git = _Later(session.checklist.path, session.checklist.root, reports)
    facts = look_at(session, options, limits)
    source, checklist = git.result()
    circumstances = Circumstances(
        source=source, checklist=checklist, resolver=options.nameserver, allowed=tuple(sorted(session.allow))
    )
    return judge(session.checklist, session.plan, facts, circumstances, session.people)


def look_at(session: Session, options: Options, limits: Limits) -> Facts:
    """Run what the session planned."""
    world = Outside(
        environment=session.plan.environment,
        root=session.checklist.root,
        env=session.env,
        redactor=session.redactor,
        nameserver=options.nameserver,
        allow=session.allow,
    )
    facts = _run(session, world, limits, options)
    world.close()
    return facts


def _run(session: Session, world: Outside, limits: Limits, options: Options) -> Facts:
    with _interruptible(), watch(session.plan, sys.stderr, options.process) as observer:
        return run(session.plan, world, observer, jobs=limits.jobs, deadline=limits.timeout)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals to stop do nothing but in the run itself: the partial report of an impatient person is written too."""
    with _handled(_ignore):
        yield


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does, once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        _handle(_ignore)
        raise KeyboardInterrupt

    with _handled(interrupt):
        yield


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP}
    _handle(handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _handle(handler: Handler) -> None:
    for number in STOP:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and jobs in the background have it
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


@dataclass
class _Later:
    """git is asked while the checks run."""

    checklist: Path
    folder: Path
    reports: Path
    found: list[tuple[Source, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.ask, daemon=True)
        self.thread.start()

    def ask(self) -> None:
        self.found.append((read_source(self.folder, self.reports), place_of(self.checklist)))

    def result(self) -> tuple[Source, str | None]:
        self.thread.join(timeout=30)
        return self.found[0] if self.found else (Source(), None)
