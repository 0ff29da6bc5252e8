"""DMARC by RFC 9989 (May 2026): the record that applies to a domain, and what receivers make of it.

    from readiness.mail.dmarc import discover

    found = discover("mail.shop.example", resolver)
    found.found_at              # "shop.example": it was inherited
    found.effective_policy      # Policy.QUARANTINE, for p=reject with t=y
    found.problems              # () where nothing is wrong

`resolver` is what :func:`readiness.mail.resolver.as_resolver` takes: readiness's own client or a
:class:`dns.resolver.Resolver`. Where it fails, nothing is known, and CannotTell is raised.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.api import CannotTell
from readiness.light import dataclass
from readiness.mail.dmarc.alignment import alignments, is_aligned, organizational_domain
from readiness.mail.dmarc.record import (
    Alignment,
    DmarcRecord,
    Policy,
    is_record,
    near_miss,
    read_record,
)
from readiness.mail.dmarc.reports import Destination, destinations
from readiness.mail.dmarc.uris import ReportUri
from readiness.mail.dmarc.walk import MOST_QUERIES, Walk, applicable, walk
from readiness.mail.names import ascii_name
from readiness.mail.resolver import AnyResolver, Resolver, as_resolver
from readiness.mail.tags import Problem, decoded

__all__ = [
    "MOST_QUERIES",
    "Alignment",
    "Destination",
    "Discovery",
    "DmarcRecord",
    "Policy",
    "Problem",
    "ReportUri",
    "alignments",
    "destinations",
    "discover",
    "is_aligned",
    "is_record",
    "misplaced",
    "near_miss",
    "organizational_domain",
    "read_record",
]


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What receivers find for mail whose From address is at a domain."""

    domain: str
    """In ASCII and small letters."""
    record: DmarcRecord | None
    """The record that applies; None where DMARC does not apply."""
    found_at: str | None
    """The domain at whose ``_dmarc`` it stands: itself, its organizational domain or its public suffix."""
    organizational_domain: str | None
    """None where the resolver failed above a domain that has its own record."""
    exists: bool | None
    """Whether the domain is in the DNS; None where that makes no difference to the policy."""
    policy: Policy | None
    """As published for this domain; None where DMARC does not apply."""
    effective_policy: Policy | None
    """As receivers apply it: one level less with ``t=y``."""
    subdomain_policy: Policy | None
    """What receivers apply to subdomains that exist and have no record of their own."""
    nonexistent_policy: Policy | None
    """What they apply to subdomains that do not exist."""
    queries: tuple[str, ...]
    """Names that the walk asked for, in order; 8 at most."""
    problems: tuple[Problem, ...]
    """Why receivers do not get what is meant, each with a stable code."""
    notes: tuple[str, ...]
    """What is legal and worth knowing."""
    server: str
    """The resolver that answered."""

    @property
    def inherited(self) -> bool:
        """Whether the record stands at a domain above; that is legal."""
        return self.found_at is not None and self.found_at != self.domain

    @property
    def testing(self) -> bool:
        """``t=y``."""
        return self.record is not None and self.record.testing


def discover(domain: str, resolver: AnyResolver = None) -> Discovery:
    """Find the record that applies to mail from `domain`, by at most 8 questions for records.

    One more question is asked where the policy depends on whether the domain exists (``np``). Raises
    CannotTell where the resolver fails before the policy is known, and ValueError for what is no domain name.
    """
    ask = as_resolver(resolver)
    seen = walk(domain, ask)
    place = applicable(seen.domain, seen.records)
    record = seen.records[place] if place else None
    exists = None if record is None or place == seen.domain else _exists(seen.domain, record, ask)
    policy = None if record is None else _published(record, inherited=place != seen.domain, exists=exists)
    below = _below(seen)
    return Discovery(
        domain=seen.domain,
        record=record,
        found_at=place,
        organizational_domain=seen.organizational_domain,
        exists=exists,
        policy=policy,
        effective_policy=None if record is None else record.effective(policy),
        subdomain_policy=None if below is None else below.effective(below.subdomain_policy),
        nonexistent_policy=None if below is None else below.effective(below.nonexistent_policy),
        queries=seen.queries,
        problems=(*_problems(seen, place), *(record.problems if record else ())),
        notes=record.notes if record else (),
        server=seen.server,
    )


def misplaced(domain: str, resolver: AnyResolver = None) -> tuple[Problem, ...]:
    """Records of a domain at names where receivers do not look: a hint, not given where a resolver fails."""
    ask, name = as_resolver(resolver), ascii_name(domain)
    hints = {
        name: "its name has to begin with _dmarc.",
        f"dmarc.{name}": "the underscore of _dmarc is missing",
        f"_dmarc.{name}.{name}": "the domain was added a second time",
    }
    return tuple(
        Problem(code="misplaced", message=f"a DMARC record stands at {place}: {hint}")
        for place, hint in hints.items()
        if _has_record(place, ask)
    )


def _has_record(name: str, resolver: Resolver) -> bool:
    try:
        return any(is_record(decoded(record)) for record in resolver.query(name, "TXT").records)
    except CannotTell:
        return False


def _published(record: DmarcRecord, *, inherited: bool, exists: bool | None) -> Policy | None:
    if not inherited:
        return record.policy
    return record.nonexistent_policy if exists is False else record.subdomain_policy


def _exists(domain: str, record: DmarcRecord, resolver: Resolver) -> bool | None:
    """Asked only where ``np`` makes a difference; a name is missing where the answer is NXDOMAIN (RFC 8020)."""
    if record.nonexistent_policy is record.subdomain_policy:
        return None
    answer = resolver.query(domain, "A")
    return answer.status != "nxdomain" or answer.canonical.rstrip(".").lower() != domain


def _below(seen: Walk) -> DmarcRecord | None:
    """The record for subdomains without one of their own."""
    place = applicable(f"any.{seen.domain}", seen.records)
    return seen.records[place] if place else None


def _problems(seen: Walk, place: str | None) -> Iterator[Problem]:
    """What is void at the domains that were to be preferred, and that nothing was found."""
    for name, problems in seen.faults.items():
        if place is None or len(name) >= len(place):
            yield from problems
    if place is None:
        above = ", nor above it" if len(seen.queries) > 1 else ""
        yield Problem(code="missing", message=f"there is no DMARC record at _dmarc.{seen.domain}{above}")
