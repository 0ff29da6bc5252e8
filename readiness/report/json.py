"""report.json: the report itself, of which every other format is a view."""

from __future__ import annotations

import dataclasses
import json

from readiness.report.model import Report


def render(report: Report) -> str:
    """One JSON document, UTF-8, two spaces, keys in the schema's order, a newline at the end."""
    return json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=2) + "\n"
