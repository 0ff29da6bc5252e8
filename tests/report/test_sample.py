"""The committed sample is a report of this version's schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from readiness.schema import report_schema

SAMPLE = Path(__file__).parents[2] / "reports" / "sample" / "report.json"


def test_the_sample_is_a_report() -> None:
    report = json.loads(SAMPLE.read_text("utf-8"))
    jsonschema.Draft202012Validator(report_schema()).validate(report)
    assert report["verdict"]["state"] == "ready"
