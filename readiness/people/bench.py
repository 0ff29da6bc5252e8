"""The waivers of one run, and what became of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from readiness.facts import Fact
from readiness.light import dataclass
from readiness.people.model import People, Waiver
from readiness.people.waiving import SOON, chosen, covering
from readiness.report.model import WaiverRecord, WaiverStatus
from readiness.timestamps import timestamp

ORDER = (WaiverStatus.EXPIRED, WaiverStatus.UNUSED, WaiverStatus.USED)
"""What needs somebody's attention comes first."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Decides whether a finding is waived, by the clock of the run."""

    people: People
    environment: str
    now: datetime

    def waiver(self, fact: Fact) -> WaiverRecord | None:
        """The waiver that keeps an item from blocking: all of its findings are covered."""
        found = chosen(self.covering(fact), tuple(_findings(fact)))
        return self.record(found, WaiverStatus.USED) if found else None

    def covering(self, fact: Fact) -> tuple[Waiver, ...]:
        """Those in force that cover a finding of an item."""
        return covering(self.here(), fact.id, fact.state.value, tuple(_findings(fact)), self.now)

    def here(self) -> tuple[Waiver, ...]:
        """Those that concern this environment."""
        return tuple(waiver for waiver in self.people.waivers if self.environment in waiver.environments)

    def records(self, facts: Iterable[Fact]) -> tuple[WaiverRecord, ...]:
        """All of this environment, those that need attention first."""
        used = {waiver.id for fact in facts for waiver in self.covering(fact)}
        records = [self.record(waiver, self.status(waiver, used)) for waiver in self.here()]
        return tuple(sorted(records, key=lambda one: (ORDER.index(one.status), not one.expiring, one.expires)))

    def status(self, waiver: Waiver, used: Collection[str]) -> WaiverStatus:
        """What became of it."""
        if waiver.expires <= self.now:
            return WaiverStatus.EXPIRED
        return WaiverStatus.USED if waiver.id in used else WaiverStatus.UNUSED

    def record(self, waiver: Waiver, status: WaiverStatus) -> WaiverRecord:
        """As the report has it."""
        return WaiverRecord(
            id=waiver.id,
            item=waiver.item,
            reason=waiver.reason,
            requested_by=waiver.requested_by,
            approved_by=waiver.approved_by,
            expires=timestamp(waiver.expires),
            ticket=waiver.ticket,
            status=status,
            expiring=self.now < waiver.expires <= self.now + SOON,
        )


def _findings(fact: Fact) -> Iterator[str]:
    """Each finding of an item as a text to match: what failed, or why nothing is known."""
    bad = [outcome for outcome in fact.outcomes if not outcome.ok]
    for outcome in bad:
        yield "\n".join(part for part in (outcome.message, outcome.subject, outcome.observed) if part)
    if not bad:
        yield fact.message
