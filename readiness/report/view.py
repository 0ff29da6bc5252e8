"""A report arranged for readers: what needs attention, items below their sections, what each part came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from readiness.checklist.model import State
from readiness.report.model import Report, Result, SectionRecord, WaiverRecord, WaiverStatus
from readiness.report.words import SYMBOLS, WORDS, count

BAR_ORDER = (State.PASS, State.FAIL, State.ERROR, State.PENDING, State.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who or what decided an item, and when."""

    what: str
    """``check`` or ``attested by``."""
    who: str
    """The kind of check, or the person."""
    at: str | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An item with its parts."""

    result: Result
    parts: tuple[Entry, ...] = ()

    @property
    def word(self) -> str:
        """Its state, in words; a reader who sees no colours misses nothing."""
        return WORDS[self.result.state]

    @property
    def symbol(self) -> str:
        """Its state, as one character."""
        return SYMBOLS[self.result.state]

    @property
    def decision(self) -> Decision | None:
        """None for what is decided by its parts, or not yet."""
        said = self.result.attestation
        if said is not None and said.valid:
            return Decision(what="attested by", who=said.by, at=said.at)
        if self.result.check and self.result.started:
            return Decision(what="check", who=self.result.check, at=self.result.started)
        return None


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A part of a bar: how many items of a state, and where it lies, in hundredths of the bar."""

    state: State
    count: int
    start: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A section, its items as a tree, and its deciding items counted by state."""

    number: int
    """Its place, from 1: the id of a section is a stranger's text and makes no good anchor."""
    section: SectionRecord
    entries: tuple[Entry, ...]
    counts: Mapping[State, int]

    @property
    def applicable(self) -> int:
        """Items that count."""
        return sum(self.counts[state] for state in BAR_ORDER)

    @property
    def summary(self) -> str:
        """``7 of 9 passed, 2 pending``."""
        if not self.applicable:
            return "not applicable"
        rest = [f"{self.counts[state]} {WORDS[state]}" for state in BAR_ORDER[1:] if self.counts[state]]
        return ", ".join([f"{self.counts[State.PASS]} of {self.applicable} passed", *rest])

    @property
    def bar(self) -> tuple[Slice, ...]:
        """Its states side by side; empty where nothing is applicable."""
        found: list[Slice] = []
        start = 0.0
        for state in BAR_ORDER:
            width = 100 * self.counts[state] / max(self.applicable, 1)
            if width:
                found.append(Slice(state=state, count=self.counts[state], start=round(start, 2), width=round(width, 2)))
            start += width
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Items of which the same is to be said."""

    says: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class View:
    """The report, asked what readers ask."""

    report: Report

    @cached_property
    def deciding(self) -> tuple[Entry, ...]:
        """Items that decide something themselves, in file order: the others only sum up."""
        return tuple(Entry(result=result) for result in self.report.deciding)

    def _unwaived(self, state: State) -> tuple[Entry, ...]:
        found = [entry for entry in self.deciding if entry.result.state is state and not entry.result.waiver]
        return tuple(sorted(found, key=lambda entry: (not entry.result.blocking, entry.result.severity.rank)))

    @property
    def failures(self) -> tuple[Entry, ...]:
        """What contradicts its item and is not waived, the blocking and most severe first."""
        return self._unwaived(State.FAIL)

    @property
    def errors(self) -> tuple[Entry, ...]:
        """What could not be verified."""
        return self._unwaived(State.ERROR)

    @property
    def pending(self) -> tuple[Entry, ...]:
        """What a person has to say."""
        return self._unwaived(State.PENDING)

    @property
    def skipped(self) -> tuple[Entry, ...]:
        """What this run did not look at."""
        return self._unwaived(State.SKIPPED)

    @property
    def waived(self) -> tuple[Entry, ...]:
        """What would block without its waiver."""
        return tuple(entry for entry in self.deciding if entry.result.waiver)

    @property
    def troubled_waivers(self) -> tuple[WaiverRecord, ...]:
        """Those that have ended, end soon, or cover nothing."""
        return tuple(waiver for waiver in self.report.waivers if waiver_trouble(waiver))

    @property
    def flaky(self) -> tuple[Entry, ...]:
        """What passed only when it was looked at again."""
        return tuple(entry for entry in self.deciding if entry.result.flaky)

    @property
    def calm(self) -> bool:
        """Nothing needs attention."""
        return not (
            any(entry.result.state not in {State.PASS, State.NOT_APPLICABLE} for entry in self.deciding)
            or self.waived
            or self.troubled_waivers
            or self.report.verdict.conditions
        )

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Every section with its items."""
        return tuple(self._chapters())

    def _chapters(self) -> Iterator[Chapter]:
        sections = {section.id: section for section in self.report.sections}
        found: dict[str, list[Entry]] = {name: [] for name in sections}
        for entry in _trees(self.report.results):
            # no run writes an item of no section, but nothing that a report holds may be left out of its page
            found.setdefault(entry.result.section, []).append(entry)
        for number, (name, entries) in enumerate(found.items(), 1):
            section = sections.get(name) or SectionRecord(id=name, title="(no such section)", state=State.ERROR)
            yield Chapter(number=number, section=section, entries=tuple(entries), counts=_counts(entries))

    @cached_property
    def controls(self) -> Mapping[str, tuple[Entry, ...]]:
        """Controls of audits, each with the items that are evidence for it."""
        found: dict[str, tuple[Entry, ...]] = {}
        for entry in self.deciding:
            for control in entry.result.controls:
                found[control] = (*found.get(control, ()), entry)
        return dict(sorted(found.items()))


def _trees(results: Sequence[Result]) -> tuple[Entry, ...]:
    """Items with their parts below them; a part whose item is not there stands for itself."""
    tops = {result.id for result in results if result.parent is None}
    parts: dict[str, list[Entry]] = {}
    for result in results:
        if result.parent in tops:
            parts.setdefault(str(result.parent), []).append(Entry(result=result))
    return tuple(
        Entry(result=result, parts=tuple(parts.get(result.id, ()))) for result in results if result.parent not in tops
    )


def _counts(entries: Iterable[Entry]) -> Mapping[State, int]:
    """Items by state, a whole by its parts; what sums up all others has none, and counts in its own section."""
    flat = [one for entry in entries for one in (entry.parts or (entry,))]
    return Counter(one.result.state for one in flat)


def grouped(entries: Iterable[Entry]) -> tuple[Group, ...]:
    """Entries by what is to be said of them, the blocking ones first; many wait for the same reason."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        blocks = "blocks the release" if entry.result.blocking else "does not block"
        found.setdefault((blocks, entry.result.message), []).append(entry)
    return tuple(
        Group(says=message if alike[0].result.state is State.PASS else f"{message} · {blocks}", entries=tuple(alike))
        for (blocks, message), alike in sorted(found.items(), key=lambda one: one[0][0])
    )


def waiver_trouble(waiver: WaiverRecord) -> str | None:
    """Why somebody should look at a waiver."""
    if waiver.status is WaiverStatus.EXPIRED:
        return "expired"
    if waiver.expiring:
        return "ends within 14 days"
    return "covers nothing" if waiver.status is WaiverStatus.UNUSED else None


def more(hidden: int) -> str:
    """What is said where a list was cut."""
    return f"and {count(hidden, 'more', 'more')}, in report.json"
