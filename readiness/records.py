"""Facts and words of people, as the report has them."""

from __future__ import annotations

from readiness.api import Outcome
from readiness.checklist.model import State
from readiness.facts import Fact
from readiness.people.model import Standing
from readiness.report.model import AttestationRecord, AttestedEvidence, EvidenceRecord, OutcomeRecord
from readiness.timestamps import timestamp


def attestation_record(standing: Standing, fact: Fact) -> AttestationRecord:
    """The newest word on an item; valid where it decides it."""
    said = standing.attestation
    brings = said.evidence
    return AttestationRecord(
        state=said.state,
        by=said.by,
        at=timestamp(said.at),
        note=said.note,
        evidence=AttestedEvidence(url=brings.url, file=brings.file, sha256=brings.sha256) if brings else None,
        release=said.release,
        valid=standing.valid and fact.state is not State.PENDING,
        expires=timestamp(standing.expires) if standing.expires else None,
    )


def outcome_record(outcome: Outcome) -> OutcomeRecord:
    """One assertion of a check."""
    return OutcomeRecord(
        state="pass" if outcome.ok else "fail",
        message=outcome.message,
        expected=outcome.expected,
        observed=outcome.observed,
        subject=outcome.subject,
        evidence=tuple(
            EvidenceRecord(source=part.source, seen=part.seen, sha256=part.sha256) for part in outcome.evidence
        ),
    )
