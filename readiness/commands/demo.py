"""``readiness demo``: the whole line on this machine alone, with or without a defect."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from readiness.commands.check import Limits, observe
from readiness.commands.session import Options, open_session
from readiness.console import Style, say, style_of
from readiness.demo.breaks import BREAKS
from readiness.demo.play import Play, play
from readiness.demo.stage import Stage, name_server, set_stage
from readiness.errors import ExitCode, Problem, UsageError
from readiness.extras import require
from readiness.report import text
from readiness.report.model import Report
from readiness.store import write_report
from readiness.typed import suggest

LASTING = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "VIRTUAL_ENV")
"""Variables of the caller that the checks see; all others are the demo's own."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """Where everything is while the demo runs."""

    stage: Stage
    play: Play
    dns: str
    dotenv: Path

    def places(self) -> dict[str, str]:
        """One name and one value each."""
        return {
            "api": self.play.service.url,
            "web": self.play.service.url,
            "spare_api": self.play.spare.url,
            "stripe": self.stage.stripe.url,
            "dns": self.dns,
            "pid": str(os.getpid()),
            "service_pid": str(self.play.service.pid),
            "environment": self.stage.environment,
            "checklist": str(self.stage.checklist),
            "dotenv": str(self.dotenv),
            "log": str(self.play.service.log),
        }


def print_breaks() -> int:
    """Print the defects by name, each with the item that catches it."""
    style = style_of(sys.stdout, os.environ)
    width = max(map(len, BREAKS)) + 2
    say((f"{name:<{width}}{found.title} ({found.item})" for name, found in BREAKS.items()), sys.stdout)
    say(style.paint("readiness demo --break NAME injects one; it may be repeated", "dim"))
    return ExitCode.READY


def demo(breaks: Sequence[str], *, keep: bool, reports: Path, verbose: bool) -> int:
    """The exit code of the verdict. Raises UsageError: unknown break, missing extra, a service that does not start."""
    for name in breaks:
        if name not in BREAKS:
            raise UsageError(
                [
                    Problem(
                        message=f"--break {name}: there is no such defect",
                        hint=suggest(name, BREAKS) or "`readiness demo --list-breaks`",
                    )
                ]
            )
    require("reference", "the demo's checkout service")
    _end_like_interrupt()
    with ExitStack() as stack:
        running = _start(breaks, stack)
        begin = time.monotonic()
        report = _check(running, reports)
        path = write_report(report, reports)
        stream = sys.stderr if keep else sys.stdout
        style = style_of(stream, os.environ)
        say(text.render(report, style, verbose=verbose, seconds=time.monotonic() - begin), stream)
        say([f"report: {path}", *_caught(breaks, report, style)])
        if keep:
            _wait(running)
    return report.verdict.exit_code


def _start(breaks: Sequence[str], stack: ExitStack) -> Running:
    stage = stack.enter_context(set_stage())
    for name in breaks:
        BREAKS[name].apply(stage)
    dns = stack.enter_context(name_server(stage))
    running = stack.enter_context(play(stage, stage.env))
    stage.env["ALLOWED_ORIGINS"] = running.service.url
    dotenv = stage.folder / "demo.env"
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in stage.env.items()), "utf-8")
    dotenv.chmod(0o600)
    return Running(stage=stage, play=running, dns=dns.address, dotenv=dotenv)


def _check(running: Running, reports: Path) -> Report:
    stage = running.stage
    options = Options(
        checklist=stage.checklist,
        environment=stage.environment,
        # everything here is ours and goes with the demo
        allow=("write", "traffic", "exec"),
        variables=tuple(f"{name}={value}" for name, value in _variables(running).items()),
        nameserver=running.dns,
        process=_process(stage.env),
    )
    return observe(open_session(options), options, Limits(), reports)


def _variables(running: Running) -> Mapping[str, str]:
    return {**running.play.variables, **running.stage.variables}


def _process(env: Mapping[str, str]) -> dict[str, str]:
    lasting = {name: os.environ[name] for name in (*LASTING, "NO_COLOR", "FORCE_COLOR", "TERM") if name in os.environ}
    return lasting | dict(env)


def _caught(breaks: Sequence[str], report: Report, style: Style) -> list[str]:
    """For each defect, whether the item that should see it saw it."""
    states = {result.id: result.state.value for result in report.results}
    return [
        style.wrap(
            f"break {name}: {BREAKS[name].title}; {BREAKS[name].item} says {states.get(BREAKS[name].item, 'nothing')}",
            "  ",
            first="",
        )
        for name in breaks
    ]


def _wait(running: Running) -> None:
    """Say where everything is, and stay until Ctrl-C or SIGTERM."""
    say((f"{name}={value}" for name, value in running.places().items()), sys.stdout)
    say("running until Ctrl-C")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")


def _end_like_interrupt() -> None:
    """SIGTERM unwinds like Ctrl-C, so that nothing is left running."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
