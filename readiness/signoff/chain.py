"""Ledger and bundle side by side: what one records, the other has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from readiness.signoff import ledger as ledgers
from readiness.signoff.fixes import finding
from readiness.signoff.ledger import Entry, Kind, Ledger
from readiness.signoff.model import Code, Deployment, Finding, Statement


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
    elif (entry.at, entry.role, entry.signer, entry.decision) != (
        said.signed_on,
        said.role,
        said.signer,
        said.decision,
    ):
        yield finding(Code.CHAIN, f"the ledger records {who} otherwise than it was signed")
    unknown = [head for head in said.ledger_heads if head not in ledger.ids]
    if unknown:
        yield finding(Code.CHAIN, f"{who} names the ledger entry {unknown[0][:12]}, which is not there any more")


def cut_findings(
    ledger: Ledger, protected: bytes | None, common: Callable[[], bytes | None], report: str
) -> Iterator[Finding]:
    """Entries of the protected branch that are missing here.

    `protected` is the ledger of that branch; `common` gives that of the last commit which both
    have, for a branch need not know what others recorded since. Raises SignOffError(CHAIN).
    """
    there = ledgers.read(protected or b"")
    if there.ids <= ledger.ids:
        return
    begun = ledgers.read(common() or b"").ids
    missing = [
        entry for entry in there.entries if entry.id not in ledger.ids and (entry.report == report or entry.id in begun)
    ]
    if missing:
        lost = f"{len(missing)} entr{'y' if len(missing) == 1 else 'ies'}"
        yield finding(
            Code.CHAIN, f"the ledger lacks {lost} of the protected branch, such as {missing[0].id[:12]}: it was cut"
        )


def deployments(ledger: Ledger, report: str) -> tuple[Deployment, ...]:
    """What was deployed with this report."""
    return tuple(
        Deployment(at=entry.at, artifact=entry.artifact, by=entry.by)
        for entry in ledger.of(report)
        if entry.kind is Kind.DEPLOYED
    )
