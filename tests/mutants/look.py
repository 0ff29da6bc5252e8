"""What the default checklist says of a changed stage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from ssl import SSLContext

import httpx

from readiness._bundled import CHECKLIST
from readiness.checklist.load import load
from readiness.checklist.model import Entry, Severity, State
from readiness.commands.check import Limits, observe
from readiness.commands.session import Options, open_session
from readiness.demo.play import play
from readiness.demo.stage import Stage, name_server, set_stage
from readiness.errors import ReadinessError
from readiness.report.model import Result
from tests.mutants.model import Change, Mutant
from tests.mutants.scene import change, service_environment
from tests.pki import Issued, self_signed
from tests.wire import WebServer

SERVED = ("http", "http.*", "webhook.*", "stripe.checkout_session", "stripe.webhook_deliveries")
"""Kinds that need the running service; a command needs a git repository, all others need neither."""
FILES = ("python.*", "repo.*")
"""Kinds that read nothing but the tree."""
FLOW = "release.tests"
"""Item whose parts run the flow script: where it fails, much else does, so that it is no second complaint."""
WEBHOOKS = {
    "development": "http://127.0.0.1:8000/api/v1/webhooks/stripe",
    "staging": "https://api.staging.kamiyo.ai/api/v1/webhooks/stripe",
    "production": "https://api.kamiyo.ai/api/v1/webhooks/stripe",
}
"""`webhook` of the checklist, by environment."""
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one change."""

    name: str
    complaint: str | None
    """None where the checklist said what it should."""


def judge(wanted: Change) -> Finding:
    """A mutant must be caught at its items and accuse no other critical one; a variant nowhere.

    What is complained of is looked at once more: a busy machine makes a good service slow.
    """
    complaint = _complaint(wanted)
    return Finding(name=wanted.name, complaint=complaint and _complaint(wanted))


def _complaint(wanted: Change) -> str | None:
    try:
        results = look(wanted)
    except (ReadinessError, ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    complaints = _survived(wanted, results) if isinstance(wanted, Mutant) else _accused(results)
    return "; ".join(complaints) or None


def look(wanted: Change) -> tuple[Result, ...]:
    """Set the stage, change it, look. Raises ReadinessError where the service does not start."""
    with ExitStack() as stack:
        stage = stack.enter_context(set_stage())
        change(stage, wanted)
        dns = stack.enter_context(name_server(stage))
        places = _places(stage, wanted, stack)
        options = Options(
            checklist=stage.checklist,
            environment=stage.environment,
            only=tuple(_questions(wanted)),
            allow=("write", "traffic", "exec"),
            variables=tuple(f"{name}={value}" for name, value in {**places, **stage.variables}.items()),
            nameserver=dns.address,
            process={name: os.environ[name] for name in INHERITED if name in os.environ} | stage.env,
        )
        report = observe(open_session(options), options, Limits(), stage.folder / "reports")
    return report.results


def _places(stage: Stage, wanted: Change, stack: ExitStack) -> Mapping[str, str]:
    """Variables of the checklist: where the service runs, or where Stripe believes that it does."""
    if wanted.tls:
        url = stack.enter_context(WebServer(context=_certificate(stage, wanted.tls))).url
        return {"api": url, "web": url}
    if not wanted.served:
        url = WEBHOOKS[stage.environment]
        stage.stripe.patch(stage.endpoint, url=stage.webhook_url or url)
        return {"stripe_events": "delivered"}
    running = stack.enter_context(play(stage, service_environment(stage, wanted)))
    stage.env.setdefault("ALLOWED_ORIGINS", running.service.url)
    if wanted.documented:
        document = httpx.get(f"{running.service.url}/openapi.json")
        (stage.tree / "docs/openapi.json").write_bytes(document.content)
    return running.variables


def _certificate(stage: Stage, fault: str) -> SSLContext:
    host = "127.0.0.1"
    made = self_signed(host) if fault == "self-signed" else Issued.root().server(host, days=-1)
    return made.context(stage.folder)


@cache
def leaves() -> tuple[Entry, ...]:
    """The items that a machine decides."""
    return tuple(entry for entry in load(CHECKLIST).entries if entry.item.check)


def _questions(wanted: Change) -> Iterator[str]:
    """Ids of the items to ask."""
    for entry in leaves():
        if _can_be_asked(entry, wanted) and _decides(entry, wanted) and _any(entry.id, wanted.only):
            yield entry.id


def _can_be_asked(entry: Entry, wanted: Change) -> bool:
    """A running service is asked what only it shows; of a mutant that shows there, the files are known already.

    So are those of a mutant that changes none.
    """
    kind = entry.item.check or ""
    if entry.parent == FLOW:
        return (wanted.served or not entry.item.when) and (not isinstance(wanted, Mutant) or entry.id in wanted.item)
    if kind == "command":
        return bool(wanted.track or wanted.history)
    if _any(kind, SERVED):
        return wanted.served or bool(wanted.tls)
    if not isinstance(wanted, Mutant) or entry.id in wanted.item:
        return True
    return not wanted.served and (wanted.changes_files or not _any(kind, FILES))


def _decides(entry: Entry, wanted: Change) -> bool:
    """Whether the answer can be the complaint; of a mutant only what must fail, and what must not."""
    if not isinstance(wanted, Mutant) or entry.id in wanted.item:
        return True
    return entry.item.severity is Severity.CRITICAL and not _expected(wanted, entry.id)


def _survived(wanted: Mutant, results: tuple[Result, ...]) -> Iterator[str]:
    states = {result.id: result.state for result in results}
    for item in wanted.item:
        if (state := states[item]) is not State.FAIL:
            yield f"{item} says {state.value}"
    for result in _leaf_results(results, State.FAIL):
        if result.severity is Severity.CRITICAL and not _expected(wanted, result.id):
            yield f"{result.id} fails too: {result.message}"


def _expected(wanted: Mutant, item: str) -> bool:
    return item in wanted.item or _any(item, wanted.also)


def _any(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _accused(results: tuple[Result, ...]) -> Iterator[str]:
    for result in _leaf_results(results, State.FAIL, State.ERROR):
        yield f"{result.id} says {result.state.value}: {result.message}"


def _leaf_results(results: tuple[Result, ...], *states: State) -> Iterator[Result]:
    checked = {entry.id for entry in leaves()}
    yield from (result for result in results if result.state in states and result.id in checked)
