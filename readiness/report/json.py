"""report.json: the report itself, of which every other format is a view."""

from __future__ import annotations

from pydantic_core import to_json

from readiness.report.model import Report


def render(report: Report) -> str:
    """One JSON document, UTF-8, two spaces, keys in the schema's order, a newline at the end."""
    # ten times as fast as the standard library on a thousand items, and loaded already
    return to_json(report, indent=2).decode("utf-8") + "\n"
