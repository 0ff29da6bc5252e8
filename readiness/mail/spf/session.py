"""One evaluation's questions to the DNS: each asked once, counted against the limits of RFC 7208 4.6.4."""

from __future__ import annotations

import time

from readiness.api import CannotTell, DnsAnswer
from readiness.light import dataclass
from readiness.mail.resolver import Resolver
from readiness.mail.spf.names import from_answer, to_question

NOTHING = DnsAnswer(status="nxdomain", records=(), ttl=0, server="unknown", canonical="")
"""What is known without asking of a name that no query can be made of."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much work one evaluation may cause (4.6.4)."""

    lookups: int = 10
    """Terms that cause DNS lookups."""
    void_lookups: int = 2
    """Lookups that find nothing."""
    names: int = 10
    """Hosts of an `mx`, and names of an address, whose addresses are looked up."""
    seconds: float = 20.0
    """After which the result is `temperror`."""


class PermError(Exception):
    """The record cannot be interpreted: the evaluation ends (2.6.7)."""


class TempError(Exception):
    """The DNS gave no answer: the evaluation ends (2.6.6)."""


class Session:
    """What one evaluation has asked so far."""

    def __init__(self, resolver: Resolver, limits: Limits) -> None:
        self.limits = limits
        self.lookups = 0
        self.void_lookups = 0
        self._resolver = resolver
        self._answers: dict[tuple[str, str], DnsAnswer] = {}
        self._ends = time.monotonic() + limits.seconds

    def count(self) -> None:
        """One more term that causes lookups. Raises PermError past the limit."""
        self.lookups += 1
        if self.lookups > self.limits.lookups:
            raise PermError(f"more than {self.limits.lookups} terms cause DNS lookups")

    def ask(self, name: str, rdtype: str) -> tuple[bytes, ...]:
        """The records of a name, spelled as macros left it. Raises TempError."""
        question = to_question(name.removesuffix("."))
        return self._ask(question, rdtype).records if question else ()

    def look_up(self, name: str, rdtype: str) -> tuple[bytes, ...]:
        """The same for a mechanism: finding nothing is counted. Raises PermError and TempError."""
        question = to_question(name.removesuffix("."))
        if question is None:
            return ()
        records = self._ask(question, rdtype).records
        if not records:
            self.void_lookups += 1
            if self.void_lookups > self.limits.void_lookups:
                raise PermError(
                    f"more than {self.limits.void_lookups} DNS lookups find nothing, the last: {rdtype} {name}"
                )
        return records

    def _ask(self, question: str, rdtype: str) -> DnsAnswer:
        key = question.lower(), rdtype
        if key not in self._answers:
            if time.monotonic() > self._ends:
                raise TempError(f"the evaluation took longer than {self.limits.seconds:g} s")
            try:
                self._answers[key] = self._resolver.query(question, rdtype)
            except CannotTell as trouble:
                raise TempError(trouble.message) from trouble
        return self._answers[key]


def host_of_mx(record: bytes) -> str:
    """The host of an MX record, empty for a null MX (RFC 7505)."""
    return from_answer(record.rpartition(b" ")[2])
