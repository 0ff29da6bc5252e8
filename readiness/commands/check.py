"""``readiness check``: run the checklist, write the report, say the verdict."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from readiness.commands.progress import watch
from readiness.commands.session import Options, Session, open_session
from readiness.console import say, style_of
from readiness.errors import UsageError
from readiness.facts import Facts
from readiness.judge import Circumstances, judge
from readiness.report import formats, text
from readiness.report.model import Report, Source
from readiness.run import run
from readiness.source import read_source
from readiness.store import write_report, write_text
from readiness.world import Outside

DEFAULT_REPORTS = Path("reports")


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
    renderer = formats.find(output.format) if output.format or output.to else None
    session = open_session(options)
    begin = time.monotonic()
    report = observe(session, options, limits, output.reports)
    path = write_report(report, output.reports)
    to_stdout = renderer is not None and output.to in {None, "-"}
    stream = sys.stderr if to_stdout else sys.stdout
    human = text.render(
        report, style_of(stream, options.process), verbose=output.verbose, seconds=time.monotonic() - begin
    )
    say(human, stream)
    say(f"report: {path}", sys.stderr)
    if renderer is not None:
        _emit(renderer(report), output.to)
    return report.verdict.exit_code


def observe(session: Session, options: Options, limits: Limits, reports: Path) -> Report:
    """Look at everything and judge it."""
    world = Outside(
        environment=session.plan.environment,
        root=session.checklist.root,
        env=session.env,
        redactor=session.redactor,
        nameserver=options.nameserver,
        allow=session.allow,
    )
    git = _Later(session.checklist.root, reports)
    facts = _run(session, world, limits, options)
    world.close()
    circumstances = Circumstances(
        source=git.result(), resolver=options.nameserver, allowed=tuple(sorted(session.allow))
    )
    return judge(session.checklist, session.plan, facts, circumstances)


def _run(session: Session, world: Outside, limits: Limits, options: Options) -> Facts:
    with _terminable(), watch(session.plan, sys.stderr, options.process) as observer:
        return run(session.plan, world, observer, jobs=limits.jobs, deadline=limits.timeout)


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: the partial report is written."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass
class _Later:
    """git is asked while the checks run."""

    folder: Path
    reports: Path
    found: list[Source] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.ask, daemon=True)
        self.thread.start()

    def ask(self) -> None:
        self.found.append(read_source(self.folder, self.reports))

    def result(self) -> Source:
        self.thread.join(timeout=30)
        return self.found[0] if self.found else Source()


def _emit(rendered: str, to: str | None) -> None:
    if to in {None, "-"}:
        say(rendered, sys.stdout)
        return
    try:
        write_text(Path(str(to)), rendered)
    except OSError as error:
        raise UsageError(f"cannot write {to}: {error.strerror or error}") from error
