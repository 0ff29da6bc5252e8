"""Every change that was signed or deployed, with what an auditor asks of each (SOC 2 CC8.1, PCI DSS 6.5.1).

The ledger says what there was; each report is verified anew as of the time that it was deployed, or last signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from readiness.errors import ReadinessError
from readiness.git import git
from readiness.signoff import ledger as ledgers
from readiness.signoff import store
from readiness.signoff.journal import read_file
from readiness.signoff.ledger import Entry, Kind, Ledger
from readiness.signoff.model import Code, Decision, Role, SignOff, Verification
from readiness.signoff.newest import REPORT
from readiness.signoff.verify import Target, verify


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who signed, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Row:
    """A deployment, or a signed report that was not deployed."""

    at: datetime
    """When it was deployed, or last signed."""
    environment: str
    commit: str | None
    commits: int | None
    """Since the commit deployed before in this environment; None where there was none or git cannot tell."""
    report: str
    """Its path, or the beginning of its sha256 where it is missing."""
    completed: Signed | None
    approved: Signed | None
    deployed_at: datetime | None
    artifact: str | None
    by: str | None
    code: str
    """VALID, or the verifier's reason."""
    gaps: tuple[str, ...] = ()

    @property
    def approved_before(self) -> bool | None:
        """Whether approval came before deployment; None where it is not deployed."""
        if self.deployed_at is None:
            return None
        return self.approved is not None and self.approved.at <= self.deployed_at


def population(reports: Path, trust_ref: str | None = None) -> tuple[Row, ...]:
    """All rows in the order of time. Raises SignOffError(CHAIN) where the ledger is broken, UsageError."""
    ledger = ledgers.read(store.ledger_in(reports))
    places = {hashlib.sha256(read_file(path)).hexdigest(): path for path in sorted(reports.glob(f"*/*/{REPORT}"))}
    rows = [_row(entry, ledger, places.get(entry.report), trust_ref) for entry in _events(ledger)]
    return tuple(_with_commits(sorted(rows, key=lambda row: row.at), reports))


def _events(ledger: Ledger) -> Iterator[Entry]:
    """Each deployment, and the last sign-off of each report that was not deployed."""
    deployed = {entry.report for entry in ledger.entries if entry.kind is Kind.DEPLOYED}
    last = {entry.report: entry for entry in sorted(ledger.entries, key=lambda entry: entry.at)}
    yield from (entry for entry in ledger.entries if entry.kind is Kind.DEPLOYED)
    yield from (entry for report, entry in last.items() if report not in deployed)


def _row(entry: Entry, ledger: Ledger, place: Path | None, trust_ref: str | None) -> Row:
    found = _verified(entry, place, trust_ref)
    code = "MISSING" if place is None else found if isinstance(found, str) else _code(found)
    deployed = entry.kind is Kind.DEPLOYED
    row = Row(
        at=entry.at,
        environment=entry.environment,
        commit=entry.commit,
        commits=None,
        report=str(place) if place else entry.report[:16],
        completed=_signed(entry, ledger, found, Role.COMPLETER),
        approved=_signed(entry, ledger, found, Role.APPROVER),
        deployed_at=entry.at if deployed else None,
        artifact=entry.artifact,
        by=entry.by,
        code=code,
    )
    return replace(row, gaps=tuple(_gaps(row, entry, found)))


def _verified(entry: Entry, place: Path | None, trust_ref: str | None) -> Verification | str | None:
    """What a verifier says as of the time of the entry, or in a word why it cannot say anything."""
    if place is None:
        return None
    try:
        return verify(Target(report=place, trust_ref=trust_ref, at=entry.at, commit=entry.commit))
    except ReadinessError as error:
        return f"UNREADABLE: {error}"


def _code(found: Verification | None) -> str:
    return found.finding.code.value if found and found.finding else "VALID"


def _signed(entry: Entry, ledger: Ledger, found: Verification | str | None, role: Role) -> Signed | None:
    """Who signed, and when enough had; None where too few did. What came too late counts, and is told as such."""
    if isinstance(found, Verification):
        those = [(one.signed_on, one.signer) for one in found.sign_offs if _counts(one, role)]
        enough = max(1, found.required.get(role, 1))
    else:  # nobody can verify it: what the ledger says
        own = (other for other in ledger.of(entry.report) if other.role is role)
        those = [(other.at, str(other.signer)) for other in own if other.decision is Decision.APPROVE]
        enough = 1
    those.sort()
    if len(those) < enough:
        return None
    return Signed(by=", ".join(dict.fromkeys(name for _, name in those)), at=those[enough - 1][0])


def _counts(one: SignOff, role: Role) -> bool:
    late = one.finding is not None and one.finding.code is Code.FUTURE
    return one.role is role and one.decision is Decision.APPROVE and (one.valid or late)


def _gaps(row: Row, entry: Entry, found: Verification | str | None) -> Iterator[str]:
    if found is None:
        yield f"the report with the sha256 {entry.report[:16]} is missing"
    if row.deployed_at and row.approved is None and _asked(found):
        yield "deployed without approval"
    if row.deployed_at and row.approved and not row.approved_before:
        yield "approved after it was deployed"
    if isinstance(found, str):
        yield found
    if isinstance(found, Verification):
        yield from dict.fromkeys(f"{one.code}: {one.message}" for one in found.findings)


def _asked(found: Verification | str | None) -> bool:
    """Whether the policy asks for an approver; where nobody can tell, it does."""
    return not isinstance(found, Verification) or found.required.get(Role.APPROVER, 1) > 0


def _with_commits(rows: list[Row], reports: Path) -> Iterator[Row]:
    """Each row with the number of commits since what was deployed before it."""
    live: dict[str, str] = {}
    for row in rows:
        before = live.get(row.environment)
        yield replace(row, commits=_count(reports, before, row.commit)) if before and row.commit else row
        if row.deployed_at and row.commit:
            live[row.environment] = row.commit


def _count(folder: Path, before: str, commit: str) -> int | None:
    said = git(folder, "rev-list", "--count", "--end-of-options", f"{before}..{commit}")
    return int(said) if said else None
