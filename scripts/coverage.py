"""Which item of checklist.yaml decides which box of the team's document: writes docs/coverage.md.

``python scripts/coverage.py`` writes the page; with ``--check`` it writes nothing, and ends with 1
where the page is stale, or where a box is missing, unknown, or decided twice without a reason.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from readiness.checklist.load import load
from readiness.checklist.model import Checklist, Entry
from readiness.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
STALE = "{} is stale: run python scripts/coverage.py"
HEADER = """# Which item decides which box

Made by `python scripts/coverage.py` from checklist.yaml and tests/data/boxes.tsv; do not edit it.

"Machine" means that a check decides the box, "person" that somebody attests it, and "both" that a machine
looks at a part of it and a person at the rest. A roll-up is what its parts are. (*) marks a box that waits
for a kind of check which is not there yet, and that a person decides until then.
"""


ROLL_UP = "roll-up"
SUM = "all other items"
KEPT = "kept"
"""Kinds of deciders beside the kinds of check and a person."""


class Way(StrEnum):
    """How a box is decided."""

    MACHINE = "machine"
    BOTH = "both"
    PERSON = "person"
    KEPT = "kept"
    """Not decided but written down: contacts, notes, history, sign-off."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One box of the document."""

    id: str
    text: str
    target: Way
    """MACHINE where a machine can decide it, once every kind of check is there; else PERSON."""

    @property
    def numbered(self) -> bool:
        """Whether it is a box to tick, and none of the document's notes, contacts and signatures."""
        return self.id[0].isdigit()


@dataclass(frozen=True, kw_only=True)
class Decider:
    """An item, or a block of the checklist's head, that names a box."""

    name: str
    """Id of the item, or name of the block."""
    kind: str
    """A check kind, ``person``, ``roll-up``, ``all other items`` or ``kept``."""
    family: str
    """The item that it is a part of, or itself: parts of one item may share a box."""
    why: str | None = None
    ways: frozenset[Way]
    strays: tuple[str, ...] = ()
    """Parts of a roll-up that belong to another box than the roll-up's own."""

    @property
    def how(self) -> str:
        """The kind, and for a roll-up what its parts make of it."""
        return f"{self.kind} ({way_of([self])})" if self.kind == ROLL_UP else self.kind


Deciders = Mapping[str, Sequence[Decider]]


def read_boxes(path: Path) -> tuple[Box, ...]:
    """The boxes of a table with the columns box, text and decided by, separated by tabs."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return tuple(Box(id=row[0], text=row[1], target=Way(row[2])) for row in rows)


def find_deciders(checklist: Checklist) -> Deciders:
    """All that names a box, by the box, in file order."""
    found: dict[str, list[Decider]] = {}
    for entry in checklist.entries:
        decider = _decider(entry, checklist)
        for box in entry.item.seed:
            found.setdefault(box, []).append(decider)
    for name, boxes in _blocks(checklist):
        for box in boxes:
            found.setdefault(box, []).append(Decider(name=name, kind=KEPT, family=name, ways=frozenset({Way.KEPT})))
    return found


def _decider(entry: Entry, checklist: Checklist) -> Decider:
    parts = [part for part in checklist.entries if part.parent == entry.id]
    own = tuple(entry.item.seed)
    return Decider(
        name=entry.id,
        kind=SUM if entry.item.sums_up else ROLL_UP if parts else entry.item.check or "person",
        family=entry.parent or entry.id,
        why=entry.item.why,
        ways=frozenset(
            Way.MACHINE if part.item.check or part.item.sums_up else Way.PERSON for part in parts or [entry]
        ),
        strays=tuple(part.id for part in parts if own and not _inside(part.item.seed, own)),
    )


def _inside(seeds: Sequence[str], boxes: tuple[str, ...]) -> bool:
    """Whether one of the boxes of a part is a box of the roll-up or one below it (1.1.3a is below 1.1.3)."""
    return any(seed == box or seed.rstrip("abcdefghijklmnopqrstuvwxyz") == box for seed in seeds for box in boxes)


def _blocks(checklist: Checklist) -> Iterator[tuple[str, Sequence[str]]]:
    header = checklist.header
    if header.document:
        yield "document", header.document.seed
    yield from (("contacts", contact.seed) for contact in header.contacts)
    yield from (("notes", note.seed) for note in header.notes)


def find_faults(boxes: Sequence[Box], deciders: Deciders) -> Iterator[str]:
    """What is wrong with the coverage, one sentence each."""
    known = {box.id for box in boxes}
    for box in boxes:
        if box.id not in deciders:
            yield f"{box.id} ({box.text}) is decided by no item: name it in the `seed` of one"
    for name, found in deciders.items():
        names = ", ".join(decider.name for decider in found)
        if name not in known:
            yield f"{name}, named by {names}, is no box of the document"
        if _twice(found):
            yield f"{name} is decided by {names}: let the `why` of one say how they differ, or drop one"
        for decider in found:
            yield from (
                f"{part} is a part of {decider.name}, but of another box than {name}" for part in decider.strays
            )


def _twice(found: Iterable[Decider]) -> bool:
    """Whether leaves of different items decide it and none of them says why."""
    leaves = [decider for decider in found if decider.kind not in {ROLL_UP, KEPT}]
    return len({leaf.family for leaf in leaves}) > 1 and not any(leaf.why for leaf in leaves)


def way_of(found: Sequence[Decider]) -> Way:
    """How a box is decided, all of its items taken together."""
    ways = {way for decider in found for way in decider.ways if way is not Way.KEPT}
    if not ways:
        return Way.KEPT
    return Way.BOTH if len(ways) > 1 else ways.pop()


def render(boxes: Sequence[Box], deciders: Deciders, checklist: Checklist) -> str:
    """The page."""
    blocks = [HEADER, _counts(boxes, deciders)]
    for section, title in checklist.sections.items():
        rows = [box for box in boxes if box.id.rpartition(".")[0] == section]
        if rows:
            blocks.append(_table(f"{section} {title}", rows, deciders))
    others = [box for box in boxes if not box.numbered and box.id[0] not in checklist.sections]
    blocks.append(_table("Contacts, sign-off and history", others, deciders))
    return "\n".join(blocks)


def _counts(boxes: Sequence[Box], deciders: Deciders) -> str:
    numbered = [box for box in boxes if box.numbered]
    ways = Counter(way_of(deciders.get(box.id, ())) for box in numbered)
    waiting = sum(_waits(box, deciders.get(box.id, ())) for box in numbered)
    rows = [
        ("decided by machine", ways[Way.MACHINE]),
        ("decided by both", ways[Way.BOTH]),
        ("decided by a person", ways[Way.PERSON]),
        ("of these for now (*)", waiting),
        ("boxes", len(numbered)),
    ]
    return "\n".join(["| | boxes |", "| --- | ---: |", *(f"| {name} | {count} |" for name, count in rows), ""])


def _waits(box: Box, found: Sequence[Decider]) -> bool:
    return box.target is Way.MACHINE and way_of(found) is Way.PERSON


def _table(title: str, boxes: Sequence[Box], deciders: Deciders) -> str:
    rows = (_row(box, deciders.get(box.id, ())) for box in boxes)
    return "\n".join([f"\n## {title}\n", "| Box | Text | Item | How |", "| --- | --- | --- | --- |", *rows])


def _row(box: Box, found: Sequence[Decider]) -> str:
    text = box.text.replace("|", "\\|")
    items = "<br>".join(f"`{decider.name}`" for decider in found)
    kinds = "<br>".join(decider.how for decider in found)
    return f"| {box.id} | {text} | {items} | {kinds}{' (*)' if _waits(box, found) else ''} |"


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check the page; 0 well, 1 faults or a stale page, 2 a checklist that cannot be read."""
    parser = argparse.ArgumentParser(description="Which item decides which box.")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where something is wrong")
    parser.add_argument("--checklist", type=Path, default=ROOT / "checklist.yaml")
    parser.add_argument("--boxes", type=Path, default=ROOT / "tests/data/boxes.tsv")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/coverage.md")
    options = parser.parse_args(argv)
    try:
        checklist = load(options.checklist)
    except ConfigError as error:
        return _say([problem.message for problem in error.problems], 2)
    if checklist.problems:
        return _say([f"{problem.place}: {problem.message}" for problem in checklist.problems], 2)
    boxes, deciders = read_boxes(options.boxes), find_deciders(checklist)
    page = render(boxes, deciders, checklist) + "\n"
    stale = [] if _publish(options.page, page, write=not options.check) else [STALE.format(options.page.name)]
    faults = [*find_faults(boxes, deciders), *stale]
    return _say(faults, 1 if faults else 0)


def _publish(path: Path, page: str, *, write: bool) -> bool:
    """Write the page, or say whether it is already there as it should be."""
    if write:
        path.write_text(page, encoding="utf-8")
    return path.is_file() and path.read_text(encoding="utf-8") == page


def _say(sentences: Iterable[str], code: int) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
