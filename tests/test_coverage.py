"""scripts/coverage.py: every box of the document is decided, once, by an item that exists."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.checklist.load import load
from scripts.coverage import ROOT, Way, find_deciders, main, read_boxes, way_of

NOTES = ["N.1", "N.2", "N.3", "N.4"]
SIGN_OFF = ["S.1", "S.2", "S.3", "S.4"]
HEAD = """\
version: 1
document: {version: "1.0", seed: V.1}
contacts: [{name: Support, email: support@kamiyo.ai, seed: C.1}]
sections:
  "1.1":
    title: Keys
    items:
"""
ITEMS = """\
      keys:
        seed: "1.1.1"
        title: Keys
        items:
          secret: {seed: "1.1.1a", title: Secret, check: env.key, with: {key: SECRET}}
          rotated: {seed: "1.1.1b", title: Rotated, manual: Look at the date.}
      price: {seed: "1.1.2", title: Price, check: env.key, with: {key: PRICE}}
"""
BOXES = """\
box\ttext\tdecided by\thow
1.1.1\tKeys\tmachine\troll-up
1.1.1a\tSecret | set\tmachine\tset
1.1.1b\tRotated\tperson\tattest
1.1.2\tPrice\tmachine\tset
C.1\tContacts\tmachine\tkept
V.1\tHistory\tmachine\tkept
"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A checklist, a table of boxes and a page in a folder of their own."""

    folder: Path

    def run(self, *options: str, items: str = ITEMS, boxes: str = BOXES) -> int:
        (self.folder / "checklist.yaml").write_text(HEAD + items, encoding="utf-8")
        (self.folder / "boxes.tsv").write_text(boxes, encoding="utf-8")
        paths = {"--checklist": "checklist.yaml", "--boxes": "boxes.tsv", "--page": "coverage.md"}
        return main([*options, *(part for name, file in paths.items() for part in (name, str(self.folder / file)))])

    @property
    def page(self) -> str:
        return (self.folder / "coverage.md").read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(folder=tmp_path)


def test_the_committed_page_is_fresh_and_covers_everything() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/coverage.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_was_just_written_is_fresh(desk: Desk) -> None:
    assert desk.run() == 0
    assert desk.run("--check") == 0


def test_the_page_says_how_each_box_is_decided(desk: Desk) -> None:
    desk.run()
    assert "| 1.1.1 | Keys | `keys` | roll-up (both) |" in desk.page
    assert "| 1.1.1a | Secret \\| set | `keys.secret` | env.key |" in desk.page
    assert "| 1.1.1b | Rotated | `keys.rotated` | person |" in desk.page
    assert "| C.1 | Contacts | `contacts` | kept |" in desk.page
    assert "| decided by machine | 2 |\n| decided by both | 1 |\n| decided by a person | 1 |" in desk.page


def test_a_person_who_stands_in_for_a_machine_is_marked(desk: Desk) -> None:
    desk.run(items=ITEMS.replace("check: env.key, with: {key: PRICE}", "manual: Look."))
    assert "| `price` | person (*) |" in desk.page
    assert "| of these for now (*) | 1 |" in desk.page


def test_a_stale_page_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.run()
    (desk.folder / "coverage.md").write_text(desk.page + "more\n", encoding="utf-8")
    assert desk.run("--check") == 1
    assert capsys.readouterr().err == "coverage.md is stale: run python scripts/coverage.py\n"
    assert desk.page.endswith("more\n")


def test_a_missing_page_is_stale(desk: Desk) -> None:
    assert desk.run("--check") == 1
    assert not (desk.folder / "coverage.md").exists()


def test_a_box_without_an_item_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run(boxes=BOXES + "1.1.3\tForgotten\tmachine\t\n") == 1
    assert capsys.readouterr().err == "1.1.3 (Forgotten) is decided by no item: name it in the `seed` of one\n"


def test_a_box_that_does_not_exist_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run(items=ITEMS + '      other: {seed: "9.9.9", title: Other, manual: Look.}\n') == 1
    assert capsys.readouterr().err == "9.9.9, named by other, is no box of the document\n"


SECOND = '      again: {seed: "1.1.2", title: Again, check: env.key, with: {key: PRICE}'


def test_two_items_for_one_box_need_a_reason(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run(items=ITEMS + SECOND + "}\n") == 1
    assert "1.1.2 is decided by price, again: let the `why`" in capsys.readouterr().err
    assert desk.run(items=ITEMS + SECOND + ", why: The other one asks elsewhere.}\n") == 0


def test_the_parts_of_one_item_may_share_a_box(desk: Desk) -> None:
    assert desk.run(items=ITEMS.replace('"1.1.1b"', '"1.1.1a"'), boxes=BOXES.replace("1.1.1b", "1.1.1a")) == 0


def test_a_part_of_another_box_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    stray = '          stray: {seed: "1.1.2", title: Stray, manual: Look., why: It asks a person.}\n      price:'
    assert desk.run(items=ITEMS.replace("      price:", stray)) == 1
    assert capsys.readouterr().err == "keys.stray is a part of keys, but of another box than 1.1.1\n"


@pytest.mark.parametrize("items", ["      a: {title: [}\n", "      a: {title: A, chek: env.key}\n"])
def test_a_checklist_that_cannot_be_read_is_no_coverage(
    desk: Desk, items: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.run("--check", items=items) == 2
    assert capsys.readouterr().err


def test_the_document_has_286_boxes_and_ten_notes() -> None:
    boxes = read_boxes(ROOT / "tests/data/boxes.tsv")
    assert len({box.id for box in boxes}) == len(boxes)
    assert sum(box.numbered for box in boxes) == 286
    assert [box.id for box in boxes if not box.numbered] == [*NOTES, "C.1", *SIGN_OFF, "V.1"]


def test_a_machine_takes_part_in_at_least_110_boxes() -> None:
    deciders = find_deciders(load(ROOT / "checklist.yaml"))
    ways = [way_of(deciders[box.id]) for box in read_boxes(ROOT / "tests/data/boxes.tsv") if box.numbered]
    assert ways.count(Way.MACHINE) >= 60
    assert ways.count(Way.MACHINE) + ways.count(Way.BOTH) >= 110
