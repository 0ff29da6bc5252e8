"""What is signed and what a verification says of it, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from readiness.errors import PRECEDENCE, ExitCode

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://readiness.dev/sign-off/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""See in-toto attestation framework v1 and DSSE v1.0.2."""
BUNDLE = "report.json.intoto.jsonl"
"""Beside report.json; one envelope a line."""
SUBJECTS = ("report.json", "source", "checklist.yaml")


class Role(StrEnum):
    """What a person signs as; the SSHSIG namespace says it, so a signature cannot be relabelled."""

    COMPLETER = "completer"
    """Went through the checklist."""
    APPROVER = "approver"
    """Another person, who decides."""

    @property
    def namespace(self) -> str:
        """The namespace of the signature, see PROTOCOL.sshsig."""
        return f"readiness.{self.value}"


class Decision(StrEnum):
    """What a signer says of the report."""

    APPROVE = "approve"
    REJECT = "reject"


class Code(StrEnum):
    """Why a sign-off does not hold; the closed list."""

    REPORT_DIGEST = "REPORT_DIGEST"
    """The report is not the one that was signed."""
    SIG_INVALID = "SIG_INVALID"
    """The signature is not one of these bytes by this key."""
    NAMESPACE = "NAMESPACE"
    """Signed for another purpose or role."""
    ROLE = "ROLE"
    """The signer may not sign in this role."""
    IDENTITY = "IDENTITY"
    """The key belongs to somebody else."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    KEY_REVOKED = "KEY_REVOKED"
    KEY_EXPIRED = "KEY_EXPIRED"
    """The key was not, or is not, valid at the time."""
    TWO_PERSON = "TWO_PERSON"
    """Completer, approver and author are not different persons with different keys."""
    THRESHOLD = "THRESHOLD"
    """Signatures are missing."""
    CHAIN = "CHAIN"
    """The ledger or the reviewed statement does not fit."""
    WRONG_TARGET = "WRONG_TARGET"
    """Authentic, for another commit or environment."""
    MISMATCH = "MISMATCH"
    """The statement, the report and the checklist contradict each other."""
    STALE = "STALE"
    """Older than the policy allows."""
    FUTURE = "FUTURE"
    EXPIRED = "EXPIRED"
    """The sign-off, or a waiver in it, has run out."""
    DIRTY = "DIRTY"
    """Files differed from the commit."""
    NOT_READY = "NOT_READY"
    """The report itself says no."""
    ITEMS = "ITEMS"
    """Items of the checklist are missing from the report, or matter less in it."""
    REJECTED = "REJECTED"
    """A person signed a rejection."""
    MALFORMED = "MALFORMED"
    TRUST = "TRUST"
    """No list of signers that can be trusted."""
    WEAK_KEY = "WEAK_KEY"
    HASH_ALG = "HASH_ALG"
    KEY_ALG = "KEY_ALG"


EXIT: Mapping[Code, ExitCode] = {
    **dict.fromkeys(Code, ExitCode.INVALID),
    **dict.fromkeys((Code.WRONG_TARGET, Code.STALE, Code.EXPIRED), ExitCode.STALE),
    **dict.fromkeys((Code.NOT_READY, Code.DIRTY, Code.REJECTED), ExitCode.NOT_READY),
    Code.THRESHOLD: ExitCode.WAITING,
    Code.TRUST: ExitCode.UNVERIFIED,
}
"""The exit code that goes with each; a finding may carry another one where its docstring says so."""


class SignOffError(Exception):
    """Something that was read cannot be what it claims; carries the finding's code."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason why a report is not validly signed off."""

    code: Code
    message: str
    """One sentence: what was found, and what was expected."""
    fix: str | None = None
    exit_code: ExitCode | None = None
    """Where it differs from EXIT, as for a NOT_READY report that is only waiting."""

    @property
    def exit(self) -> ExitCode:
        """What the shell is told."""
        return self.exit_code or EXIT[self.code]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What auditors ask of a change (SOC 2 CC8.1, PCI DSS 6.5.1, ISO 27001 A.8.32)."""

    ref: str | None = None
    """The ticket or pull request."""
    reason: str | None = None
    security_impact: str | None = None
    rollback: str | None = None


@dataclass(frozen=True, kw_only=True)
class Predicate:
    """What a person signs; camelCase in JSON, times in UTC."""

    role: Role
    decision: Decision
    signer: str
    """The principal in allowed_signers."""
    signed_on: datetime
    expires_on: datetime | None = None
    environment: str
    planned_deployment: datetime | None = None
    commit: str
    dirty: bool
    source_digest: str
    """As in report.json."""
    checklist_sha256: str
    base: str | None = None
    """The protected branch's commit when this was signed: what the release brings to it is the change."""
    policy_sha256: str | None
    """Of policy.yaml on the protected ref; None where there is none."""
    allowed_signers_sha256: str
    tool: str
    """Name and version: ``readiness 0.1.0``."""
    verdict: str
    """As the signer saw it: ready, not_ready, unverified or waiting."""
    waivers: tuple[str, ...] = ()
    """Ids of the waivers in use."""
    change: Change = Change()
    reviewed: str | None = None
    """sha256 of the payload of the completer's statement that an approver looked at."""
    ledger_heads: tuple[str, ...] = ()
    """sha256 of the ledger lines that nothing followed when this was signed."""
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """An in-toto statement with our predicate, and the very bytes that it was read from or will be signed as."""

    subjects: Mapping[str, Mapping[str, str]]
    """Subject name to its digests: report.json and checklist.yaml (sha256), source (gitCommit, gitTree)."""
    predicate: Predicate
    payload: bytes

    @property
    def sha256(self) -> str:
        """Digest of the payload, which names the statement in the ledger and in `reviewed`."""
        from hashlib import sha256

        return sha256(self.payload).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """One sign-off of a report and what became of it; a line of the sign-off table."""

    role: Role
    decision: Decision
    signer: str
    """The identity: the principal that signed."""
    name: str | None = None
    """The person's name, from the comment of the line in allowed_signers."""
    signed_on: datetime
    expires_on: datetime | None = None
    planned_deployment: datetime | None = None
    fingerprint: str
    """``SHA256:...`` of the key."""
    key_type: str
    """``ssh-ed25519`` and so on."""
    change: Change = Change()
    comment: str | None = None
    statement: str
    """sha256 of its payload."""
    finding: Finding | None = None
    """Why it does not count; None where it does."""

    @property
    def valid(self) -> bool:
        """Counts towards the policy, or against the release where it is a rejection."""
        return self.finding is None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What was deployed when, from the ledger."""

    at: datetime
    artifact: str | None
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The verdict over a report and its sign-offs."""

    report: str
    """The path, as given."""
    report_sha256: str
    environment: str
    commit: str | None
    verified_at: datetime
    """The time that validity was judged at: now, or ``--at``."""
    findings: tuple[Finding, ...] = ()
    """All that keeps it from being valid; empty where it is."""
    sign_offs: tuple[SignOff, ...] = ()
    required: Mapping[str, int] = field(default_factory=dict)
    """Role to the number of persons that the policy asks for."""
    two_person: bool = False
    """Completer, approver and authors are different persons with different keys."""
    valid_until: datetime | None = None
    """The earliest end: of a sign-off, a key, a waiver, or the policy's max_age."""
    deployments: tuple[Deployment, ...] = ()
    trust: str | None = None
    """Where the list of signers came from: ``origin/HEAD at 3f1c2ab`` or a file."""
    notes: tuple[str, ...] = ()
    """What could not be compared, as the checklist for a bundle outside its repository."""

    @property
    def exit_code(self) -> ExitCode:
        """The first of the table that holds."""
        found = {finding.exit for finding in self.findings}
        return next((code for code in PRECEDENCE if code in found), ExitCode.READY)

    @property
    def finding(self) -> Finding | None:
        """The one that the first line tells."""
        return next((finding for finding in self.findings if finding.exit is self.exit_code), None)
