"""Ledger and bundle side by side: what one records, the other has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from readiness.errors import UsageError
from readiness.signoff import ledger as ledgers
from readiness.signoff import store
from readiness.signoff.fixes import finding
from readiness.signoff.journal import LEDGER
from readiness.signoff.ledger import Entry, Kind, Ledger
from readiness.signoff.model import Code, Deployment, Finding, Statement
from readiness.signoff.repository import Repository


def chain_findings(ledger: Ledger, report: str, statements: Sequence[Statement]) -> Iterator[Finding]:
    """What the ledger says of the report with this sha256 and the bundle does not, or the reverse."""
    signed = {entry.statement: entry for entry in ledger.of(report) if entry.kind is Kind.SIGN_OFF}
    here = {one.sha256: one for one in statements}
    for name, entry in signed.items():
        if name not in here:
            who = f"{entry.signer} as {entry.role}"
            yield finding(Code.CHAIN, f"the ledger records a sign-off of {who} that the bundle does not have")
    for name, one in here.items():
        yield from _recorded(one, signed.get(name), ledger)


def _recorded(one: Statement, entry: Entry | None, ledger: Ledger) -> Iterator[Finding]:
    said = one.predicate
    who = f"the sign-off of {said.signer} as {said.role.value}"
    if entry is None:
        yield finding(Code.CHAIN, f"the ledger does not record {who}")
    elif _as_recorded(entry) != (said.signed_on, said.role, said.signer, said.decision, said.environment, said.commit):
        yield finding(Code.CHAIN, f"the ledger records {who} otherwise than it was signed")
    unknown = [head for head in said.ledger_heads if head not in (ledger.before(entry) if entry else ledger.ids)]
    if unknown:
        yield finding(Code.CHAIN, f"{who} names the ledger entry {unknown[0][:12]}, which is not there any more")


def _as_recorded(entry: Entry) -> tuple[object, ...]:
    return entry.at, entry.role, entry.signer, entry.decision, entry.environment, entry.commit or ""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """The protected branch, and the one that a report lies on."""

    repository: Repository
    place: Path
    """report.json"""
    commit: str
    """Of the protected branch."""
    head: str

    def cut_findings(self, here: Ledger, report: str) -> Iterator[Finding]:
        """Entries of the protected branch that are missing here. Raises SignOffError(CHAIN).

        A branch need not know what others recorded since it left; but what both had, and what
        concerns this report, it has to have.
        """
        there = ledgers.read(self._ledger(self.commit))
        if there.ids <= here.ids:
            return
        begun = self._begun()
        lost = [
            entry
            for entry in there.entries
            if entry.id not in here.ids and (entry.report == report or entry.id in begun)
        ]
        if lost:
            count = f"{len(lost)} entr{'y' if len(lost) == 1 else 'ies'}"
            example = lost[0].id[:12]
            yield finding(
                Code.CHAIN, f"the ledger lacks {count} of the protected branch, such as {example}: it was cut"
            )

    def _begun(self) -> frozenset[str]:
        common = self.repository.common(self.commit, self.head)
        return ledgers.read(self._ledger(common)).ids if common else frozenset()

    def _ledger(self, commit: str) -> bytes:
        with suppress(UsageError):  # it lies in no folder of reports
            home = store.home_of(self.place)
            path = os.path.relpath(home / LEDGER, self.repository.folder).replace(os.sep, "/")
            # `./` and `../` begin at the folder that git was started in, see gitrevisions(7)
            return self.repository.blob(commit, path if path.startswith("../") else f"./{path}") or b""
        return b""


def deployments(ledger: Ledger, report: str) -> tuple[Deployment, ...]:
    """What was deployed with this report."""
    return tuple(
        Deployment(at=entry.at, artifact=entry.artifact, by=entry.by)
        for entry in ledger.of(report)
        if entry.kind is Kind.DEPLOYED
    )
