"""Reports and verifications as data, for the tests of what people read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from readiness.api import Reason
from readiness.checklist.model import Contact, DocumentInfo, Gate, Note, Revision, Severity, State
from readiness.report.model import (
    SCHEMA,
    AttestationRecord,
    AttestedEvidence,
    ChecklistRef,
    EvidenceRecord,
    FileRef,
    OutcomeRecord,
    Report,
    Result,
    Score,
    SectionRecord,
    Tool,
    Verdict,
    VerdictRecord,
    WaiverRecord,
    WaiverStatus,
)
from readiness.signoff.model import Change, Code, Decision, Deployment, Finding, Role, SignOff, Verification

COMMIT = "3f1c2ab9d0e1f2a4b5c6d7e8f90a1b2c3d4e5f60"
SIGNED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def result(name: str, state: State = State.PASS, **more: Any) -> Result:
    """An item that a check decided."""
    made: dict[str, Any] = {
        "id": name,
        "title": f"The title of {name}",
        "section": "1.1",
        "seed": (),
        "severity": Severity.HIGH,
        "check": "http",
        "manual": None,
        "state": state,
        "reason": None if state is State.PASS else Reason.MISMATCH,
        "message": "it is so" if state is State.PASS else "it is not so",
        "fix": None if state is State.PASS else f"Cure {name}.",
        "blocking": state in {State.FAIL, State.ERROR},
        "attempts": 1,
        "flaky": False,
        "started": "2026-11-24T08:00:00.000Z",
        "duration_ms": 5,
        "outcomes": (outcome(state),) if state in {State.PASS, State.FAIL} else (),
        "attestation": None,
        "waiver": None,
        "controls": (),
        "owner": None,
        "parent": None,
        "whole": False,
    }
    return Result(**{**made, **more})


def outcome(state: State, **more: Any) -> OutcomeRecord:
    seen = EvidenceRecord(source="GET https://kamiyo.example/", seen="200", sha256="0" * 64)
    made: dict[str, Any] = {
        "state": "pass" if state is State.PASS else "fail",
        "message": "the status is 200",
        "expected": "200",
        "observed": "200 OK" if state is State.PASS else "500",
        "subject": "https://kamiyo.example/",
        "evidence": (seen,),
    }
    return OutcomeRecord(**{**made, **more})


def attestation(**more: Any) -> AttestationRecord:
    made: dict[str, Any] = {
        "state": "pass",
        "by": "erin@kamiyo.example",
        "at": "2026-11-20T14:02:00.000Z",
        "note": "Looked at it in live mode.",
        "evidence": AttestedEvidence(url="https://dashboard.example/portal"),
        "release": None,
        "valid": True,
        "expires": "2027-02-18T14:02:00.000Z",
    }
    return AttestationRecord(**{**made, **more})


def waiver(item: str, **more: Any) -> WaiverRecord:
    made: dict[str, Any] = {
        "id": "W-7",
        "item": item,
        "reason": "Two pixels off; cured in the next sprint.",
        "requested_by": "erin@kamiyo.example",
        "approved_by": "rm@kamiyo.example",
        "expires": "2026-12-20T00:00:00.000Z",
        "ticket": "https://issues.example/CHK-88",
        "status": WaiverStatus.USED,
        "expiring": False,
    }
    return WaiverRecord(**{**made, **more})


def report(results: Sequence[Result] = (), **more: Any) -> Report:
    """A report of the gate release; its verdict is made of the states alone."""
    found = tuple(results) or (result("a"), result("b"))
    deciding = [one for one in found if not one.whole]
    state, code = _verdict(deciding)
    counts = {one.value: sum(result.state is one for result in deciding) for one in State}
    applicable = len(deciding) - counts["not_applicable"]
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": Tool(name="readiness", version="0.1.0"),
        "service": "checkout",
        "title": "Checkout production readiness",
        "document": DocumentInfo(
            version="1.0",
            status="Pre-Production Testing",
            updated="2025-10-28",
            history=(Revision(version="1.0", date="2025-10-28", note="Initial checklist created"),),
        ),
        "environment": "production",
        "gate": "release",
        "rules": Gate(block=("fail", "error", "pending", "skipped")),
        "partial": False,
        "interrupted": False,
        "commit": COMMIT,
        "dirty": False,
        "source_digest": "5" * 64,
        "checklist": ChecklistRef(path="checklist.yaml", sha256="c" * 64, version="1.0"),
        "people": (FileRef(path="attestations.yaml", sha256="a" * 64),),
        "started": "2026-11-24T08:00:00.000Z",
        "finished": "2026-11-24T08:00:02.000Z",
        "resolver": None,
        "allowed": (),
        "verdict": VerdictRecord(
            state=state,
            exit_code=code,
            because="nothing blocks" if code == 0 else "something is in the way",
            blocking=tuple(one.id for one in deciding if one.blocking),
            conditions=(),
            counts=counts,
            waived=sum(one.waiver is not None for one in deciding),
            attested=sum(one.attestation is not None and one.attestation.valid for one in deciding),
            score=Score(
                passed=counts["pass"], applicable=applicable, unknown=applicable - counts["pass"] - counts["fail"]
            ),
        ),
        "waivers": (),
        "sections": (SectionRecord(id="1.1", title="API keys", state=State.PASS),),
        "results": found,
        "contacts": (Contact(name="Stripe Support", url="https://support.stripe.example"),),
        "notes": (Note(title="CORS errors", symptom="blocked by CORS policy", fix=("Look at the headers.",)),),
    }
    return Report(**{**made, **more})


def _verdict(deciding: Sequence[Result]) -> tuple[Verdict, int]:
    states = {one.state for one in deciding if one.blocking}
    if State.FAIL in states:
        return Verdict.NOT_READY, 1
    if State.ERROR in states:
        return Verdict.UNVERIFIED, 3
    return (Verdict.WAITING, 4) if states else (Verdict.READY, 0)


def signature(role: Role, person: str, **more: Any) -> SignOff:
    made: dict[str, Any] = {
        "role": role,
        "decision": Decision.APPROVE,
        "signer": f"{person.lower()}@kamiyo.example",
        "name": f"{person} Example",
        "signed_on": SIGNED,
        "expires_on": SIGNED + timedelta(days=3),
        "planned_deployment": SIGNED + timedelta(hours=6),
        "fingerprint": f"SHA256:{person * 4}",
        "key_type": "ssh-ed25519",
        "change": Change(ref="https://git.example/pull/412", reason="First release", rollback="Turn the flag off"),
        "statement": "d" * 64,
    }
    return SignOff(**{**made, **more})


COMPLETED = signature(Role.COMPLETER, "Carol")
APPROVED = signature(Role.APPROVER, "Dan", signed_on=SIGNED + timedelta(minutes=40), comment="Looked at the load test.")


def verification(*sign_offs: SignOff, **more: Any) -> Verification:
    """A verdict over these signatures; nothing is wrong unless `findings` say so."""
    made: dict[str, Any] = {
        "report": "reports/production/x/report.json",
        "report_sha256": "9f" * 32,
        "environment": "production",
        "commit": COMMIT,
        "verified_at": SIGNED + timedelta(hours=1),
        "sign_offs": sign_offs,
        "required": {"completer": 1, "approver": 1},
        "two_person": True,
        "valid_until": SIGNED + timedelta(days=3),
        "trust": "origin/main at 3f1c2ab",
    }
    return Verification(**{**made, **more})


def finding(code: Code, message: str = "it does not hold") -> Finding:
    return Finding(code=code, message=message, fix=f"cure {code}")


SIGNED_OFF = verification(
    COMPLETED, APPROVED, deployments=(Deployment(at=SIGNED + timedelta(hours=7), artifact="sha256:77", by="dan"),)
)


def of_states() -> Report:
    """Every state, with a parent, an attestation that holds, one that does not, and waivers of every kind."""
    return report(
        [
            result("group", State.FAIL, check=None, outcomes=(), whole=True, blocking=False),
            result("group.bad", State.FAIL, parent="group"),
            result("group.good", parent="group", controls=("soc2:CC8.1",)),
            result("odd", State.ERROR, message="Stripe answered 503"),
            result("look", State.PENDING, check=None, manual="Look.", message="a person must say; nobody has yet"),
            result(
                "old", State.PENDING, check=None, message="expired 217 days ago", attestation=attestation(valid=False)
            ),
            result("later", State.SKIPPED, message="needs odd"),
            result("elsewhere", State.NOT_APPLICABLE, message="only for staging"),
            result("said", check=None, outcomes=(), attestation=attestation()),
            result("waived", State.FAIL, blocking=False, waiver=waiver("waived")),
            result("shaky", attempts=3, flaky=True),
        ],
        waivers=(
            waiver("gone", id="W-1", status=WaiverStatus.EXPIRED),
            waiver("soon", id="W-2", expiring=True),
            waiver("none", id="W-3", status=WaiverStatus.UNUSED),
            waiver("waived"),
        ),
    )
