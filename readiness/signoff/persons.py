"""Enough persons, and different ones: completer, approver and the authors of the change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.signoff.bundle import Judged
from readiness.signoff.fixes import finding
from readiness.signoff.model import Code, Decision, Finding, Role
from readiness.signoff.policy import Policy
from readiness.signoff.repository import Author

OUTLIVED = frozenset({Code.STALE, Code.EXPIRED, Code.KEY_EXPIRED, Code.KEY_REVOKED})
"""What becomes of an honest sign-off in time; where others took its place it only no longer counts."""


def apart(judged: Sequence[Judged], authors: Sequence[Author]) -> tuple[Judged, ...]:
    """The same, where an approver is no second person with the reason why that approval does not count."""
    completers = [one for one in judged if one.role is Role.COMPLETER and one.approves]
    reviewable = {one.statement.sha256 for one in judged if one.role is Role.COMPLETER and _genuine(one)}
    return tuple(
        one._replace(finding=_doubt(one, completers, reviewable, authors))
        if one.role is Role.APPROVER and one.approves
        else one
        for one in judged
    )


def signed_bases(judged: Sequence[Judged]) -> tuple[str, ...]:
    """What the protected branch was when each of those who may sign did so."""
    found = (one.statement.predicate.base for one in judged if one.finding is None)
    return tuple(base for base in found if base)


def _genuine(one: Judged) -> bool:
    approved = one.statement.predicate.decision is Decision.APPROVE
    return approved and (one.finding is None or one.finding.code in OUTLIVED)


def _doubt(
    one: Judged, completers: Sequence[Judged], reviewable: set[str], authors: Sequence[Author]
) -> Finding | None:
    who = one.principal
    if any(completer.principal.casefold() == who.casefold() for completer in completers):
        return finding(Code.TWO_PERSON, f"{who} completed the checklist and approved it")
    same = next((completer for completer in completers if completer.key == one.key), None)
    if same:
        return finding(Code.TWO_PERSON, f"{same.principal} and {who} signed with the same key {one.key.fingerprint}")
    commits = list(dict.fromkeys(part.commit[:7] for part in authors if part.email.casefold() == who.casefold()))
    if commits:
        count = f"{len(commits)} commit" + ("s" if len(commits) > 1 else "")
        return finding(Code.TWO_PERSON, f"{who} approved, and is an author of {count}: {', '.join(commits[:3])}")
    reviewed = one.statement.predicate.reviewed
    if reviewed not in reviewable:
        what = (
            f"{reviewed[:12]}, which is no sign-off of a completer here" if reviewed else "no sign-off of a completer"
        )
        return finding(Code.CHAIN, f"{who} reviewed {what}")
    return None


def persons(judged: Sequence[Judged], role: Role) -> int:
    """How many different persons, with different keys, approve in this role."""
    names: set[str] = set()
    keys: set[bytes] = set()
    for one in judged:
        if one.role is role and one.approves and one.principal.casefold() not in names and one.key.blob not in keys:
            names.add(one.principal.casefold())
            keys.add(one.key.blob)
    return len(names)


def count_findings(judged: Sequence[Judged], policy: Policy) -> Iterator[Finding]:
    """Rejections, sign-offs that do not hold, and those that are missing."""
    enough = {role: persons(judged, role) >= wanted for role, wanted in policy.require.items()}
    for one in judged:
        said = one.statement.predicate
        if one.finding is None and said.decision is Decision.REJECT:
            comment = f": {said.comment}" if said.comment else ""
            yield finding(Code.REJECTED, f"{said.signer} rejected the release as {said.role.value}{comment}")
        if one.finding and not (one.finding.code in OUTLIVED and enough.get(one.role, True)):
            yield one.finding
    for role, wanted in policy.require.items():
        if not enough[role]:
            message = f"{persons(judged, role)} of {wanted} {role.value}{'s' if wanted > 1 else ''} signed"
            yield finding(Code.THRESHOLD, message)
