"""``readiness explain ID``: an item of the checklist, or a check kind."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import yaml

from readiness.api import Check
from readiness.catalog import Catalog
from readiness.checklist.model import Item
from readiness.commands.session import DEFAULT_CHECKLIST, Options, Session, open_session
from readiness.console import Style, printable, say, style_of
from readiness.docs import options_of, parts_of
from readiness.errors import ConfigError, ExitCode, Problem, UsageError
from readiness.people.model import Standing, Waiver
from readiness.plan import Step
from readiness.redact import patterns
from readiness.typed import suggest


def explain(name: str, options: Options) -> int:
    """Print it. Raises UsageError with the nearest name where there is neither.

    A bundled kind is explained beside a broken checklist too: whoever mends one needs its page.
    """
    style = style_of(sys.stdout, options.process)
    try:
        session = open_session(options) if options.checklist or DEFAULT_CHECKLIST.exists() else None
    except ConfigError:
        if name not in Catalog().ids:
            raise
        session = None
    step = session.plan.step(name) if session else None
    page = _item(step, session, style) if step and session else _kind(_find(name, session), style)
    say(page, sys.stdout)
    return ExitCode.READY


def _find(name: str, session: Session | None) -> type[Check]:
    catalog = session.catalog if session else Catalog()
    try:
        return catalog.find(name)
    except ConfigError as error:
        items = [step.id for step in session.plan.steps] if session else []
        raise UsageError(
            [Problem(message=f"`{name}` is no item and no check kind", hint=suggest(name, [*items, *catalog.ids]))]
        ) from error


def _item(step: Step, session: Session, style: Style) -> Iterator[str]:
    item, place = step.item, session.checklist.document.place(step.entry.path, key=True)
    yield style.paint(step.id, "bold") + f"  {place.file}:{place.line}"
    yield style.wrap(item.title, "")
    yield ""
    yield f"section      {step.entry.section} {session.checklist.sections[step.entry.section]}"
    yield f"severity     {step.severity.value}"
    facts = {
        "boxes": item.seed,
        "environments": item.environments,
        "needs": step.needs,
        "parts": step.children,
        "tags": item.tags,
        "controls": item.controls,
        "owner": item.owner,
        "here": step.settled and f"{step.settled.state.value}: {step.settled.message}",
        "instruction": item.manual,
        "applies when": item.if_applicable,
        "role": item.by and _role(item.by, session),
        "evidence": _evidence(item),
        "valid for": item.valid_for,
        "attested": step.standing and _attested(step.standing),
        "waivers": [_waiver(one) for one in session.people.waivers if one.item == step.id],
        "why": item.why,
        "fix": item.fix,
    }
    for name, found in facts.items():
        if found:
            text = found if isinstance(found, str) else ", ".join(found)
            yield style.wrap(text, " " * 13, first=f"{name:<12} ")
    if item.check:
        yield ""
        yield f"verified by  {item.check} (`readiness explain {item.check}`) with:"
        yield from (f"  {line}" for line in _written(item.with_).splitlines())


def _role(name: str, session: Session) -> str:
    return f"{name} ({', '.join(session.checklist.header.roles.get(name, ())) or 'nobody yet'})"


def _evidence(item: Item) -> str | None:
    look = f", which `{item.evidence_check.check}` looks at in every run" if item.evidence_check else ""
    return item.evidence and f"{item.evidence}{look}"


def _attested(standing: Standing) -> str:
    """Who said what, with what, and until when it holds."""
    said = standing.attestation
    brings = said.evidence and (said.evidence.url or said.evidence.file)
    ends = f"until {standing.expires:%Y-%m-%d %H:%M} UTC" if standing.expires else "for one release"
    parts = [
        f"{said.state} by {said.by} on {said.at:%Y-%m-%d} in {said.environment}",
        ends if standing.valid else "holds no more",
        f"evidence {brings}" if brings else None,
        f"note: {said.note}" if said.note else None,
    ]
    return "; ".join(part for part in parts if part)


def _waiver(waiver: Waiver) -> str:
    return f"{waiver.id} until {waiver.expires:%Y-%m-%d} in {' and '.join(waiver.environments)}: {waiver.reason}"


def _written(options: object) -> str:
    """Options as the file has them: variables and secrets by name."""
    return printable(patterns(yaml.safe_dump(options, sort_keys=False, allow_unicode=True, width=70)))


def _kind(kind: type[Check], style: Style) -> Iterator[str]:
    yield style.paint(kind.id, "bold") + f"  reads {', '.join(sorted(kind.reads))}"
    yield ""
    yield inspect.getdoc(kind) or ""
    for part in [kind, *parts_of(kind)]:
        yield ""
        yield "options" if part is kind else f"{part.__name__}"
        for option in options_of(part):
            rule = "required" if option.default is None else f"default {option.default}"
            yield style.wrap(f"{option.name} ({option.type}; {rule}) {option.text}", "      ", first="  ")
