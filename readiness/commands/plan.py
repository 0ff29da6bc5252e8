"""``readiness plan``: everything a run would touch, told before it touches it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from readiness.api import Effect
from readiness.commands.session import Options, Session, open_session
from readiness.console import Style, say, style_of
from readiness.errors import ExitCode
from readiness.plan import Step


def show_plan(options: Options) -> int:
    """Print it; contacts nothing."""
    session = open_session(options)
    say(_lines(session, style_of(sys.stdout, options.process)), sys.stdout)
    return ExitCode.READY


def _lines(session: Session, style: Style) -> Iterator[str]:
    plan = session.plan
    yield f"environment {plan.environment}, gate {plan.gate_name}, root {session.checklist.root}"
    for step in plan.steps:
        if step.check is not None:
            yield from _step(step, session, style)
    settled = [step for step in plan.steps if step.settled]
    yield ""
    running = sum(1 for step in plan.steps if step.check)
    yield f"{running} items would be run, {len(settled)} are settled without running:"
    for reason in dict.fromkeys(step.settled.reason for step in settled if step.settled):
        alike = [step for step in settled if step.settled and step.settled.reason is reason]
        yield f"  {len(alike):>4} {alike[0].settled.state.value} ({reason})" if alike[0].settled else ""
    yield from _secrets(session)


def _step(step: Step, session: Session, style: Style) -> Iterator[str]:
    check = step.check
    if check is None:
        return
    effect = "" if check.effect is Effect.READ else f", effect {check.effect.value}"
    yield style.paint(step.id, "bold") + f"  {check.id}, reads {', '.join(sorted(check.reads))}{effect}"
    for line in check.looks_at():
        yield style.wrap(session.redactor.text(line), "        ", first="      ")


def _secrets(session: Session) -> Iterator[str]:
    """Names of the secrets that options use, and where they go."""
    used: dict[str, list[str]] = {}
    for step in session.plan.steps:
        for name in step.secrets if step.check else ():
            used.setdefault(name, []).append(step.id)
    if used:
        yield "secrets that options name:"
    for name, items in sorted(used.items()):
        yield f"  {name}: {', '.join(items)}"
