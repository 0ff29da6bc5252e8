"""The committed sample is a report of this version, and anybody can verify its two signatures."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from readiness.commands.verify import main as verify
from readiness.schema import report_schema
from readiness.signoff.model import BUNDLE

SAMPLE = Path(__file__).parents[2] / "reports" / "sample"


def test_the_sample_is_a_report() -> None:
    report = json.loads((SAMPLE / "report.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(report_schema()).validate(report)
    assert report["verdict"]["state"] == "ready"
    assert report["verdict"]["waived"] == 1


def test_the_sample_is_signed_by_two_persons(capsys: pytest.CaptureFixture[str]) -> None:
    finished = json.loads((SAMPLE / "report.json").read_text("utf-8"))["finished"]
    day = f"{finished[:10]}T23:59:59Z"
    code = verify([str(SAMPLE), "--allowed-signers", str(SAMPLE / "allowed_signers"), "--at", day])
    told = capsys.readouterr().out
    assert code == 0, told
    assert told.startswith("VALID")
    assert told.count(": verified") == len((SAMPLE / BUNDLE).read_text("utf-8").splitlines()) == 2
