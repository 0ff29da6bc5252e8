"""``readiness pending``: what waits for a person, by the role that may say it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from readiness.checklist.model import State
from readiness.commands.session import Options, Session, open_session
from readiness.console import Style, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.plan import Step
from readiness.typed import suggest

ANYBODY = "anybody"


def pending(options: Options, *, role: str | None, as_json: bool) -> int:
    """Print what is pending; WAITING where something is. Raises UsageError for a role that does not exist."""
    session = open_session(options)
    roles = session.checklist.header.roles
    if role is not None and role not in (*roles, ANYBODY):
        hint = suggest(role, [*roles, ANYBODY]) or "the checklist names none under `roles`"
        raise UsageError([Problem(message=f"--role {role}: there is no such role", hint=hint)])
    steps = [
        step
        for step in session.plan.steps
        if step.settled and step.settled.state is State.PENDING and role in {None, _role(step)}
    ]
    lines = (
        [json.dumps(_data(session, steps), indent=2, ensure_ascii=False)]
        if as_json
        else _lines(session, steps, style_of(sys.stdout, options.process))
    )
    say(lines, sys.stdout)
    return ExitCode.WAITING if steps else ExitCode.READY


def _role(step: Step) -> str:
    return step.item.by or ANYBODY


def _lines(session: Session, steps: Sequence[Step], style: Style) -> Iterator[str]:
    environment = session.plan.environment
    if not steps:
        yield f"nothing waits for a person in {environment}"
        return
    for role in dict.fromkeys(map(_role, steps)):
        members = ", ".join(session.checklist.header.roles.get(role, ()))
        yield style.paint(role, "bold") + (f" ({members})" if members else "")
        for step in steps:
            if _role(step) == role:
                yield from _step(step, style)
        yield ""
    yield f"{len(steps)} pending in {environment}; answer them one by one: readiness attest --env {environment}"


def _step(step: Step, style: Style) -> Iterator[str]:
    yield f"  {one_line(step.id)}"
    yield style.wrap(step.item.title, "      ")
    if step.standing and step.settled:
        yield style.wrap(step.settled.message, "      ")


def _data(session: Session, steps: Sequence[Step]) -> dict[str, Any]:
    roles = session.checklist.header.roles
    return {
        "environment": session.plan.environment,
        "pending": [
            {
                "id": step.id,
                "title": step.item.title,
                "section": step.entry.section,
                "severity": step.severity.value,
                "role": step.item.by,
                "may_attest": list(roles.get(step.item.by or "", ())),
                "evidence": step.item.evidence,
                "reason": step.settled.reason if step.settled else None,
                "message": step.settled.message if step.settled else None,
                "instruction": step.item.manual,
            }
            for step in steps
        ],
    }
