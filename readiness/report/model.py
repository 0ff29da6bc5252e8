"""report.json, as data: the schema ``readiness/report/v1``, which ``readiness schema report`` publishes."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from readiness.api import Reason
from readiness.checklist.model import Contact, DocumentInfo, Gate, Note, Severity, State
from readiness.light import dataclass

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
class AttestedEvidence:
    """What an attestation brings."""

    url: str | None = None
    file: str | None = None
    """Relative to the checklist's folder."""
    sha256: str | None = None
    """Digest of the file when it was attested."""
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class AttestationRecord:
    """What a person said of an item; the newest of this item and environment, whether it still holds or not."""

    state: Literal["pass", "fail", "na"]
    by: str
    at: str
    """UTC, RFC 3339."""
    note: str | None
    evidence: AttestedEvidence | None
    release: str | None
    """The commit that it was made for."""
    valid: bool
    """It decides the item; where it does not, the item's message says why."""
    expires: str | None
    """When it stops to hold, where that is a matter of time."""


class WaiverStatus(StrEnum):
    """What became of a waiver in a run."""

    USED = "used"
    UNUSED = "unused"
    """The item has no finding that it covers."""
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class WaiverRecord:
    """A decision to go live in spite of a finding; the item keeps its true state."""

    id: str
    item: str
    reason: str
    requested_by: str
    approved_by: str
    expires: str
    """The moment at which it ends: UTC, RFC 3339."""
    ticket: str | None
    status: WaiverStatus
    expiring: bool
    """It ends within 14 days."""


@dataclass(frozen=True, kw_only=True)
class FileRef:
    """A file that took part in the verdict."""

    path: str
    sha256: str


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
    attestation: AttestationRecord | None
    waiver: WaiverRecord | None
    """The waiver that keeps it from blocking."""
    controls: tuple[str, ...]
    """Controls of audits that it is evidence for."""
    owner: str | None
    parent: str | None
    whole: bool
    """Other items decide it, its parts or all of them; they are counted and block, it is not and does not."""


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
    """Items that decide something themselves (`whole` is false), by state."""
    waived: int
    """Items that would block without their waiver."""
    attested: int
    """Items that a person decided."""
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
    document: DocumentInfo | None
    """The checklist as a document: its version and history."""
    environment: str
    gate: str
    rules: Gate
    """The gate as it was applied."""
    partial: bool
    """Filters or an interrupt left items out."""
    interrupted: bool
    commit: str | None
    dirty: bool | None
    source_digest: str | None
    checklist: ChecklistRef
    people: tuple[FileRef, ...]
    """The files of attestations and waivers, where they are there."""
    started: str
    finished: str
    """UTC, RFC 3339."""
    resolver: str | None
    allowed: tuple[str, ...]
    verdict: VerdictRecord
    waivers: tuple[WaiverRecord, ...]
    """Those that concern this environment: expired and expiring ones first."""
    sections: tuple[SectionRecord, ...]
    results: tuple[Result, ...]
    contacts: tuple[Contact, ...]
    notes: tuple[Note, ...]
    """Known troubles and their cures."""

    @property
    def deciding(self) -> tuple[Result, ...]:
        """The results that decide something themselves, in file order."""
        return tuple(result for result in self.results if not result.whole)
