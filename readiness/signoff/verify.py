"""Whether a report is authentic, of this release, and signed by the persons that it takes; reads, changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from readiness.errors import Problem, UsageError
from readiness.signoff import asked, chain, ledger, proof, store, target
from readiness.signoff.bundle import Bench, Judged, Opened, open_bundle
from readiness.signoff.fixes import finding, found
from readiness.signoff.hands import hands
from readiness.signoff.model import BUNDLE, Code, Deployment, Finding, Role, SignOffError, Verification
from readiness.signoff.newest import REPORT
from readiness.signoff.persons import apart, count_findings, signed_bases
from readiness.signoff.policy import Match, Policy
from readiness.signoff.reading import ReportFacts, read_bytes, read_facts
from readiness.signoff.repository import Author, Repository
from readiness.signoff.trust import PROTECTED, Trust, from_file, from_repository

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to verify, and against what."""

    report: Path
    """report.json, its folder, or the bundle beside it."""
    environment: str | None = None
    """The report must be for this one."""
    commit: str | None = None
    """The report must be for this one; HEAD of its repository by default."""
    trust_ref: str | None = None
    """The branch that says who may sign; that of the remote by default."""
    allowed_signers: Path | None = None
    """A file that says it, for a report outside its repository."""
    checklist: Path | None = None
    at: datetime | None = None
    """The time to judge at; now by default. A revoked key counts at no time."""


def verify(wanted: Target) -> Verification:
    """The verdict over a report. Raises UsageError: no such file, or no report; ConfigError: a faulty policy."""
    place = find_report(wanted.report)
    with Repository(place.resolve().parent) as repository:
        return _Case(wanted=wanted, place=place, repository=repository).verification()


def find_report(path: Path) -> Path:
    """report.json from its own path, its folder's, or its bundle's. Raises UsageError."""
    with suppress(OSError, ValueError):  # a name that no file can have
        place = path / REPORT if path.is_dir() else path.with_name(REPORT) if path.name == BUNDLE else path
        if place.is_file():
            return place
    problem = Problem(message=f"there is no report {path}", hint="`readiness check` writes one below reports/")
    raise UsageError([problem])


@dataclass(kw_only=True)
class _Case:
    """One verification under way: what was read, and the findings in the order of the questions."""

    wanted: Target
    place: Path
    repository: Repository
    now: datetime = field(init=False)
    head: str | None = None
    """Of the repository that the report lies in; None outside one."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.wanted.at or datetime.now(UTC)

    def verification(self) -> Verification:
        """Everything, one question after another; none hides the next."""
        raw = read_bytes(self.place)
        stored = self._ask(lambda: store.load(self.place)) or store.Stored(bundle=b"", ledger=None)
        try:
            report = read_facts(raw, str(self.place))
        except SignOffError as error:
            return self._no_report(raw, error, signed=bool(stored.bundle.strip()))
        self.head = self._home(report)
        opened = open_bundle(stored.bundle)
        self.findings += opened.findings
        trust = self._ask(self._trust)
        policy = trust.policies.of(report.environment, report.gate) if trust else None
        judged = self._judge(report, trust, policy, opened) if trust and policy else ()
        self.findings += self._about_report(report, policy)
        deployed = self._ledger(report, trust, stored.ledger, opened)
        return self._told(report, trust, policy, judged, deployed)

    def _home(self, report: ReportFacts) -> str | None:
        """HEAD of the report's repository. One that does not have its commit is another, if signers are named."""
        if self.wanted.allowed_signers and not self._has(report):
            return None
        return self.repository.commit("HEAD")

    def _has(self, report: ReportFacts) -> str | None:
        """The report's commit, where the repository has it."""
        return self.repository.commit(report.commit) if report.commit else None

    def _ask(self, question: Callable[[], _T]) -> _T | None:
        """The answer, or None and a finding."""
        try:
            return question()
        except SignOffError as error:
            self.findings.append(found(error))
            return None

    def _no_report(self, raw: bytes, error: SignOffError, *, signed: bool) -> Verification:
        """What was signed and is a report no more was changed; what nobody signed is a mistake of the caller."""
        if not signed:
            hint = "name a report.json that `readiness check` wrote"
            raise UsageError([Problem(message=f"{self.place} is no report: {error.message}", hint=hint)]) from error
        message = f"it was signed, and is no report any more: {error.message}"
        return Verification(
            report=str(self.wanted.report),
            report_sha256=hashlib.sha256(raw).hexdigest(),
            environment=self.wanted.environment or "",
            commit=None,
            verified_at=self.now,
            findings=(*self.findings, finding(Code.REPORT_DIGEST, message)),
        )

    def _trust(self) -> Trust:
        if self.wanted.allowed_signers:
            return from_file(self.wanted.allowed_signers)
        refusal = self.repository.refusal()
        if refusal:
            raise SignOffError(Code.TRUST, refusal)
        if self.head is None:
            message = f"{self.place} lies in no git repository, so there is no protected branch that says who may sign"
            raise SignOffError(Code.TRUST, message)
        return from_repository(self.repository, self.wanted.trust_ref)

    def _judge(self, report: ReportFacts, trust: Trust, policy: Policy, opened: Opened) -> tuple[Judged, ...]:
        commit = self._has(report)
        tree = self.repository.tree(commit) if commit else None
        bench = Bench(report=report, trust=trust, policy=policy, now=self.now, tree=tree)
        judged = [bench.judge(sealed) for sealed in opened.sealed.values()]
        judged.sort(key=lambda one: one.statement.predicate.signed_on)
        approvals = any(one.role is Role.APPROVER and one.approves for one in judged)
        authors = self._authors(report, trust, policy, judged) if approvals and policy.approver_not_author else ()
        checked = apart(judged, authors)
        self.findings += count_findings(checked, policy)
        return checked

    def _authors(self, report: ReportFacts, trust: Trust, policy: Policy, judged: Sequence[Judged]) -> Sequence[Author]:
        base = trust.commit or next(filter(None, map(self.repository.commit, PROTECTED)), None)
        released = self._released() if policy.match is Match.TREE else None
        found = hands(self.repository, self._has(report), released, [base, *signed_bases(judged)])
        if not found:
            self.notes.append("the approver was not compared with the authors: the commit is not at hand")
        if None in found:
            message = f"git does not know all authors of {(report.commit or '')[:12]}: a shallow clone ends there"
            cure = "fetch the history, with `git fetch --unshallow` or `fetch-depth: 0`"
            self.findings.append(Finding(code=Code.TRUST, message=message, fix=cure))
        return [author for authors in found for author in authors or ()]

    def _released(self) -> str | None:
        """The commit that the report is verified for; None where it is not here."""
        if self.head is None:
            return None
        return self.repository.commit(self.wanted.commit) if self.wanted.commit else self.head

    def _about_report(self, report: ReportFacts, policy: Policy | None) -> Iterator[Finding]:
        yield from target.environment_findings(report, self.wanted.environment)
        yield from self._commit(report, policy)
        yield from proof.verdict_findings(report)
        yield from proof.waiver_findings(report)
        yield from proof.expiry_findings(report, self.now)
        yield from proof.age_findings(report, self.now, policy.max_age if policy else None)
        if policy and policy.checklist not in {None, report.checklist_path}:
            message = f"it was checked with {report.checklist_path}; {report.environment} asks for {policy.checklist}"
            yield finding(Code.ITEMS, message)
        yield from self._items(report)

    def _commit(self, report: ReportFacts, policy: Policy | None) -> Iterator[Finding]:
        name = self.wanted.commit
        if self.head is None:
            if name:
                yield from target.named_findings(report, name)
            else:
                self.notes.append("the commit was not compared: the report lies in no repository")
            return
        commit = self._released()
        if commit is None:
            yield from target.named_findings(report, name or "")
        elif policy:
            yield from target.commit_findings(report, self.repository, commit, policy.match)

    def _items(self, report: ReportFacts) -> Iterator[Finding]:
        # where the files alone count, those of the released commit are the report's
        commit = (self._has(report) or self._released()) if self.head else None
        what = self._ask(lambda: asked.find(report, self.place, self.repository, commit, self.wanted.checklist))
        if what and what.outline:
            yield from proof.item_findings(report, what.outline)
        elif what and what.note:
            self.notes.append(what.note)

    def _ledger(
        self, report: ReportFacts, trust: Trust | None, raw: bytes | None, opened: Opened
    ) -> tuple[Deployment, ...]:
        if raw is None and self.head is None:
            self.notes.append("the ledger was not compared: it is not at hand")
            return ()
        here = self._ask(lambda: ledger.read(raw or b""))
        if here is None:
            return ()
        statements = [sealed.statement for sealed in opened.sealed.values()]
        self.findings += chain.chain_findings(here, report.sha256, statements)
        if trust and trust.commit and self.head:
            branch = chain.Branch(repository=self.repository, place=self.place, commit=trust.commit, head=self.head)
            self.findings += self._ask(lambda: tuple(branch.cut_findings(here, report.sha256))) or ()
        return chain.deployments(here, report.sha256)

    def _told(
        self,
        report: ReportFacts,
        trust: Trust | None,
        policy: Policy | None,
        judged: tuple[Judged, ...],
        deployed: tuple[Deployment, ...],
    ) -> Verification:
        whole = Verification(
            report=str(self.wanted.report),
            report_sha256=report.sha256,
            environment=report.environment,
            commit=report.commit,
            verified_at=self.now,
            findings=tuple(dict.fromkeys(self.findings)),
            sign_offs=tuple(one.sign_off for one in judged),
            required={role.value: number for role, number in policy.require.items()} if policy else {},
            two_person={one.role for one in judged if one.approves} == set(Role),
            deployments=deployed,
            trust=trust.where if trust else None,
            notes=tuple(self.notes),
        )
        if not (trust and policy) or whole.findings:
            return whole
        bench = Bench(report=report, trust=trust, policy=policy, now=self.now)
        ends = [end for one in judged if one.approves for end in bench.ends(one)]
        return replace(whole, valid_until=min([report.finished + policy.max_age, *proof.ends(report), *ends]))
