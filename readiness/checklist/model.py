"""What a checklist says, as frozen data; see docs/checklist.md for the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from readiness.duration import parse_duration
from readiness.errors import Problem
from readiness.strict_yaml import Document

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$", "examples": ["10s", "2m", "90d"]}),
]
"""Seconds; written with a unit."""


def _words(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words, json_schema_input_type=str | list[str])]
"""One word, or a list of them."""

Value = str | int | float | bool
"""The value of a variable."""


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
    PASS = "pass"
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
    dotenv: str | None = None
    """A dotenv file, relative to the checklist's root; the process environment wins over it."""
    gate: str | None = None


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What holds for an item that does not say otherwise."""

    severity: Severity = Severity.HIGH
    timeout: Duration = 10.0
    retries: Annotated[int, Field(ge=0, le=10)] = 1


Blocking = Literal["fail", "error", "pending", "skipped"]
Scope = Literal["repo", "env", "dns", "network", "stripe", "db", "exec", "browser"]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Which states, of which severity, keep a release back."""

    block: Annotated[tuple[Blocking, ...], Field(min_length=1)] = ("fail", "error")
    at: Severity = Severity.HIGH
    """The least severity that blocks."""
    full_run: bool = False
    clean_tree: bool = False
    max_waiver_days: int | None = None
    scope: tuple[Scope, ...] = ()
    """Only items that read nothing else are looked at; empty means all."""


MERGE = Gate()
RELEASE = Gate(block=("fail", "error", "pending", "skipped"), full_run=True, clean_tree=True, max_waiver_days=90)
GATES: Mapping[str, Gate] = {"merge": MERGE, "release": RELEASE}
"""The gates that exist without being written."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the checklist, as written; children leave out what they inherit."""

    title: Annotated[str, Field(min_length=1)]
    check: str | None = None
    with_: Annotated[Mapping[str, Any], Field(alias="with")] = field(default_factory=dict)
    manual: str | None = None
    items: Mapping[str, Any] = field(default_factory=dict)
    seed: Words = ()
    severity: Severity | None = None
    environments: tuple[str, ...] | None = None
    when: Mapping[str, Value] | None = None
    if_applicable: str | None = None
    needs: Words | None = None
    timeout: Duration | None = None
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    eventually: Duration | None = None
    why: str | None = None
    fix: str | None = None
    tags: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    owner: str | None = None
    links: tuple[str, ...] = ()
    valid_for: str | None = None
    by: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Header:
    """Everything in the file but its items."""

    version: Literal[1]
    service: Annotated[str, Field(min_length=1)] = "service"
    title: str | None = None
    document: DocumentInfo | None = None
    contacts: tuple[Contact, ...] = ()
    notes: tuple[Note, ...] = ()
    root: str = "."
    checks: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    vars: Mapping[str, Value] = field(default_factory=dict)
    environments: Mapping[str, Environment | None] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    gates: Mapping[str, Gate] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter of the checklist."""

    title: Annotated[str, Field(min_length=1)]
    items: Mapping[str, Any] = field(default_factory=dict)


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

    def gate(self, name: str) -> Gate | None:
        """A gate of the file, or one of those that always exist."""
        return self.header.gates.get(name) or GATES.get(name)
