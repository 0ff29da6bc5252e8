"""``readiness history``: the auditor's population, every change with its approvals, deployment and gaps."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from readiness.console import Style, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.signoff.failure import RefusedError
from readiness.signoff.model import SignOffError
from readiness.signoff.population import Row, Signed, population
from readiness.signoff.statement import say_time
from readiness.signoff.times import clock, day_or_moment, say_moment
from readiness.typed import suggest

SCHEMA = "readiness/history/v1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a cell: OWASP, CSV Injection."""


def show_history(
    reports: Path, *, environment: str | None, since: str | None, format: str, trust_ref: str | None
) -> int:
    """Print it; what is missing is in the rows, not in the exit code. Raises UsageError, RefusedError(CHAIN)."""
    render = FORMATS.get(format)
    if render is None:
        raise UsageError(
            [Problem(message=f"--format {format}: there is no such format", hint=suggest(format, FORMATS))]
        )
    start = day_or_moment(since, "--since", clock()) if since else None
    if not reports.is_dir():
        raise UsageError([Problem(message=f"there is no folder {reports}", hint="name it with --reports DIR")])
    try:
        rows = population(reports, trust_ref)
    except SignOffError as error:
        raise RefusedError.of(error) from error
    wanted = [row for row in rows if environment in {None, row.environment} and (start is None or row.at >= start)]
    say(render(wanted), sys.stdout)
    return ExitCode.READY


def as_row(row: Row) -> dict[str, Any]:
    """A row with the names and the order of every format."""
    return {name: value(row) for name, value in COLUMNS.items()}


def _time(when: datetime | None) -> str | None:
    return say_time(when) if when else None


def _by(signed: Signed | None) -> str | None:
    return signed.by if signed else None


def _at(signed: Signed | None) -> str | None:
    return say_time(signed.at) if signed else None


def _json(rows: Sequence[Row]) -> str:
    return json.dumps({"schema": SCHEMA, "rows": [as_row(row) for row in rows]}, indent=2)


def _csv(rows: Sequence[Row]) -> str:
    """RFC 4180, but for line ends; no cell is a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in as_row(row).items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    words = one_line("; ".join(value) if isinstance(value, list) else "" if value is None else str(value))
    return f"'{words}" if words.startswith(_FORMULA) else words


def _text(rows: Sequence[Row]) -> str:
    style = style_of(sys.stdout, os.environ)
    lines = [line for row in rows for line in _block(row, style)]
    return "\n".join(lines) if lines else "nothing was signed or deployed"


def _block(row: Row, style: Style) -> Iterator[str]:
    what = f"deployed {row.artifact}" if row.deployed_at else "signed, not deployed"
    head = f"{say_moment(row.at)}  {row.environment}  {(row.commit or 'no commit')[:12]}  {what}"
    yield style.paint(one_line(head), "bold")
    count = "" if row.commits is None else f", {row.commits} commit{'s' * (row.commits != 1)} since the one before"
    yield style.wrap(f"{row.report}{count}", "    ", first="  ")
    yield style.wrap(f"completed {_who(row.completed)}; approved {_who(row.approved)}{_when(row)}", "    ", first="  ")
    for gap in row.gaps:
        yield style.wrap(gap, "    ", first=f"  {style.paint('gap:', 'red')} ")


def _who(signed: Signed | None) -> str:
    return f"by {signed.by} on {say_moment(signed.at)}" if signed else "by nobody"


def _when(row: Row) -> str:
    words: Mapping[bool | None, str] = {True: ", before it was deployed", False: "", None: ""}
    return words[row.approved_before]


FORMATS: Mapping[str, Callable[[Sequence[Row]], str]] = {"text": _text, "csv": _csv, "json": _json}
COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "environment": lambda row: row.environment,
    "commit": lambda row: row.commit,
    "commits_since_previous": lambda row: row.commits,
    "report": lambda row: row.report,
    "completed_by": lambda row: _by(row.completed),
    "completed_at": lambda row: _at(row.completed),
    "approved_by": lambda row: _by(row.approved),
    "approved_at": lambda row: _at(row.approved),
    "deployed_at": lambda row: _time(row.deployed_at),
    "artifact": lambda row: row.artifact,
    "deployed_by": lambda row: row.by,
    "approved_before_deployment": lambda row: row.approved_before,
    "verification": lambda row: row.code,
    "gaps": lambda row: list(row.gaps),
}
"""What is told of each row."""
