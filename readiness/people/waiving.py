"""Which findings a waiver lets pass: it changes no state, it only keeps one from blocking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from readiness.checklist.model import Checklist, Gate
from readiness.errors import Problem
from readiness.people.model import WAIVERS, People, Waiver

SOON = timedelta(days=14)
"""A waiver that ends within this time is told."""


def too_long(people: People, checklist: Checklist, environment: str, gate: Gate, now: datetime) -> Iterator[Problem]:
    """A fault for each waiver that ends later than a gate of its environments allows."""
    document = next((file.document for file in people.files if file.path == WAIVERS), None)
    for waiver in people.waivers:
        days = _bound(waiver, checklist, environment, gate)
        if days is None or (waiver.expires.date() - now.date()).days <= days:
            continue
        message = f"the waiver `{waiver.id}` ends on {waiver.expires:%Y-%m-%d}; the gate allows {days} days at most"
        hint = f"write a day up to {now + timedelta(days=days):%Y-%m-%d}"
        at = people.places.get(waiver.id)
        yield (
            document.problem(message, (*at, "expires"), hint=hint)
            if document and at
            else Problem(message=message, hint=hint)
        )


def _bound(waiver: Waiver, checklist: Checklist, environment: str, gate: Gate) -> int | None:
    """The fewest days that the gate in use, and those of the waiver's environments, allow."""
    gates = [gate] if environment in waiver.environments else []
    for name in waiver.environments:
        settings = checklist.header.environments.get(name)
        found = checklist.gate(settings.gate) if settings and settings.gate else None
        gates += [found] if found else []
    return min((one.max_waiver_days for one in gates if one.max_waiver_days is not None), default=None)


def covering(
    waivers: Iterable[Waiver], item: str, state: str, findings: Sequence[str], now: datetime
) -> tuple[Waiver, ...]:
    """The waivers in force that cover a finding of an item; :func:`chosen` tells whether they cover all."""
    return tuple(
        waiver
        for waiver in waivers
        if waiver.item == item
        and waiver.expires > now
        and state in waiver.covers
        and any(_matches(waiver, finding) for finding in findings)
    )


def chosen(waivers: Sequence[Waiver], findings: Sequence[str]) -> Waiver | None:
    """The waiver that covers every finding, the last to end; of several that do so together the first to end.

    None where a finding is not covered: a new one beside those that are waived still blocks.
    """
    alone = [waiver for waiver in waivers if all(_matches(waiver, finding) for finding in findings)]
    if alone:
        return max(alone, key=_end)
    together = all(any(_matches(waiver, finding) for waiver in waivers) for finding in findings)
    return min(waivers, key=_end) if together else None


def _end(waiver: Waiver) -> datetime:
    return waiver.expires


def _matches(waiver: Waiver, finding: str) -> bool:
    return waiver.match is None or waiver.match in finding
