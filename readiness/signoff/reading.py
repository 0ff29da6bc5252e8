"""report.json as a verifier needs it: read strictly from the very bytes that were hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from readiness.errors import UsageError
from readiness.signoff import strict_json
from readiness.signoff.fields import Fields
from readiness.signoff.model import Code, SignOffError
from readiness.verdict import SEVERITIES, STATES, Rules

SCHEMA = "readiness/report/v1"
MAX_BYTES = 64 * 1024 * 1024


class Ended(NamedTuple):
    """A waiver or an attestation in use, and when it ends."""

    id: str
    ends: datetime | None


class Line(NamedTuple):
    """One item of the report."""

    id: str
    section: str
    parent: str | None
    whole: bool
    """Others decide it: its parts, or all items."""
    severity: str
    state: str
    reason: str | None
    blocking: bool
    outcomes: tuple[str, ...]
    """States of its assertions."""
    waiver: str | None
    """The id of the waiver that keeps it from blocking."""
    attestation: Ended | None
    """That of a person which decides it."""


class Waiver(NamedTuple):
    """A waiver that the report names."""

    id: str
    item: str
    requested_by: str
    approved_by: str
    expires: datetime
    status: str


class Said(NamedTuple):
    """The verdict as it is recorded."""

    state: str
    exit_code: int
    because: str
    blocking: tuple[str, ...]
    counts: Mapping[str, int]


class ReportFacts(NamedTuple):
    """What a report says, as far as verification looks at it."""

    sha256: str
    environment: str
    gate: str
    rules: Rules
    partial: bool
    interrupted: bool
    commit: str | None
    dirty: bool | None
    source_digest: str | None
    checklist_path: str
    checklist_sha256: str
    finished: datetime
    said: Said
    waivers: tuple[Waiver, ...]
    lines: tuple[Line, ...]
    sections: Mapping[str, str]
    """The state of each section, as it is recorded."""

    @property
    def deciding(self) -> tuple[Line, ...]:
        """The items that are no sum of others."""
        return tuple(line for line in self.lines if not line.whole)

    @property
    def waivers_in_use(self) -> tuple[Waiver, ...]:
        """Those that keep an item from blocking."""
        used = {line.waiver for line in self.lines}
        return tuple(waiver for waiver in self.waivers if waiver.id in used)


def read_bytes(path: Path) -> bytes:
    """The bytes of a report, one more than MAX_BYTES at most. Raises UsageError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def read_facts(raw: bytes, what: str) -> ReportFacts:
    """The report in these bytes. Raises SignOffError(MALFORMED)."""
    top = Fields.of(strict_json.loads(raw, what, limit=MAX_BYTES), what)
    if top.text("schema") != SCHEMA:
        raise SignOffError(
            Code.MALFORMED, f"{what} has the schema {top.text('schema')!r}; this readiness reads {SCHEMA}"
        )
    checklist = top.inner("checklist")
    return ReportFacts(
        sha256=hashlib.sha256(raw).hexdigest(),
        environment=top.text("environment"),
        gate=top.text("gate"),
        rules=_rules(top.inner("rules")),
        partial=top.flag("partial"),
        interrupted=top.flag("interrupted"),
        commit=top.maybe("commit", top.commit),
        dirty=top.maybe("dirty", top.flag),
        source_digest=top.maybe("source_digest", top.text),
        checklist_path=checklist.text("path"),
        checklist_sha256=checklist.sha256("sha256"),
        finished=top.time("finished"),
        said=_said(top.inner("verdict")),
        waivers=tuple(_waiver(row) for row in top.rows("waivers")),
        lines=tuple(_line(row) for row in top.rows("results")),
        sections={row.text("id"): _one_of(row, "state", STATES) for row in top.rows("sections")},
    )


def _rules(said: Fields) -> Rules:
    return Rules(
        block=said.texts("block"),
        at=_one_of(said, "at", SEVERITIES),
        full_run=said.flag("full_run"),
        clean_tree=said.flag("clean_tree"),
        max_waiver_days=said.maybe("max_waiver_days", said.count),
        scope=said.texts("scope"),
    )


def _said(verdict: Fields) -> Said:
    counts = verdict.inner("counts")
    return Said(
        state=verdict.text("state"),
        exit_code=verdict.count("exit_code"),
        because=verdict.text("because"),
        blocking=verdict.texts("blocking"),
        counts={state: counts.count(state) for state in counts.data},
    )


def _waiver(row: Fields) -> Waiver:
    return Waiver(
        id=row.text("id"),
        item=row.text("item"),
        requested_by=row.text("requested_by"),
        approved_by=row.text("approved_by"),
        expires=row.time("expires"),
        status=row.text("status"),
    )


def _line(row: Fields) -> Line:
    waiver, attestation = row.maybe("waiver", row.inner), row.maybe("attestation", row.inner)
    valid = attestation is not None and attestation.flag("valid")
    return Line(
        id=row.text("id"),
        section=row.text("section"),
        parent=row.maybe("parent", row.text),
        whole=row.flag("whole"),
        severity=_one_of(row, "severity", SEVERITIES),
        state=_one_of(row, "state", STATES),
        reason=row.maybe("reason", row.text),
        blocking=row.flag("blocking"),
        outcomes=tuple(outcome.text("state") for outcome in row.rows("outcomes")),
        waiver=waiver.text("id") if waiver else None,
        attestation=_attested(row, attestation) if attestation and valid else None,
    )


def _attested(row: Fields, attestation: Fields) -> Ended:
    return Ended(id=row.text("id"), ends=attestation.maybe("expires", attestation.time))


def _one_of(said: Fields, name: str, words: tuple[str, ...]) -> str:
    value = said.text(name)
    if value not in words:
        raise SignOffError(Code.MALFORMED, f"{said.at}.{name} is {value[:60]!r}; expected one of {', '.join(words)}")
    return value
