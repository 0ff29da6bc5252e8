"""What an operator asks for and what a run is going to do, as frozen data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from readiness.api import Check, Reason
from readiness.checklist.model import Entry, Gate, Item, Severity, State
from readiness.light import dataclass
from readiness.people.model import Standing


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the operator asked for."""

    environment: str | None = None
    gate: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Items, sections, or beginnings of section ids such as ``1``."""
    tags: tuple[str, ...] = ()
    offline: bool = False
    allow: frozenset[str] = frozenset()
    """Effects beyond reading."""
    bind: Mapping[str, str] = field(default_factory=dict)
    """Secret variables and the one origin that each may be sent to."""
    lookup: Callable[[str], str | None] = dict[str, str]().get
    """Secret environment variables of the service."""
    redact: Callable[[str], str] = str
    """A text without secrets: what a message quotes may come from one."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A state that is known without running anything."""

    state: State
    reason: Reason | None
    """None where a person attested that it holds."""
    message: str
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One item of this run: exactly one of `check`, `settled` and `children` decides it."""

    entry: Entry
    severity: Severity
    check: Check | None = None
    settled: Settled | None = None
    standing: Standing | None = None
    """What its newest attestation comes to."""
    secrets: tuple[str, ...] = ()
    """Names of the environment variables that its options take as secrets, through variables too."""
    children: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    timeout: float
    """Seconds for one attempt."""
    retries: int
    eventually: float | None = None
    """Seconds for which a contradiction is looked at again."""

    @property
    def id(self) -> str:
        """The item's full id."""
        return self.entry.id

    @property
    def whole(self) -> bool:
        """Other items decide it: its parts, or all of them."""
        return bool(self.item.items)

    @property
    def item(self) -> Item:
        """What the checklist says, variables filled in."""
        return self.entry.item


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All steps of a run, in file order."""

    environment: str
    gate_name: str
    gate: Gate
    partial: bool
    """Filters left items out."""
    steps: tuple[Step, ...]

    def step(self, identity: str) -> Step | None:
        """The step of an item."""
        return next((step for step in self.steps if step.id == identity), None)
