"""Before anybody signs: all that exists is verified, and what this person's signature would come to.

Missing signatures are expected. Everything else that the verifier finds is a reason not to sign,
but for a rejection, which may be of a report that is not ready.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from readiness import __version__
from readiness.errors import Problem, UsageError
from readiness.signoff import ledger as ledgers
from readiness.signoff import statement, store
from readiness.signoff.bundle import Bench, Judged, open_bundle
from readiness.signoff.choice import Authority, Chosen
from readiness.signoff.failure import RefusedError
from readiness.signoff.fixes import finding
from readiness.signoff.hands import hands
from readiness.signoff.journal import read_file
from readiness.signoff.model import (
    SUBJECTS,
    Change,
    Code,
    Decision,
    Finding,
    Predicate,
    Role,
    SignOffError,
    Statement,
    Verification,
)
from readiness.signoff.persons import OUTLIVED, apart, persons, signed_bases
from readiness.signoff.policy import Match, Policy
from readiness.signoff.reading import ReportFacts, read_facts
from readiness.signoff.repository import Author, Repository
from readiness.signoff.times import say_moment
from readiness.signoff.trust import Trust, from_repository
from readiness.signoff.verify import Target, find_report, verify

REJECTABLE = frozenset({Code.NOT_READY, Code.DIRTY, Code.REJECTED, Code.TWO_PERSON, Code.STALE, Code.EXPIRED})
"""What a person may say no to; a report that is not what it claims is nothing to decide on."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants to sign."""

    role: Role
    decision: Decision = Decision.APPROVE
    comment: str | None = None
    planned: datetime | None = None
    expires: datetime | None = None
    change: Change = field(default_factory=Change)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A report with all that a decision on it rests on."""

    place: Path
    report: ReportFacts
    trust: Trust
    policy: Policy
    judged: tuple[Judged, ...]
    authors: Sequence[Author]
    tree: str
    """git's id of the commit's tree."""
    heads: tuple[str, ...]
    """Of the ledger."""
    verification: Verification
    now: datetime

    def authority(self) -> Authority:
        """Who may sign now."""
        return Authority(signers=self.trust.signers, revoked=self.trust.revoked, moment=self.now)

    def refusal(self, wish: Wish) -> Finding | None:
        """Why nobody should sign this, whoever it is."""
        fine = {Code.THRESHOLD} | (REJECTABLE if wish.decision is Decision.REJECT else set())
        outlived = {one.finding for one in self.judged if one.finding and one.finding.code in OUTLIVED}
        found = next((one for one in self.verification.findings if one.code not in fine and one not in outlived), None)
        if found is None and wish.role is Role.APPROVER and wish.decision is Decision.APPROVE:
            return self._incomplete()
        return found

    def _incomplete(self) -> Finding | None:
        wanted = self.policy.require[Role.COMPLETER]
        there = persons(self.judged, Role.COMPLETER)
        if there >= wanted:
            return None
        message = f"an approver signs after the completer, and {there} of {wanted} signed as completer"
        return finding(Code.THRESHOLD, message)

    def others(self, role: Role, without: set[str]) -> list[str]:
        """Who else may sign in the role, as far as is known: no author approves."""
        barred = {name.casefold() for name in without}
        if role is Role.APPROVER:
            barred |= {author.email.casefold() for author in self.authors}
        signers = (entry for entry in self.trust.signers.entries if not self.trust.revoked.contains(entry.key))
        able = dict.fromkeys(entry.principal for entry in signers if role.namespace in entry.namespaces)
        return [name for name in able if name.casefold() not in barred]

    def before(self, wish: Wish, principal: str) -> Judged | None:
        """The same, said by the same person earlier."""
        said = (wish.role, wish.decision, principal)
        return next((one for one in self.judged if one.finding is None and _said(one) == said), None)

    def statement(self, wish: Wish, principal: str) -> Statement:
        """What will be signed."""
        predicate = self._predicate(wish, principal)
        digests = (
            {"sha256": self.report.sha256},
            {"gitCommit": predicate.commit, "gitTree": self.tree},
            {"sha256": self.report.checklist_sha256},
        )
        subjects: dict[str, Mapping[str, str]] = dict(zip(SUBJECTS, digests, strict=True))
        return Statement(subjects=subjects, predicate=predicate, payload=statement.encode(subjects, predicate))

    def _predicate(self, wish: Wish, principal: str) -> Predicate:
        report = self.report
        completed = [one for one in self.judged if one.role is Role.COMPLETER and one.approves]
        return Predicate(
            role=wish.role,
            decision=wish.decision,
            signer=principal,
            signed_on=self.now,
            expires_on=wish.expires,
            environment=report.environment,
            planned_deployment=wish.planned,
            commit=report.commit or "",
            dirty=bool(report.dirty),
            source_digest=report.source_digest or "",
            checklist_sha256=report.checklist_sha256,
            base=self.trust.commit,
            policy_sha256=self.trust.policies.sha256,
            allowed_signers_sha256=self.trust.signers_sha256,
            tool=f"readiness {__version__}",
            verdict=report.said.state,
            waivers=tuple(sorted({waiver.id for waiver in report.waivers_in_use})),
            change=wish.change,
            reviewed=completed[-1].statement.sha256 if completed and wish.role is Role.APPROVER else None,
            ledger_heads=self.heads,
            comment=wish.comment,
        )

    def doubt(self, made: Statement, chosen: Chosen) -> Finding | None:
        """What the sign-offs would not stand together with this one for: the second person above all."""
        mine = Judged(statement=made, key=chosen.candidate.key, signer=chosen.signer)
        after = apart([*self.judged, mine], self.authors)
        found = next(
            (new.finding for new, old in zip(after, [*self.judged, mine], strict=True) if _worse(new, old)), None
        )
        return found and finding(found.code, f"this would not hold: {found.message}")

    def check(self, line: bytes) -> None:
        """The new line of the bundle as a verifier will see it. Raises SignOffError."""
        opened = open_bundle(line)
        bench = Bench(report=self.report, trust=self.trust, policy=self.policy, now=self.now)
        found = [*opened.findings, *(bench.judge(sealed).finding for sealed in opened.sealed.values())]
        wrong = next((one for one in found if one), None)
        if wrong:
            raise SignOffError(wrong.code, f"what was signed does not verify: {wrong.message}")


def open_desk(report: Path, *, environment: str | None, trust_ref: str | None, now: datetime) -> Desk:
    """Everything about a report. Raises RefusedError where it cannot be judged at all, UsageError, ConfigError."""
    place = find_report(report)
    verification = verify(Target(report=place, environment=environment, trust_ref=trust_ref))
    with Repository(place.resolve().parent) as repository:
        try:
            return _desk(place, repository, trust_ref, verification, now)
        except SignOffError as error:
            raise RefusedError.of(error) from error


def _desk(
    place: Path, repository: Repository, trust_ref: str | None, verification: Verification, now: datetime
) -> Desk:
    report = read_facts(read_file(place), str(place))
    if report.sha256 != verification.report_sha256:
        raise UsageError([Problem(message=f"{place} was changed just now", hint="run this again")])
    if repository.commit("HEAD") is None:
        raise SignOffError(Code.TRUST, f"{place} lies in no git repository, so nothing says who may sign")
    trust = from_repository(repository, trust_ref)
    policy = trust.policies.of(report.environment, report.gate)
    stored = store.load(place)
    bench = Bench(report=report, trust=trust, policy=policy, now=now)
    judged = sorted(
        (bench.judge(sealed) for sealed in open_bundle(stored.bundle).sealed.values()),
        key=lambda one: one.statement.predicate.signed_on,
    )
    commit = repository.commit(report.commit) if report.commit else None
    head = repository.commit("HEAD") if policy.match is Match.TREE else None
    bases = [trust.commit, *signed_bases(judged)]
    found = hands(repository, commit, head, bases) if policy.approver_not_author else ()
    authors = [author for authors in found for author in authors or ()]
    tree = repository.read(f"{commit}^{{tree}}") if commit else None
    return Desk(
        place=place,
        report=report,
        trust=trust,
        policy=policy,
        judged=apart(judged, authors),
        authors=authors,
        tree=tree.id if tree else "",
        heads=ledgers.read(stored.ledger or b"").heads,
        verification=verification,
        now=now,
    )


def say_before(one: Judged) -> str:
    """What was signed earlier, in words."""
    said = one.statement.predicate
    what = "rejected this report" if said.decision is Decision.REJECT else "signed this report"
    return f"{said.signer} {what} as {said.role.value} on {say_moment(said.signed_on)}"


def _said(one: Judged) -> tuple[Role, Decision, str]:
    return one.role, one.statement.predicate.decision, one.principal


def _worse(new: Judged, old: Judged) -> bool:
    return new.finding is not None and old.finding is None
