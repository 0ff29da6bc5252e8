"""``dns.txt``: a name has the TXT records that it should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import DnsAnswer, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.patterns import compile_assertion, compile_pattern

NAME = re.compile(r"(?=.{1,253}\.?$)[^\s./@:]{1,63}(?:\.[^\s./@:]{1,63})*\.?")


@dataclass(frozen=True, kw_only=True)
class DnsTxt:
    """A name has the TXT records that it should.

    The strings of a record are joined without anything between them (RFC 7208 3.3). A name that
    does not exist, or has no TXT record, fails; a resolver that does not answer is an error.
    """

    id: ClassVar = "dns.txt"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    name: str
    """Domain name: ``_dmarc.kamiyo.ai``."""
    select: str | None = None
    """RE2 pattern of the records that are meant: ``(?i)^v=spf1``; without it, all of them."""
    exactly: int | None = None
    """How many records are meant, neither more nor less; 0 says that there must be none."""
    at_least: int = 1
    """How many at least, where `exactly` says nothing."""
    must: tuple[str, ...] = ()
    """RE2 patterns, each found in at least one of the records that are meant."""
    must_not: tuple[str, ...] = ()
    """RE2 patterns found in none of them."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no domain name: write it without scheme, port and path")
        if self.select is not None:
            compile_pattern(self.select)
        patterns = (*self.must, *self.must_not)
        for pattern in patterns:
            compile_assertion(pattern)
        self._check_numbers(asks=bool(patterns))

    def _check_numbers(self, *, asks: bool) -> None:
        wanted = self.at_least if self.exactly is None else self.exactly
        if wanted < 0:
            raise ValueError("a number of records cannot be negative")
        if self.exactly == 0 and asks:
            raise ValueError("`exactly: 0` leaves no record for must and must_not")
        if wanted == 0 and self.exactly is None and not asks:
            raise ValueError("`at_least: 0` asserts nothing by itself: write exactly, must or must_not")

    def looks_at(self) -> Iterator[str]:
        """The question."""
        yield f"TXT {self.name}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask, select, count, and look for the patterns."""
        answer = world.dns.query(self.name, "TXT")
        texts = [record.decode("utf-8", "backslashreplace") for record in answer.records]
        look = _Look(name=self.name, answer=answer, texts=texts)
        meant = texts if self.select is None else _matching(self.select, texts)
        yield self._count(look, len(meant))
        for pattern in self.must if meant else ():
            found = _matching(pattern, meant)
            yield look.say(f"a record that matches {pattern}", found or meant, ok=bool(found))
        for pattern in self.must_not:
            found = _matching(pattern, meant)
            yield look.say(f"no record that matches {pattern}", found or meant, ok=not found)

    def _count(self, look: _Look, count: int) -> Outcome:
        kind = f" that match {self.select}" if self.select else ""
        if self.exactly is not None:
            return look.say(f"exactly {self.exactly} TXT records{kind}", count, ok=count == self.exactly)
        return look.say(f"at least {self.at_least} TXT records{kind}", count, ok=count >= self.at_least)


def _matching(pattern: str, texts: list[str]) -> list[str]:
    return [text for text in texts if compile_pattern(pattern).search(text)]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What was seen, and how outcomes speak of it."""

    name: str
    answer: DnsAnswer
    texts: list[str]

    def say(self, expected: str, seen: int | list[str], *, ok: bool) -> Outcome:
        observed = self._number(seen) if isinstance(seen, int) else " | ".join(seen) or "no record"
        evidence = Evidence.of(f"TXT {self.name} @{self.answer.server}", "\n".join(self.texts) or self.answer.status)
        sentence = f"{self.name} {'has' if ok else 'must have'} {expected}"
        if ok:
            return passed(sentence, expected=expected, observed=observed, subject=self.name, evidence=[evidence])
        reason = Reason.MISMATCH if self.texts else Reason.MISSING
        return failed(
            f"{sentence}, found {observed}",
            reason=reason,
            expected=expected,
            observed=observed,
            subject=self.name,
            evidence=[evidence],
        )

    def _number(self, count: int) -> str:
        if self.answer.status == "nxdomain":
            return "that the name does not exist"
        return f"{count} of {len(self.texts)} TXT records" if self.texts else "no TXT record at all"
