"""``readiness schema``: JSON Schemas for editors and for programs that read reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from readiness.catalog import Catalog
from readiness.checklist.load import load
from readiness.commands.session import Options, allowed, plugin_folders
from readiness.console import say
from readiness.errors import ExitCode, Problem, UsageError
from readiness.store import write_text
from readiness.typed import suggest

KINDS = ("checklist", "report", "verification", "attestations", "waivers")


def print_schema(what: str, output: Path | None, options: Options) -> int:
    """Print it, or write it to a file. A checklist named with -c adds its own check kinds."""
    if what not in KINDS:
        raise UsageError([Problem(message=f"there is no schema `{what}`", hint=suggest(what, KINDS))])
    rendered = json.dumps(_schema(what, options), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        say(rendered, sys.stdout)
        return ExitCode.READY
    try:
        write_text(output, rendered)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror or error}") from error
    return ExitCode.READY


def _schema(what: str, options: Options) -> dict[str, Any]:
    from readiness.people.model import Attestations, Waivers
    from readiness.schema import checklist_schema, people_schema, report_schema, verification_schema

    match what:
        case "report":
            return report_schema()
        case "verification":
            return verification_schema()
        case "attestations":
            return people_schema(Attestations)
        case "waivers":
            return people_schema(Waivers)
        case _:
            return checklist_schema(_catalog(options).all())


def _catalog(options: Options) -> Catalog:
    if options.checklist is None:
        return Catalog()
    return Catalog(plugin_folders(load(options.checklist), allowed(options.allow, options.process)))
