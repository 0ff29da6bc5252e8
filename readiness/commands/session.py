"""From a command line to a plan: what `check`, `plan`, `list` and `explain` begin with."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from readiness.catalog import Catalog
from readiness.checklist.load import load
from readiness.checklist.model import Checklist
from readiness.errors import ConfigError, Problem, UsageError
from readiness.light import dataclass
from readiness.people.binding import Binder
from readiness.people.load import load_people
from readiness.people.model import People
from readiness.plan import Plan, Selection, plan
from readiness.redact import Redactor
from readiness.source import read_release
from readiness.typed import suggest
from readiness.world.env import Env

DEFAULT_CHECKLIST = Path("checklist.yaml")
EFFECTS = ("exec", "live-writes", "plugin", "private-network", "traffic", "write")
"""What an operator may allow, beyond reading."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that these commands share, as typed."""

    checklist: Path | None = None
    environment: str | None = None
    gate: str | None = None
    only: Sequence[str] = ()
    tags: Sequence[str] = ()
    offline: bool = False
    allow: Sequence[str] = ()
    bind: Sequence[str] = ()
    variables: Sequence[str] = ()
    nameserver: str | None = None
    process: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(frozen=True, kw_only=True)
class Session:
    """A checklist with its plan, and what the plan was made from."""

    checklist: Checklist
    catalog: Catalog
    plan: Plan
    people: People
    selection: Selection
    env: Env
    redactor: Redactor
    allow: frozenset[str]


def open_session(options: Options) -> Session:
    """Raises ConfigError and UsageError with every mistake; contacts nothing."""
    checklist = load(find_checklist(options.checklist))
    allow = allowed(options.allow, options.process)
    catalog = Catalog(plugin_folders(checklist, allow))
    redactor = Redactor()
    people, faults = load_people(checklist)
    checklist = dataclasses.replace(checklist, problems=(*checklist.problems, *faults))
    checklist, env = _environment(checklist, options, redactor)
    selection = Selection(
        environment=options.environment,
        gate=options.gate,
        variables=pairs(options.variables, "--var"),
        only=tuple(options.only),
        tags=tuple(options.tags),
        offline=options.offline,
        allow=allow,
        bind=pairs(options.bind, "--bind"),
        lookup=lambda name: env.get(name, secret=True),
        redact=redactor.text,
    )
    return Session(
        checklist=checklist,
        catalog=catalog,
        plan=plan(checklist, catalog, selection, _binder(checklist, people)),
        people=people,
        selection=selection,
        env=env,
        redactor=redactor,
        allow=allow,
    )


def again(session: Session, people: People, only: str) -> Session:
    """The session with other words of people, for one item alone."""
    selection = dataclasses.replace(session.selection, only=(only,), tags=())
    planned = plan(session.checklist, session.catalog, selection, _binder(session.checklist, people))
    return dataclasses.replace(session, people=people, selection=selection, plan=planned)


def _binder(checklist: Checklist, people: People) -> Binder:
    return Binder(
        people=people,
        roles=checklist.header.roles,
        release=cache(lambda: read_release(checklist.path.parent)),
        now=datetime.now(UTC),
    )


def find_checklist(path: Path | None) -> Path:
    """The checklist of the command line, or of the current folder."""
    if path is None and not DEFAULT_CHECKLIST.exists():
        hint = "write one with `readiness init`, or name it with -c FILE"
        raise ConfigError([Problem(message="there is no checklist.yaml in this folder", hint=hint)])
    if path is not None and not path.exists():
        hint = f"write one with `readiness init {path}`"
        raise ConfigError([Problem(message=f"there is no file {path}", hint=hint)])
    return path or DEFAULT_CHECKLIST


def allowed(words: Sequence[str], process: Mapping[str, str]) -> frozenset[str]:
    """Effects from ``--allow`` and READINESS_ALLOW; never from a file of the repository."""
    text = ",".join([*words, process.get("READINESS_ALLOW", "")])
    names = [name for name in re.split(r"[,\s]+", text) if name]
    for name in names:
        if name not in EFFECTS:
            raise UsageError([Problem(message=f"--allow {name}: there is no such effect", hint=suggest(name, EFFECTS))])
    return frozenset(names)


def pairs(words: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE words."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not _is_text(word):
            raise UsageError([Problem(message=f"{option} {name}: the value is not UTF-8")])
        if not equals or not name:
            raise UsageError([Problem(message=f"{option} {word}: expected NAME=VALUE")])
        found[name] = value.rstrip("/") if option == "--bind" else value
    return found


def _is_text(word: str) -> bool:
    """Whether an argument is text; Python hands over other bytes as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in word)


def plugin_folders(checklist: Checklist, allow: frozenset[str]) -> tuple[Path, ...]:
    """Folders of the checklist's own kinds; code, so the operator must allow it."""
    folders = tuple((checklist.path.parent / name).resolve() for name in checklist.header.checks)
    if folders and "plugin" not in allow:
        names = ", ".join(checklist.header.checks)
        message = (
            f"the checklist brings check kinds of its own ({names}): code that would run here, beside your secrets"
        )
        raise ConfigError(
            [
                checklist.document.problem(
                    message,
                    ("checks",),
                    key=True,
                    hint="where you trust it, run with --allow plugin or set READINESS_ALLOW=plugin",
                )
            ]
        )
    return folders


def _environment(checklist: Checklist, options: Options, redactor: Redactor) -> tuple[Checklist, Env]:
    """The service's environment; the faults of its dotenv file are told together with the checklist's."""
    try:
        return checklist, Env(options.process, _dotenv(checklist, options.environment), redactor)
    except ConfigError as error:
        faulty = dataclasses.replace(checklist, problems=(*checklist.problems, *error.problems))
        return faulty, Env(options.process, None, redactor)


def _dotenv(checklist: Checklist, environment: str | None) -> Path | None:
    known = checklist.header.environments
    chosen = known.get(environment or next(iter(known), ""))
    return checklist.root / chosen.dotenv if chosen and chosen.dotenv else None
