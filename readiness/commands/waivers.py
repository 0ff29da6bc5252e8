"""``readiness waivers``: the findings that were let pass, and how one is added."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from readiness.checklist.model import Checklist
from readiness.commands.session import Options, again, open_session
from readiness.console import Style, one_line, say, style_of
from readiness.errors import ConfigError, ExitCode, Problem, UsageError
from readiness.light import dataclass
from readiness.people.load import check_new
from readiness.people.model import WAIVERS, Waiver, parse_end
from readiness.people.record import append
from readiness.people.saying import refuse_secrets
from readiness.people.waiving import SOON


@dataclass(frozen=True, kw_only=True)
class Request:
    """A waiver as it was typed."""

    id: str
    item: str
    reason: str
    requested_by: str
    approved_by: str
    expires: str
    ticket: str | None = None
    match: str | None = None
    covers: Sequence[str] = ()


def list_waivers(options: Options) -> int:
    """Print every waiver, those that need attention first."""
    session = open_session(options)
    style, now = style_of(sys.stdout, options.process), datetime.now(UTC)
    waivers = sorted(session.people.waivers, key=lambda waiver: waiver.expires)
    say(_lines(waivers, style, now) if waivers else ["no finding is waived"], sys.stdout)
    return ExitCode.READY


def _lines(waivers: Sequence[Waiver], style: Style, now: datetime) -> Iterator[str]:
    for waiver in waivers:
        word, colour = _status(waiver, now)
        places = ", ".join(waiver.environments)
        head = f"{waiver.id}: {waiver.item} in {places}, until {waiver.expires:%Y-%m-%d}"
        yield style.paint(f"{word:<10}", colour) + style.cut(head, style.width - 10)
        yield style.wrap(waiver.reason, " " * 10)
        ticket = f", {waiver.ticket}" if waiver.ticket else ""
        only = f"; only findings with: {waiver.match}" if waiver.match else ""
        yield style.wrap(
            f"asked for by {waiver.requested_by}, approved by {waiver.approved_by}{ticket}; "
            f"covers {', '.join(waiver.covers)}{only}",
            " " * 10,
        )


def _status(waiver: Waiver, now: datetime) -> tuple[str, str]:
    if waiver.expires <= now:
        return "EXPIRED", "red"
    return ("expiring", "yellow") if waiver.expires <= now + SOON else ("in force", "green")


def add_waiver(options: Options, request: Request) -> int:
    """Write one to waivers.yaml. Raises UsageError and ConfigError where it would not be allowed to stand."""
    session = open_session(options)
    refuse_secrets({f"--{name}": words for name, words in _words(request)}, session.redactor.text)
    entry = _entry(request, session.plan.environment)
    waiver, problems = check_new(session.checklist, entry, session.people)
    if waiver is None:
        raise ConfigError([replace(problem, place=None, excerpt=None) for problem in problems])
    if waiver.expires <= datetime.now(UTC):
        raise UsageError([Problem(message=f"--expires {request.expires} is in the past", hint="name a day to come")])
    again(session, replace(session.people, waivers=(*session.people.waivers, waiver)), waiver.item)
    append(session.checklist.path.parent / WAIVERS, [entry])
    say(f"waived {waiver.item} in {session.plan.environment} until {waiver.expires:%Y-%m-%d}", sys.stdout)
    say(one_line(f"next: have it reviewed and commit {_path(session.checklist)}"), sys.stderr)
    return ExitCode.READY


def _words(request: Request) -> Iterator[tuple[str, str]]:
    for name, value in vars(request).items():
        for text in value if isinstance(value, list | tuple) else (value,):
            if text:
                yield name.replace("_", "-"), text


def _path(checklist: Checklist) -> str:
    return str(checklist.path.parent / WAIVERS)


def _entry(request: Request, environment: str) -> dict[str, Any]:
    entry = {
        "id": request.id,
        "item": request.item,
        "environments": [environment],
        "reason": request.reason,
        "requested_by": request.requested_by,
        "approved_by": request.approved_by,
        "expires": request.expires,
        "ticket": request.ticket,
        "match": request.match,
        "covers": list(request.covers),
    }
    parse_end_or_refuse(request.expires)
    return {name: value for name, value in entry.items() if value}


def parse_end_or_refuse(text: str) -> datetime:
    """When a waiver ends. Raises UsageError with the form to write."""
    try:
        return parse_end(text)
    except ValueError as error:
        raise UsageError(f"--expires: {error}") from error
