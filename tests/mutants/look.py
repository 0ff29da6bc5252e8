"""What the default checklist says of a changed stage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from readiness._bundled import CHECKLIST
from readiness.checklist.load import load
from readiness.checklist.model import Entry, Severity, State
from readiness.commands.check import Limits, observe
from readiness.commands.session import Options, open_session
from readiness.demo.service import Service
from readiness.demo.stage import Stage, name_server, set_stage
from readiness.errors import ReadinessError
from readiness.report.model import Result
from tests.mutants.model import Change, Mutant
from tests.mutants.scene import change, service_environment

STATIC = ("dns.txt", "env.key", "env.modes", "python.calls", "python.sql", "repo.file", "repo.text", "stripe.price")
"""Kinds that need no running service."""
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one change."""

    name: str
    complaint: str | None
    """None where the checklist said what it should."""


def judge(wanted: Change) -> Finding:
    """A mutant must be caught at its items and accuse no other critical one; a variant nowhere."""
    try:
        results = look(wanted)
    except (ReadinessError, ValueError, OSError) as error:
        return Finding(name=wanted.name, complaint=f"{type(error).__name__}: {error}")
    complaints = _survived(wanted, results) if isinstance(wanted, Mutant) else _accused(results)
    return Finding(name=wanted.name, complaint="; ".join(complaints) or None)


def look(wanted: Change) -> tuple[Result, ...]:
    """Set the stage, change it, look. Raises ReadinessError where the service does not start."""
    with ExitStack() as stack:
        stage = stack.enter_context(set_stage())
        change(stage, wanted)
        dns = stack.enter_context(name_server(stage))
        places: dict[str, str] = {}
        if wanted.served:
            url = stack.enter_context(_service(stage, wanted)).url
            places = {"api": url, "web": url}
        options = Options(
            checklist=stage.checklist,
            environment=stage.environment,
            only=tuple(_questions(served=wanted.served)),
            allow=("write",),
            variables=tuple(f"{name}={value}" for name, value in (places | stage.variables).items()),
            nameserver=dns.address,
            process={name: os.environ[name] for name in INHERITED if name in os.environ} | stage.env,
        )
        report = observe(open_session(options), options, Limits(), stage.folder / "reports")
    return report.results


def _service(stage: Stage, wanted: Change) -> Service:
    service = Service(stage.tree, {}, stage.folder / "service.log")
    stage.env.setdefault("ALLOWED_ORIGINS", service.url)
    service.add_environment(service_environment(stage, wanted))
    return service


@cache
def leaves() -> tuple[Entry, ...]:
    """The items that a machine decides."""
    return tuple(entry for entry in load(CHECKLIST).entries if entry.item.check)


def _questions(*, served: bool) -> Iterator[str]:
    """Ids of the items to ask; what waits for a deployment to settle would only wait here."""
    for entry in leaves():
        if entry.item.check in STATIC or (served and entry.item.check == "http" and not entry.item.eventually):
            yield entry.id


def _survived(wanted: Mutant, results: tuple[Result, ...]) -> Iterator[str]:
    states = {result.id: result.state for result in results}
    for item in wanted.item:
        if (state := states[item]) is not State.FAIL:
            yield f"{item} says {state.value}"
    for result in _leaf_results(results, State.FAIL):
        if result.severity is Severity.CRITICAL and not _expected(wanted, result.id):
            yield f"{result.id} fails too: {result.message}"


def _expected(wanted: Mutant, item: str) -> bool:
    return item in wanted.item or any(fnmatchcase(item, glob) for glob in wanted.also)


def _accused(results: tuple[Result, ...]) -> Iterator[str]:
    for result in _leaf_results(results, State.FAIL, State.ERROR):
        yield f"{result.id} says {result.state.value}: {result.message}"


def _leaf_results(results: tuple[Result, ...], *states: State) -> Iterator[Result]:
    checked = {entry.id for entry in leaves()}
    yield from (result for result in results if result.state in states and result.id in checked)
