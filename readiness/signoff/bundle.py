"""The lines of a bundle: each opened, and judged by itself against the report and the list of signers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from readiness.signoff import envelope, sshsig, statement, strict_json
from readiness.signoff.fixes import found
from readiness.signoff.model import PAYLOAD_TYPE, Code, Decision, Finding, Role, SignOff, SignOffError, Statement
from readiness.signoff.policy import SKEW, Policy
from readiness.signoff.reading import ReportFacts
from readiness.signoff.signers import Signer
from readiness.signoff.sshkey import PublicKey
from readiness.signoff.sshsig import SshSig
from readiness.signoff.trust import Trust

MAX_LINES = 1_000


class Sealed(NamedTuple):
    """A statement and the signatures that claim to be of it; nothing is verified yet."""

    statement: Statement
    signed: bytes
    """The pre-authentication encoding, see DSSE v1.0.2."""
    signatures: tuple[SshSig, ...]


class Judged(NamedTuple):
    """A statement and what became of it."""

    statement: Statement
    key: PublicKey
    signer: Signer | None = None
    """The line that allows it; None where it does not hold."""
    finding: Finding | None = None

    @property
    def role(self) -> Role:
        """As it claims, and as its namespace says where it holds."""
        return self.statement.predicate.role

    @property
    def principal(self) -> str:
        """Who it is by, as it claims."""
        return self.statement.predicate.signer

    @property
    def approves(self) -> bool:
        """Holds, and is no rejection."""
        return self.finding is None and self.statement.predicate.decision is Decision.APPROVE

    @property
    def sign_off(self) -> SignOff:
        """As a line of the table."""
        said = self.statement.predicate
        return SignOff(
            role=said.role,
            decision=said.decision,
            signer=said.signer,
            name=(self.signer.name or None) if self.signer else None,
            signed_on=said.signed_on,
            expires_on=said.expires_on,
            planned_deployment=said.planned_deployment,
            fingerprint=self.key.fingerprint,
            key_type=self.key.type,
            change=said.change,
            comment=said.comment,
            statement=self.statement.sha256,
            finding=self.finding,
        )


@dataclass
class Opened:
    """What a bundle holds: each statement once, and the lines that claim to be ours and cannot be read."""

    sealed: dict[str, Sealed] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, sealed: Sealed) -> None:
        """One more line; the signatures of a statement that stands in several are tried together, in any order."""
        name = sealed.statement.sha256
        earlier = self.sealed[name].signatures if name in self.sealed else ()
        signatures = tuple(dict.fromkeys((*earlier, *sealed.signatures)))
        self.sealed[name] = Sealed(statement=sealed.statement, signed=sealed.signed, signatures=signatures)


def open_bundle(raw: bytes) -> Opened:
    """Every line; a bad one does not hide the others, and what is not ours is ignored."""
    opened = Opened()
    lines = [line for line in raw.split(b"\n") if line.strip()]
    if len(lines) > MAX_LINES:
        error = SignOffError(Code.MALFORMED, f"the bundle has {len(lines):,} lines; at most {MAX_LINES:,} are read")
        return Opened(findings=[found(error)])
    for number, line in enumerate(lines, start=1):
        try:
            sealed = _open(line)
        except SignOffError as error:
            opened.findings.append(found(SignOffError(error.code, f"line {number} of the bundle: {error.message}")))
            continue
        if sealed:
            opened.add(sealed)
    return opened


def _open(line: bytes) -> Sealed | None:
    """A line of ours; None for a stranger's."""
    peek = strict_json.loads(line, "it")
    if not isinstance(peek, dict) or peek.get("payloadType") != PAYLOAD_TYPE:
        return None
    sealed = envelope.read(line)
    if not statement.is_ours(sealed.payload):
        return None
    return Sealed(
        statement=statement.decode(sealed.payload),
        signed=sealed.pae,
        signatures=tuple(sshsig.parse(one.sig) for one in sealed.signatures),
    )


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a sign-off is judged against."""

    report: ReportFacts
    trust: Trust
    policy: Policy
    now: datetime
    tree: str | None = None
    """The id of the tree of the report's commit, where that is at hand."""

    def judge(self, sealed: Sealed) -> Judged:
        """The sign-off with its signer, or with the first reason why it does not hold."""
        refusals: list[Judged] = []
        for signature in sealed.signatures:
            try:
                signer = self._signer(sealed, signature)
                self._fits(sealed.statement)
                self._in_time(sealed.statement, signer)
            except SignOffError as error:
                refusals.append(Judged(statement=sealed.statement, key=signature.key, finding=found(error)))
            else:
                return Judged(statement=sealed.statement, key=signature.key, signer=signer)
        return refusals[0]

    def _signer(self, sealed: Sealed, signature: SshSig) -> Signer:
        """Who signed these bytes, and was allowed to when it was signed. A revoked key never was."""
        said = sealed.statement.predicate
        sshsig.verify(signature, sealed.signed, namespace=said.role.namespace)
        if self.trust.revoked.contains(signature.key):
            raise SignOffError(Code.KEY_REVOKED, f"the key {signature.key.fingerprint} of {said.signer} is revoked")
        return self.trust.signers.authorise(said.signer, signature.key, said.role.namespace, said.signed_on)

    def _fits(self, one: Statement) -> None:
        """It is of this report, and says of it what the report says."""
        signed = one.subjects["report.json"]["sha256"]
        if signed != self.report.sha256:
            message = f"report.json has the sha256 {self.report.sha256[:12]}, {signed[:12]} was signed"
            raise SignOffError(Code.REPORT_DIGEST, message)
        for what, (said, recorded) in self._claims(one).items():
            if said != recorded:
                message = (
                    f"the sign-off of {one.predicate.signer} says {what} {_say(said)}, the report {_say(recorded)}"
                )
                raise SignOffError(Code.MISMATCH, message)

    def _claims(self, one: Statement) -> dict[str, tuple[object, object]]:
        said, report, source = one.predicate, self.report, one.subjects["source"]
        tree = self.tree or source.get("gitTree")
        waivers = tuple(sorted({waiver.id for waiver in report.waivers_in_use}))
        return {
            "environment": (said.environment, report.environment),
            "commit": (said.commit, report.commit),
            "the subject's commit": (source.get("gitCommit"), report.commit),
            "the subject's tree": (source.get("gitTree"), tree),
            "dirty": (said.dirty, bool(report.dirty)),
            "source digest": (said.source_digest, report.source_digest),
            "checklist": (said.checklist_sha256, report.checklist_sha256),
            "the subject's checklist": (one.subjects["checklist.yaml"]["sha256"], report.checklist_sha256),
            "verdict": (said.verdict, report.said.state),
            "waivers": (tuple(sorted(set(said.waivers))), waivers),
        }

    def _in_time(self, one: Statement, signer: Signer) -> None:
        said = one.predicate
        if said.signed_on > self.now + SKEW:
            raise SignOffError(Code.FUTURE, f"{said.signer} signed on {_time(said.signed_on)}, which is not yet")
        if said.signed_on < self.report.finished - SKEW:
            message = f"{said.signer} signed on {_time(said.signed_on)}, before the report was there"
            raise SignOffError(Code.MISMATCH, message)
        if said.expires_on and said.expires_on <= self.now:
            raise SignOffError(Code.EXPIRED, f"the sign-off of {said.signer} ended on {_time(said.expires_on)}")
        if self.now - said.signed_on > self.policy.max_age:
            age = f"more than {self.policy.max_age.total_seconds() / 86400:g} days ago"
            raise SignOffError(Code.STALE, f"{said.signer} signed on {_time(said.signed_on)}, {age}")
        self.trust.signers.authorise(signer.principal, signer.key, said.role.namespace, self.now)

    def ends(self, judged: Judged) -> Iterator[datetime]:
        """When a sign-off that holds stops to."""
        said = judged.statement.predicate
        yield said.signed_on + self.policy.max_age
        if said.expires_on:
            yield said.expires_on
        if judged.signer and judged.signer.valid_before:
            yield judged.signer.valid_before


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _say(value: object) -> str:
    return (", ".join(value) or "none") if isinstance(value, tuple) else str(value)[:100]
