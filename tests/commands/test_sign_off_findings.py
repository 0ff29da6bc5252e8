"""``readiness sign-off`` refuses what ``readiness verify`` would, with the same code, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from readiness.signoff.statement import say_time
from tests.commands.signing_office import Office
from tests.signoff.attacks import check, forge, row
from tests.signoff.scene import CHECKLIST, Scene


def completed(scene: Scene) -> None:
    scene.sign("completer", "bob")


def failing(scene: Scene) -> None:
    scene.git("rm", "-q", "src/app.py")
    scene.commit("Gone", by="dev")
    check(scene)


def dirty(scene: Scene) -> None:
    scene.write("left.txt", "over")
    check(scene)


def aged(scene: Scene) -> None:
    forge(scene, lambda it: it.update(finished=say_time(datetime.now(UTC) - timedelta(days=4))))


def cut(scene: Scene) -> None:
    completed(scene)
    scene.sign("completer", "alice")
    scene.ledger.write_bytes(scene.ledger.read_bytes().splitlines(keepends=True)[1])


def edited(scene: Scene) -> None:
    completed(scene)
    raw = scene.ledger.read_bytes()
    scene.ledger.write_bytes(raw.replace(b'"environment":"production"', b'"environment":"staging"'))


def dropped(scene: Scene) -> None:
    def drop(report: dict[str, object]) -> None:
        rows = report["results"]
        assert isinstance(rows, list)
        rows.remove(row(report, "docs.licence"))

    forge(scene, drop)


def stricter(scene: Scene) -> None:
    """A gate that asks for as much as `release`, by a name that takes no approver."""
    rules = "{block: [fail, error, pending, skipped], at: high, full_run: true, clean_tree: true, max_waiver_days: 9}"
    scene.write("checklist.yaml", CHECKLIST.replace("defaults:", f"gates: {{strict: {rules}}}\ndefaults:"))
    scene.commit("A gate", by="dev")
    check(scene, "--gate", "strict")


def rejected(scene: Scene) -> None:
    completed(scene)
    scene.sign("approver", "dave", decision="reject")


REFUSED: dict[str, tuple[Callable[[Scene], None], str, str, int, str]] = {
    "the author": (completed, "approver", "dev", 5, "TWO_PERSON"),
    "the completer": (completed, "approver", "bob", 5, "TWO_PERSON"),
    "not ready": (failing, "completer", "alice", 1, "NOT_READY"),
    "dirty": (dirty, "completer", "alice", 1, "DIRTY"),
    "a filtered run": (lambda scene: check(scene, "--only", "docs"), "completer", "alice", 4, "NOT_READY"),
    "the gate of merges": (lambda scene: check(scene, "--gate", "merge"), "completer", "alice", 5, "ITEMS"),
    "a gate of another name": (stricter, "completer", "alice", 5, "ITEMS"),
    "a stale report": (aged, "completer", "alice", 6, "STALE"),
    "an item less": (dropped, "completer", "alice", 5, "MISMATCH"),
    "a ledger without its beginning": (cut, "approver", "carol", 5, "CHAIN"),
    "a ledger edited": (edited, "approver", "carol", 5, "CHAIN"),
    "rejected": (rejected, "approver", "carol", 1, "REJECTED"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(office: Office, name: str) -> None:
    prepare, role, signer, exit_code, code = REFUSED[name]
    prepare(office.scene)
    assert office.refused(role, signer, code=exit_code).startswith(f"error: {code}: ")


def test_an_honest_one_is_signed(office: Office) -> None:
    assert office.sign("completer", "alice").code == 0
    assert office.sign("approver", "carol").code == 0
    assert office.scene.codes() == (0, set())
