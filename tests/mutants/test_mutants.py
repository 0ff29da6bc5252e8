"""A part of the proof that is quick; `make mutants` does all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from readiness._bundled import REFERENCE
from tests.mutants.__main__ import main
from tests.mutants.look import judge, leaves
from tests.mutants.model import Change, Mutant, Variant, mutants, variants

EVERY = 60
"""One of so many is tried here."""
NAMES = {change.name: change for change in (*mutants(), *variants())}


def some(changes: Sequence[Change], *, served: bool) -> list[str]:
    return [change.name for change in changes if change.served is served][::EVERY]


@pytest.mark.parametrize("name", [*some(mutants(), served=False), *some(variants(), served=False)])
def test_what_needs_no_service(name: str) -> None:
    assert judge(NAMES[name]).complaint is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [*some(mutants(), served=True), *some(variants(), served=True)])
def test_what_the_service_shows(name: str) -> None:
    assert judge(NAMES[name]).complaint is None


def test_there_are_enough_of_both() -> None:
    assert len(mutants()) >= 750
    assert len(variants()) >= 195


def test_each_change_fits_the_source() -> None:
    misfits = [name for name, wanted in NAMES.items() if not fits(wanted)]
    assert not misfits


def fits(wanted: Change) -> bool:
    kept = [REFERENCE / path for path in (*wanted.append, *wanted.delete, *wanted.crlf, *wanted.chmod)]
    return all(path.is_file() for path in kept) and all(holds(path, edits) for path, edits in wanted.edit.items())


def holds(path: str, edits: Mapping[str, str]) -> bool:
    text = (REFERENCE / path).read_text("utf-8")
    for old, new in edits.items():
        if old not in text:
            return False
        text = text.replace(old, new)
    return True


def test_every_item_that_a_machine_decides_has_a_mutant() -> None:
    without = {entry.id for entry in leaves()} - {item for mutant in mutants() for item in mutant.item}
    assert not without


def test_a_mutant_that_nobody_notices_is_a_survivor() -> None:
    unnoticed = Mutant(name="unnoticed", item=("email.spf.from",), only=("email.*",), append={"README.md": "\nMore.\n"})
    assert judge(unnoticed).complaint == "email.spf.from says pass"


def test_an_error_kills_no_mutant() -> None:
    unreadable = Mutant(
        name="unreadable", item=("env-files.example-values",), only=("env-files.*",), delete=(".env.example",)
    )
    assert judge(unreadable).complaint == "env-files.example-values says error"


def test_a_mutant_that_fits_no_more_is_a_survivor() -> None:
    outdated = Mutant(name="outdated", item=("email.spf.from",), edit={"api/main.py": {"no such text": ""}})
    assert judge(outdated).complaint == "ValueError: api/main.py does not hold 'no such text'"


def test_an_accused_variant_is_a_false_alarm() -> None:
    wrong = Variant(name="wrong", only=("email.*",), zone={"v=DMARC1": "v=DMARC2"})
    assert "email.dmarc says fail" in (judge(wrong).complaint or "")


def test_the_score_and_no_key_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spf-missing", "spf-soft", "live-key-in-python"]) == 0
    assert capsys.readouterr().out.startswith("killed 2/2, false alarms 0/1 in ")
