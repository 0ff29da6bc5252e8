"""Our SPF against pyspf, on random worlds that both see alike.

    python -m tests.mail.spf_fuzz 100000

tells how often they agree, and where they do not, why: both have to agree when the occasion for a
known difference is taken out of the world.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import spf  # type: ignore[import-untyped]  # pyspf has no annotations

from readiness.api import CannotTell, DnsAnswer
from readiness.mail.spf import Result, check_host
from tests.mail.spf_cases import World, Zone, make_world
from tests.mail.spf_differences import DIFFERENCES

DEFAULT = "no explanation of the domain"


class ZoneResolver:
    """A zone, as the evaluator asks for it."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        found = self.zone.get((name.lower(), rdtype), ())
        if found is None:
            raise CannotTell("no answer")
        records = tuple(_wire(value) for value in found)
        return DnsAnswer(status="ok" if records else "nodata", records=records, ttl=1, server="zone", canonical=name)


def _wire(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return (f"{value[0]} {value[1]}." if isinstance(value, tuple) else str(value)).encode()


@contextlib.contextmanager
def pyspf_sees(zone: Zone) -> Iterator[None]:
    """Let pyspf ask the zone, by the seam that its own tests use."""

    def look_up(name: str, rdtype: str, *_: object) -> list[Any]:
        found = zone.get((name.lower(), rdtype), ())
        if found is None:
            raise spf.TempError("DNS timeout")
        return [((name, rdtype), (value,) if rdtype == "TXT" else value) for value in found]

    before, spf.DNSLookup = spf.DNSLookup, look_up
    try:
        yield
    finally:
        spf.DNSLookup = before


def theirs(world: World) -> tuple[str, str]:
    """Result and explanation of pyspf, or what it raises."""
    query = spf.query(i=world.ip, s=world.sender, h=world.helo)
    query.set_default_explanation(DEFAULT)
    with pyspf_sees(world.zone):
        try:
            result, _, explanation = query.check()
        except Exception as error:  # noqa: BLE001 - its crashes are differences
            return type(error).__name__, ""
    return result, explanation if result == "fail" else ""


def ours(world: World) -> tuple[str, str]:
    """The same of check_host()."""
    found = check_host(world.ip, world.domain, world.sender, world.helo, ZoneResolver(world.zone))
    return found.result.value, found.explanation or DEFAULT if found.result is Result.FAIL else ""


def explain(world: World) -> tuple[str, ...]:
    """The fewest known differences without which both agree; empty where nothing explains it."""
    for number in range(1, len(DIFFERENCES) + 1):
        for some in itertools.combinations(DIFFERENCES, number):
            changed = world
            for one in some:
                changed = one.without(changed)
            if changed != world and ours(changed) == theirs(changed):
                return tuple(one.what for one in some)
    return ()


@dataclass
class Tally:
    """What came of many worlds."""

    records: int = 0
    results: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[int] = field(default_factory=list)
    """Seeds."""

    def add(self, seed: int) -> None:
        """Evaluate one world."""
        world = make_world(seed)
        mine = ours(world)
        self.records += len(world.records)
        self.results[mine[0]] += 1
        if mine != theirs(world):
            why = explain(world)
            self.explained.update([" + ".join(why)] if why else [])
            self.unexplained += [] if why else [seed]


def main(number: int, first: int) -> None:
    tally = Tally()
    for seed in range(first, first + number):
        tally.add(seed)
    sections = {one.what: one.section for one in DIFFERENCES}
    lines = [f"{number} worlds, {tally.records} records: {dict(tally.results)}"]
    lines += [f"{sum(tally.explained.values())} differences are explained, {len(tally.unexplained)} are not"]
    for what, count in tally.explained.most_common():
        lines.append(f"{count:6} {what}")
    lines += [f"RFC 7208 {section} (pyspf: {what})" for what, section in sections.items()]
    lines += [f"seed {seed}: {ours(make_world(seed))} {theirs(make_world(seed))}" for seed in tally.unexplained[:20]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0)
