"""report.json, as data: the schema ``readiness/report/v1``, which ``readiness schema report`` publishes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from readiness.api import Reason
from readiness.checklist.model import Severity, State

SCHEMA = "readiness/report/v1"


class Verdict(StrEnum):
    """What the gate says of the run."""

    READY = "ready"
    NOT_READY = "not_ready"
    UNVERIFIED = "unverified"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """Who made the report."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class ChecklistRef:
    """Which checklist was run."""

    path: str
    sha256: str
    version: str | None
    """The document's own version."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Which source tree was looked at; all None outside git."""

    commit: str | None = None
    dirty: bool | None = None
    """Files differ from the commit; `reports/` is not counted."""
    source_digest: str | None = None
    """sha256 of ``git ls-tree -r`` of the commit without `reports/`."""


@dataclass(frozen=True, kw_only=True)
class EvidenceRecord:
    """What was seen, and where."""

    source: str
    seen: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class OutcomeRecord:
    """One assertion."""

    state: Literal["pass", "fail"]
    message: str
    expected: str | None
    observed: str | None
    subject: str | None
    evidence: tuple[EvidenceRecord, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One item, in file order; a parent stands before its children."""

    id: str
    title: str
    section: str
    seed: tuple[str, ...]
    severity: Severity
    check: str | None
    manual: str | None
    state: State
    reason: Reason | None
    message: str
    fix: str | None
    blocking: bool
    """The gate holds this item against the release."""
    attempts: int
    flaky: bool
    started: str | None
    duration_ms: int
    outcomes: tuple[OutcomeRecord, ...]
    attestation: None
    waiver: None
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class Score:
    """For a glance only; it never gates."""

    passed: int
    applicable: int
    unknown: int
    """Applicable and neither passed nor failed."""


@dataclass(frozen=True, kw_only=True)
class VerdictRecord:
    """The answer, and what stands in its way."""

    state: Verdict
    exit_code: int
    because: str
    """One sentence."""
    blocking: tuple[str, ...]
    """Ids of the items that block; conditions of the gate are named in `conditions`."""
    conditions: tuple[str, ...]
    """Conditions of the gate, besides the items, that do not hold."""
    counts: dict[str, int]
    """Items that decide something themselves (no parents), by state."""
    score: Score


@dataclass(frozen=True, kw_only=True)
class SectionRecord:
    """A chapter of the checklist."""

    id: str
    title: str
    state: State


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that a run found."""

    schema: str
    tool: Tool
    service: str
    title: str | None
    environment: str
    gate: str
    partial: bool
    """Filters or an interrupt left items out."""
    interrupted: bool
    commit: str | None
    dirty: bool | None
    source_digest: str | None
    checklist: ChecklistRef
    started: str
    finished: str
    """UTC, RFC 3339."""
    resolver: str | None
    allowed: tuple[str, ...]
    verdict: VerdictRecord
    sections: tuple[SectionRecord, ...]
    results: tuple[Result, ...]
