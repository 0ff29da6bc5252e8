"""``readiness doctor``: is everything here that a run needs? Names, never values.

Contacts nothing but Stripe, and that only to ask what a restricted key may do; nothing at all with ``--offline``.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import yaml

from readiness import __version__
from readiness.api import Reason
from readiness.checklist.model import State
from readiness.commands.session import DEFAULT_CHECKLIST, Options, Session, open_session
from readiness.console import Style, say, style_of
from readiness.errors import ExitCode
from readiness.extras import EXTRAS, install_command
from readiness.light import dataclass
from readiness.plan import Settled, Step

if TYPE_CHECKING:
    from readiness.billing.access import Access


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a run may need."""

    ok: bool
    name: str
    text: str
    needed: bool = True
    """A run of this checklist cannot do without it."""


def examine(options: Options, *, offline: bool = False) -> int:
    """Print every finding; UNVERIFIED where something needed is not here. Raises ConfigError for a broken checklist."""
    style = style_of(sys.stdout, options.process)
    findings = list(_machine())
    say((_line(finding, style) for finding in findings), sys.stdout)
    session = open_session(options) if options.checklist or DEFAULT_CHECKLIST.exists() else None
    own = [*_checklist(session, offline)] if session else [_no_checklist()]
    say((_line(finding, style) for finding in own), sys.stdout)
    findings += own
    return ExitCode.READY if all(finding.ok for finding in findings if finding.needed) else ExitCode.UNVERIFIED


def _line(finding: Finding, style: Style) -> str:
    word, colour = ("ok", "green") if finding.ok else ("MISSING", "red") if finding.needed else ("absent", "yellow")
    return style.wrap(f"{finding.name}: {finding.text}", " " * 10, first=f"{style.paint(f'{word:<9}', colour)} ")


def _machine() -> Iterator[Finding]:
    yield Finding(ok=True, name="readiness", text=f"{__version__} on Python {platform.python_version()}")
    fast = hasattr(yaml, "CLoader")
    yield Finding(
        ok=fast,
        needed=False,
        name="libyaml",
        text="compiled into PyYAML" if fast else "PyYAML has none: large checklists load ten times slower",
    )
    git = shutil.which("git")
    yield Finding(
        ok=git is not None,
        needed=False,
        name="git",
        text=git or "not found: reports name no commit, and all files below the root are read",
    )
    for extra, modules in EXTRAS.items():
        absent = [module for module in modules if find_spec(module) is None]
        yield Finding(
            ok=not absent,
            needed=False,
            name=f"extra [{extra}]",
            text=f"not installed: {install_command(extra)}" if absent else "installed",
        )


def _no_checklist() -> Finding:
    return Finding(ok=False, needed=False, name="checklist", text="none in this folder; `readiness init` writes one")


def _checklist(session: Session, offline: bool) -> Iterator[Finding]:
    steps = session.plan.steps
    running = [step for step in steps if step.check is not None]
    yield Finding(
        ok=True,
        name="checklist",
        text=f"{session.checklist.path}: {len(steps)} items, {len(running)} run in {session.plan.environment}",
    )
    yield from _variables(session, running)
    yield from _permissions(session, offline)
    yield from _effects([step.settled for step in steps if step.settled])


def _variables(session: Session, running: Sequence[Step]) -> Iterator[Finding]:
    """Environment variables that the items of this run read, or take as secrets."""
    names = {name for step in session.plan.steps for name in step.secrets}
    names |= {line[1:] for step in running if step.check for line in step.check.looks_at() if line.startswith("$")}
    for name in sorted(names):
        there = session.env.get(name) is not None
        text = f"set, from {session.env.origin(name)}" if there else "not set"
        yield Finding(ok=there, name=f"variable {name}", text=text)


def _permissions(session: Session, offline: bool) -> Iterator[Finding]:
    """What a restricted key of Stripe must be allowed for this checklist, and what the present one lacks."""
    needed = sorted({access for step in session.plan.steps for access in _needs_access(session, step)})
    if not needed:
        return
    from readiness.billing.granted import answers

    for access, granted in answers(needed, session.env, offline=offline):
        name = f"Stripe permission {access.value}" if access else "Stripe permissions"
        yield Finding(ok=granted.ok, name=name, text=f"{access.row}: {granted.text}" if access else granted.text)


def _needs_access(session: Session, step: Step) -> tuple[Access, ...]:
    """What an item asks Stripe for, also where this run does not look, or where evidence is still to come."""
    if step.settled and step.settled.state is State.NOT_APPLICABLE:
        return ()
    evidence = step.item.evidence_check
    name = step.item.check or (evidence.check if evidence else None)
    source = step.check or (session.catalog.find(name) if name else None)
    found = getattr(source, "needs_access", ())
    return found if isinstance(found, tuple) else ()


def _effects(settled: Sequence[Settled]) -> Iterator[Finding]:
    """What was not allowed, and how many items are skipped for it."""
    fixes = Counter(state.fix for state in settled if state.reason is Reason.EFFECT_REFUSED)
    for fix, count in sorted((fix, count) for fix, count in fixes.items() if fix):
        yield Finding(ok=False, needed=False, name="effects", text=f"{count} items are skipped; {fix}")
