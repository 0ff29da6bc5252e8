"""The ledger: what was signed and deployed when, as append-only lines that name their predecessors by digest.

An entry's id is the sha256 of its exact line without the newline; `prev` names the entries that
nothing followed when it was written. Two branches that both append give two heads after
``merge=union``, and the next entry names both: a directed acyclic graph, as in git. A line that
is edited, removed from the middle or moved before what it names is found by reading alone; that a
tail was cut is found by comparing with the ledger of the protected branch.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from readiness.signoff import strict_json
from readiness.signoff.fields import Fields
from readiness.signoff.model import Code, Decision, Role, SignOffError
from readiness.signoff.statement import say_time

VERSION = 1
MAX_LINE = 64 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What an entry records."""

    SIGN_OFF = "sign-off"
    DEPLOYED = "deployed"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What happened to a report; `statement` to `signer` belong to sign-offs, `artifact` and `by` to deployments."""

    kind: Kind
    at: datetime
    """When it was signed or deployed, with a zone."""
    environment: str
    report: str
    """sha256 of report.json."""
    commit: str | None
    statement: str | None = None
    """sha256 of the payload that was signed."""
    role: Role | None = None
    decision: Decision | None = None
    signer: str | None = None
    """The principal."""
    artifact: str | None = None
    """What was deployed: an image digest, a tag."""
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry(Record):
    """A line of the ledger."""

    id: str
    """sha256 of the exact line."""
    prev: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All entries in file order; an entry stands after all that it names."""

    entries: tuple[Entry, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """Ids that nothing follows, sorted."""
        followed = {before for entry in self.entries for before in entry.prev}
        return tuple(sorted(entry.id for entry in self.entries if entry.id not in followed))

    @property
    def ids(self) -> frozenset[str]:
        """The id of every entry."""
        return frozenset(entry.id for entry in self.entries)

    def before(self, entry: Entry) -> frozenset[str]:
        """Ids of all that was there when an entry was written, as far as it names them."""
        prev = {one.id: one.prev for one in self.entries}
        found: set[str] = set()
        waiting = list(entry.prev)
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += prev[one]
        return frozenset(found)

    def of(self, report: str) -> tuple[Entry, ...]:
        """The entries of the report with this sha256."""
        return tuple(entry for entry in self.entries if entry.report == report)


def read(raw: bytes) -> Ledger:
    """The ledger in a file's bytes. Raises SignOffError(CHAIN) where a line is no entry or does not follow."""
    found: dict[str, Entry] = {}
    for number, line in enumerate(_lines(raw), start=1):
        entry = _entry(line, f"line {number} of the ledger")
        if entry.id in found:  # merge=union may double a line
            continue
        absent = next((before for before in entry.prev if before not in found), None)
        if absent:
            raise _broken(
                f"line {number} of the ledger follows {absent[:12]}, which is no line before it: "
                "a line was edited, removed or moved"
            )
        found[entry.id] = entry
    return Ledger(entries=tuple(found.values()))


def append_line(ledger: Ledger, record: Record) -> bytes:
    """The line, without a newline, that records this after all that the ledger holds.

    Raises ValueError for a time without a zone.
    """
    fields: dict[str, Any] = {
        "version": VERSION,
        "kind": record.kind.value,
        "at": say_time(record.at),
        "environment": record.environment,
        "report": record.report,
        "commit": record.commit,
    }
    own = ("statement", "role", "decision", "signer") if record.kind is Kind.SIGN_OFF else ("artifact", "by")
    fields |= {name: getattr(record, name) for name in own}
    fields["prev"] = list(ledger.heads)
    return _compact(fields)


def _compact(fields: dict[str, Any]) -> bytes:
    """The one way in which an entry is written: its digest stands for what it says."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _lines(raw: bytes) -> list[bytes]:
    """The lines without their newlines; the last may have none."""
    return raw.removesuffix(b"\n").split(b"\n") if raw else []


def _entry(line: bytes, what: str) -> Entry:
    if line.endswith(b"\r"):
        raise _broken(f"{what} ends in CR LF: the line endings of reports/ were changed (reports/.gitattributes)")
    try:
        fields = Fields.of(strict_json.loads(line, what, limit=MAX_LINE), what)
        entry = _typed(fields, line)
    except SignOffError as error:
        raise _broken(error.message) from error
    except ValueError as error:  # no such kind, role or decision
        raise _broken(f"{what}: {error}") from error
    if _compact(fields.data) != line:
        raise _broken(f"{what} is not written as readiness writes it: it was edited")
    return entry


def _typed(fields: Fields, line: bytes) -> Entry:
    if fields.count("version") != VERSION:
        raise _broken(f"{fields.at} has version {fields.count('version')}; {VERSION} is expected")
    kind = Kind(fields.text("kind"))
    signed = kind is Kind.SIGN_OFF
    return Entry(
        id=hashlib.sha256(line).hexdigest(),
        prev=_digests(fields),
        kind=kind,
        at=fields.time("at"),
        environment=fields.text("environment"),
        report=fields.sha256("report"),
        commit=fields.maybe("commit", fields.text),
        statement=fields.sha256("statement") if signed else None,
        role=Role(fields.text("role")) if signed else None,
        decision=Decision(fields.text("decision")) if signed else None,
        signer=fields.text("signer") if signed else None,
        artifact=None if signed else fields.text("artifact"),
        by=None if signed else fields.maybe("by", fields.text),
    )


def _digests(fields: Fields) -> tuple[str, ...]:
    found = fields.texts("prev")
    if not all(_DIGEST.fullmatch(digest) for digest in found):
        raise _broken(f"{fields.at}.prev holds what is no sha256")
    return found


def _broken(message: str) -> SignOffError:
    return SignOffError(Code.CHAIN, message)
