"""A verification for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from readiness.console import one_line
from readiness.errors import ExitCode
from readiness.signoff.model import Finding, SignOff, Verification

SCHEMA = "readiness/verification/v1"
WORDS: Mapping[ExitCode, str] = {
    ExitCode.READY: "VALID",
    ExitCode.NOT_READY: "NOT READY",
    ExitCode.UNVERIFIED: "UNVERIFIED",
    ExitCode.WAITING: "WAITING",
    ExitCode.INVALID: "INVALID",
    ExitCode.STALE: "NOT VALID",
}
_COMMIT = 12


def as_text(found: Verification) -> str:
    """The verdict with its reason, a line for each sign-off, what else was found, and the fix."""
    return "\n".join(one_line(line) if line[:1] != " " else f"  {one_line(line)}" for line in _lines(found)) + "\n"


def _lines(found: Verification) -> Iterator[str]:
    yield f"{WORDS[found.exit_code]}{_reason(found)}"
    for sign_off in found.sign_offs:
        yield f"  {_row(sign_off)}"
    told = {found.finding, *(sign_off.finding for sign_off in found.sign_offs)}
    for other in found.findings:
        if other not in told:
            yield f"  also {other.code}: {other.message}"
    for deployment in found.deployments:
        yield f"  deployed {_time(deployment.at)}: {deployment.artifact or 'an unnamed artifact'}"
    if found.trust:
        yield f"  signers from {found.trust}"
    for note in found.notes:
        yield f"  note: {note}"
    if found.finding and found.finding.fix:
        yield f"fix: {found.finding.fix}"


def _reason(found: Verification) -> str:
    if found.finding:
        return f" {found.finding.code}: {found.finding.message}"
    until = f", until {_time(found.valid_until)}" if found.valid_until else ""
    where = f" at {found.commit[:_COMMIT]}" if found.commit else ""
    return f": {found.environment}{where} is ready and signed off{until}"


def _row(sign_off: SignOff) -> str:
    name = f"{sign_off.name} <{sign_off.signer}>" if sign_off.name else sign_off.signer
    act = f"{sign_off.role.value} {name} {'approved' if sign_off.decision == 'approve' else 'rejected'}"
    state = f"{sign_off.finding.code}: {sign_off.finding.message}" if sign_off.finding else "verified"
    return f"{act} {_time(sign_off.signed_on)} with {sign_off.key_type} {sign_off.fingerprint}: {state}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def state(code: ExitCode) -> str:
    """The word of a verdict, for programs."""
    return WORDS[code].lower().replace(" ", "_")


def as_json(found: Verification) -> str:
    """One object on one line, in ASCII: schema readiness/verification/v1."""
    fields = {
        "schema": SCHEMA,
        "valid": found.exit_code is ExitCode.READY,
        "state": state(found.exit_code),
        "exit_code": found.exit_code,
        **asdict(found),
        "findings": [_finding(one) for one in found.findings],
        "sign_offs": [
            {**asdict(one), "valid": one.valid, "finding": one.finding and _finding(one.finding)}
            for one in found.sign_offs
        ],
    }
    return json.dumps(fields, default=_plain, allow_nan=False)


def _finding(one: Finding) -> dict[str, Any]:
    return {**asdict(one), "exit_code": one.exit}


def _plain(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
