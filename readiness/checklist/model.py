"""What a checklist says, as frozen data; see docs/checklist.md for the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from readiness import verdict
from readiness.checklist.fields import EVERYTHING, Duration, Parts, Retries, Validity, Value, Words
from readiness.errors import Problem
from readiness.light import dataclass
from readiness.marks import Bounds
from readiness.strict_yaml import Document


class Severity(StrEnum):
    """How much an item matters; says nothing about its state."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


class State(StrEnum):
    """What is known of an item, worst first: the order is the roll-up's."""

    FAIL = "fail"
    ERROR = "error"
    PENDING = "pending"
    SKIPPED = "skipped"
    PASS = "pass"  # noqa: S105 - a state, no password
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One line of the document's history."""

    version: str
    date: str
    note: str


@dataclass(frozen=True, kw_only=True)
class DocumentInfo:
    """The checklist as a document of its own, with its version."""

    version: str
    status: str | None = None
    updated: str | None = None
    history: tuple[Revision, ...] = ()
    seed: Words = ()


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Whom to ask."""

    name: str
    url: str | None = None
    email: str | None = None
    seed: Words = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """A known trouble and its cure."""

    title: str
    symptom: str | None = None
    fix: tuple[str, ...] | str | None = None
    seed: Words = ()


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One place that the service runs in."""

    vars: Mapping[str, Value] = field(default_factory=dict)
    """Variables of this environment; they win over the checklist's."""
    dotenv: str | None = None
    """A dotenv file, relative to the checklist's root; the process environment wins over it."""
    gate: str | None = None
    """The gate of this environment; `merge` by default."""


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What holds for an item that does not say otherwise."""

    severity: Severity = Severity.HIGH
    """Of an item."""
    timeout: Duration = 10.0
    """For one attempt."""
    retries: Retries = 1
    """After an error or an unreachable subject."""


Blocking = Literal["fail", "error", "pending", "skipped"]
Scope = Literal["repo", "env", "dns", "network", "stripe", "db", "exec", "browser"]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Which states, of which severity, keep a release back."""

    block: Annotated[tuple[Blocking, ...], Bounds(min_length=1)] = ("fail", "error")
    """States that block."""
    at: Severity = Severity.HIGH
    """The least severity that blocks."""
    full_run: Annotated[bool, Bounds()] = False
    """A filtered run cannot satisfy it."""
    clean_tree: Annotated[bool, Bounds()] = False
    """Only a commit without changes can satisfy it."""
    max_waiver_days: Annotated[int, Bounds(ge=0)] | None = None
    """How far ahead a waiver may expire."""
    scope: tuple[Scope, ...] = ()
    """Only items that read nothing else are looked at; empty means all."""


GATES: Mapping[str, Gate] = {
    name: Gate(**{**rules._asdict(), "at": Severity(rules.at)}) for name, rules in verdict.GATES.items()
}
"""The gates that exist without being written."""


@dataclass(frozen=True, kw_only=True)
class EvidenceCheck:
    """A check that looks at the evidence which a person brought."""

    check: str
    """The kind, such as `http` or `command`."""
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Its options; `${evidence}` stands for the URL, the file's path or the note."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the checklist, as written; children leave out what they inherit."""

    title: Annotated[str, Bounds(min_length=1)]
    """What must be true, in a few words."""
    check: str | None = None
    """The check kind that verifies it."""
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Options of the check kind."""
    manual: str | None = None
    """What a person must look at, and what counts as done."""
    items: Parts = field(default_factory=dict)
    """Its parts, by id; a part that is only a text is attested with the instruction of its parent.

    `all` sums up every other item that the gate asks for, as the last line of a checklist does.
    """
    seed: Words = ()
    """Boxes of the source document that it decides."""
    severity: Severity | None = None
    """How much it matters; the gate looks at it, the state does not."""
    environments: Annotated[tuple[str, ...], Bounds(min_length=1)] | None = None
    """Where it applies; everywhere by default."""
    when: Mapping[str, Value] | None = None
    """Variables and the values that they must have for it to apply."""
    if_applicable: str | None = None
    """When it does not apply, in words; only then may a person attest that it does not."""
    needs: Words | None = None
    """Items that must pass first; else it is skipped."""
    timeout: Duration | None = None
    """For one attempt."""
    retries: Retries | None = None
    """How often an error or an unreachable subject is looked at again."""
    eventually: Duration | None = None
    """For how long a contradiction is looked at again, as after a deploy."""
    why: str | None = None
    """What goes wrong without it."""
    fix: str | None = None
    """How to cure it; shown where it fails."""
    tags: tuple[str, ...] = ()
    """Words to filter by."""
    controls: tuple[str, ...] = ()
    """Controls of audits that it is evidence for, such as soc2:CC8.1."""
    owner: str | None = None
    """Who cares for it."""
    links: tuple[str, ...] = ()
    """Where to read more."""
    valid_for: Validity | None = None
    """How long an attestation holds: a duration, or `release`."""
    by: str | None = None
    """The role that may attest it."""
    evidence: Literal["url", "file", "note"] | None = None
    """What an attestation must bring."""
    evidence_check: EvidenceCheck | None = None
    """A check that looks at what it brings, in every run."""

    @property
    def sums_up(self) -> bool:
        """Written as `items: all`: its state is that of every other item that the gate asks for."""
        return self.items == EVERYTHING


@dataclass(frozen=True, kw_only=True)
class Header:
    """Everything in the file but its items."""

    version: Literal[1]
    """Of the format."""
    service: Annotated[str, Bounds(min_length=1)] = "service"
    """What is checked, as a short name."""
    title: str | None = None
    """The headline of reports."""
    document: DocumentInfo | None = None
    """The checklist's own version and history."""
    contacts: tuple[Contact, ...] = ()
    """Whom to ask."""
    notes: tuple[Note, ...] = ()
    """Known troubles and their cures."""
    root: str = "."
    """The folder that repo checks read, relative to the checklist."""
    checks: tuple[str, ...] = ()
    """Folders of your own check kinds, relative to the checklist; they need `--allow plugin`."""
    include: tuple[str, ...] = ()
    """Packs: checklists whose items are added; an item of this file with the same id patches theirs."""
    vars: Mapping[str, Value] = field(default_factory=dict)
    """Variables, used as ${name} in values."""
    environments: Mapping[str, Environment | None] = field(default_factory=dict)
    """Where the service runs; the first is the default."""
    defaults: Defaults = Defaults()
    """What holds for an item that does not say otherwise."""
    gates: Mapping[str, Gate] = field(default_factory=dict)
    """What blocks a release; `merge` and `release` exist without being written."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who may attest, by role."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter of the checklist."""

    title: Annotated[str, Bounds(min_length=1)]
    """Its heading."""
    items: Mapping[str, Any] = field(default_factory=dict)
    """Its items, by id."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An item in its place: the full id, the section, the parent, what it inherits already filled in."""

    id: str
    section: str
    parent: str | None
    item: Item
    path: tuple[str | int, ...]
    """Where it stands in the document."""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A whole checklist with its packs merged; `problems` are the faults found while reading it."""

    path: Path
    sha256: str
    document: Document
    header: Header
    sections: Mapping[str, str]
    """Section id to its title, in file order."""
    entries: tuple[Entry, ...]
    """Items and their children, in file order, a parent before its children."""
    broken: frozenset[str]
    """Ids of items that could not be read."""
    problems: tuple[Problem, ...]

    @property
    def root(self) -> Path:
        """The folder that repo checks read."""
        return (self.path.parent / self.header.root).resolve()

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """Every entry by its full id."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The parts of each item that has parts, in file order."""
        found: dict[str, tuple[str, ...]] = {}
        for entry in self.entries:
            if entry.parent:
                found[entry.parent] = (*found.get(entry.parent, ()), entry.id)
        return found

    def needs_of(self, entry: Entry) -> tuple[str, ...]:
        """The items that an item needs, as far as they exist."""
        return tuple(need for need in entry.item.needs or () if need in self.by_id)

    def gate(self, name: str) -> Gate | None:
        """A gate of the file, or one of those that always exist."""
        return self.header.gates.get(name) or GATES.get(name)
