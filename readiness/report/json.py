"""report.json: the report itself, of which every other format is a view."""

from __future__ import annotations

from pydantic_core import to_json

from readiness.errors import Problem, UsageError
from readiness.report.model import SCHEMA, Report


def render(report: Report) -> str:
    """One JSON document, UTF-8, two spaces, keys in the schema's order, a newline at the end."""
    # ten times as fast as the standard library on a thousand items, and loaded already
    return to_json(report, indent=2).decode("utf-8") + "\n"


def read(raw: bytes, path: str) -> Report:
    """A report back from its bytes. Raises UsageError where they are none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        report = TypeAdapter(Report).validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        problem = Problem(
            message=f"{path} is no report of readiness: {where}: {first['msg']} ({error.error_count()} in all)",
            hint="name a report.json that `readiness check` wrote",
        )
        raise UsageError([problem]) from error
    if report.schema != SCHEMA:
        raise UsageError(f"{path} has the schema {report.schema!r}; this readiness reads {SCHEMA}")
    return report
