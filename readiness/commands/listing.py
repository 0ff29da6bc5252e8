"""``readiness list``: items, or check kinds."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

from readiness.catalog import Catalog
from readiness.checklist.load import load
from readiness.commands.session import Options, allowed, find_checklist, open_session, plugin_folders
from readiness.console import Style, say, style_of
from readiness.errors import ConfigError, ExitCode
from readiness.plan import Plan, Step


def list_checklist(options: Options) -> int:
    """Print sections and items, with the way each is verified."""
    session = open_session(options)
    style = style_of(sys.stdout, options.process)
    lines = [
        line
        for name, title in session.checklist.sections.items()
        for line in _section(name, title, session.plan, style)
    ]
    say(lines, sys.stdout)
    return ExitCode.READY


def _section(name: str, title: str, plan: Plan, style: Style) -> Iterator[str]:
    steps = [
        step
        for step in plan.steps
        if step.entry.section == name and not (step.settled and step.settled.reason == "filtered")
    ]
    if steps:
        yield style.paint(style.cut(f"{name} {title}", style.width), "bold")
    for step in steps:
        yield _item(step, style)


def _item(step: Step, style: Style) -> str:
    indent = "    " if step.entry.parent else "  "
    way = step.item.check or ("parts" if step.children or step.item.items else "person")
    words = f"{indent}{step.id}  {way}, {step.severity.value}"
    return f"{words}  {style.paint(style.cut(step.item.title, max(style.width - len(words) - 2, 12)), 'dim')}"


def list_kinds(options: Options) -> int:
    """Print every check kind with the first line of its page."""
    try:
        checklist = load(find_checklist(options.checklist))
        catalog = Catalog(plugin_folders(checklist, allowed(options.allow, options.process)))
    except ConfigError:
        if options.checklist is not None:
            raise
        catalog = Catalog()
    style = style_of(sys.stdout, options.process)
    kinds = sorted(catalog.all(), key=lambda kind: kind.id)
    width = max((len(kind.id) for kind in kinds), default=0) + 2
    for kind in kinds:
        words = (inspect.getdoc(kind) or "").partition("\n")[0]
        say(style.wrap(words, " " * width, first=kind.id.ljust(width)), sys.stdout)
    return ExitCode.READY
