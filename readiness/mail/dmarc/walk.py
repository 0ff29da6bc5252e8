"""The DNS tree walk (RFC 9989 4.10): which record applies to a domain, and which domain its organization has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from readiness.api import CannotTell
from readiness.light import dataclass
from readiness.mail.dmarc.record import DmarcRecord, is_record, near_miss, read_record
from readiness.mail.names import MOST, ascii_name
from readiness.mail.resolver import Resolver
from readiness.mail.tags import Problem, decoded

MOST_QUERIES = 8
"""However long the name is (RFC 9989 4.10)."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What was found from one domain up to its top-level domain."""

    domain: str
    records: Mapping[str, DmarcRecord]
    """Valid records by the domain at which they stand, longest name first."""
    queries: tuple[str, ...]
    """The names that were asked for, in order; 8 at most."""
    faults: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    """Why what stands at a domain is void: two records, or a near miss."""
    unanswered: str | None = None
    """The domain at which the resolver failed, where that leaves the policy of `domain` known."""
    server: str = ""
    """The resolver that answered."""

    @property
    def organizational_domain(self) -> str | None:
        """The organization's domain; None where a resolver that failed leaves it open."""
        if self.unanswered and "." in self.unanswered:
            return None
        return organizational(self.domain, self.records)


def organizational(start: str, records: Mapping[str, DmarcRecord]) -> str:
    """The organizational domain of the domain where a walk started (RFC 9989 4.10.2)."""
    found = start
    for name, record in records.items():
        if record.psd == "n":
            return name
        if record.psd == "y" and name != start:
            labels = start.split(".")
            return ".".join(labels[-name.count(".") - 2 :])
        found = name
    return found


def applicable(start: str, records: Mapping[str, DmarcRecord]) -> str | None:
    """Where the record stands that applies to a domain: there, at its organization, at its public suffix."""
    if start in records:
        return start
    organization = organizational(start, records)
    if organization in records:
        return organization
    return next((name for name, record in records.items() if record.psd == "y"), None)


def walk(domain: str, resolver: Resolver) -> Walk:
    """Ask from the domain upwards until a record says ``psd=y`` or ``psd=n``, or no label is left.

    Raises CannotTell where the resolver fails before the policy of the domain is known, and
    ValueError for what is no domain name.
    """
    start = ascii_name(domain)
    seen = _Seen()
    for name in targets(start):
        try:
            seen.add(name, resolver)
        except CannotTell:
            # An answer is there already: the top-level domain would not change it, nor would others change the
            # policy of a domain that has its own record.
            if start not in seen.records and ("." in name or not seen.records):
                raise
            seen.unanswered = name
        if seen.unanswered or (name in seen.records and seen.records[name].psd != "u"):
            break
    return Walk(
        domain=start,
        records=seen.records,
        queries=tuple(seen.queries),
        faults=seen.faults,
        unanswered=seen.unanswered,
        server=seen.server,
    )


def targets(domain: str) -> Iterator[str]:
    """The domains at which a walk looks, 8 at most."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels) - 1, MOST_QUERIES - 1), 0, -1):
        yield ".".join(labels[-count:])


@dataclass(kw_only=True)
class _Seen:
    """A walk under way."""

    records: dict[str, DmarcRecord] = field(default_factory=dict)
    faults: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    unanswered: str | None = None
    server: str = ""

    def add(self, name: str, resolver: Resolver) -> None:
        asked = f"_dmarc.{name}"
        if len(asked) > MOST:
            return
        self.queries.append(asked)
        answer = resolver.query(asked, "TXT")
        self.server = answer.server
        texts = [decoded(record) for record in answer.records]
        valid = [text for text in texts if is_record(text)]
        missed = tuple(problem for text in texts if (problem := near_miss(text)))
        if len(valid) == 1:
            self.records[name] = read_record(valid[0])
        elif valid:
            message = (
                f"there are {len(valid)} DMARC records at {asked}, so that receivers ignore all of them: leave one"
            )
            missed = (Problem(code="two_records", message=message), *missed)
        if missed:
            self.faults[name] = missed
