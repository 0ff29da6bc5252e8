"""SARIF 2.1.0 for code scanning: one rule an item, one result for each item that is not well.

Not applicable items have no result. What could not be seen is a result of kind `open` (pending,
skipped) or `review` (error), never a `pass`. See OASIS SARIF 2.1.0, 3.27.9 (kind) and 3.27.10 (level).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from readiness.checklist.model import Severity, State
from readiness.report.model import Report, Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_KINDS = {State.FAIL: "fail", State.ERROR: "review", State.PENDING: "open", State.SKIPPED: "open", State.PASS: "pass"}
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORES = {Severity.CRITICAL: "9.0", Severity.HIGH: "7.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
_FILE_LINE = re.compile(r"(?P<file>[^:\s]+):(?P<line>[0-9]+)")


def render(report: Report) -> str:
    """One SARIF log with one run; `automationDetails.id` keeps environments apart."""
    items = report.deciding
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "rules": [_rule(item) for item in items],
            }
        },
        "automationDetails": {"id": f"readiness/{report.environment}/"},
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the checklist."}}},
        "invocations": [
            {
                "executionSuccessful": not report.interrupted,
                "startTimeUtc": report.started,
                "endTimeUtc": report.finished,
                "exitCode": report.verdict.exit_code,
            }
        ],
        "results": [_result(item, index, report) for index, item in enumerate(items) if item.state in _KINDS],
        "properties": {"verdict": report.verdict.state.value, "partial": report.partial},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(item: Result) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": item.id,
        "shortDescription": {"text": item.title},
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
        "properties": {"section": item.section, "security-severity": _SCORES[item.severity]},
    }
    if item.fix:
        rule["help"] = {"text": item.fix}
    return rule


def _result(item: Result, index: int, report: Report) -> dict[str, Any]:
    kind = _KINDS[item.state]
    suppressions = (
        [{"kind": "external", "status": "accepted", "justification": item.waiver.reason}] if item.waiver else []
    )
    return {
        **({"suppressions": suppressions} if suppressions else {}),
        "ruleId": item.id,
        "ruleIndex": index,
        "kind": kind,
        "level": _LEVELS[item.severity] if kind == "fail" else "none",
        "message": {"text": item.message or item.state.value},
        "locations": [_location(item, report)],
        "partialFingerprints": {"readiness/v1": hashlib.sha256(f"{item.id}\0{item.reason}".encode()).hexdigest()},
        "properties": {"state": item.state.value, "reason": item.reason.value if item.reason else None},
    }


def _location(item: Result, report: Report) -> dict[str, Any]:
    """The line of a file that was seen, else the checklist."""
    for outcome in item.outcomes:
        for evidence in outcome.evidence if outcome.state == "fail" else ():
            match = _FILE_LINE.fullmatch(evidence.source)
            if match:
                return _physical(match["file"], int(match["line"]))
    return _physical(report.checklist.path, 1)


def _physical(file: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": file, "uriBaseId": "ROOT"}, "region": {"startLine": line}}}
