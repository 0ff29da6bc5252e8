"""A report that says more than its items and its checklist do is found out, however honestly it was signed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.signoff.model import SignOffError
from readiness.signoff.outline import digests, loaded, outline
from readiness.signoff.verify import Target, verify
from tests.engine import ROOT
from tests.signoff.scene import CHECKLIST, Scene

Report = dict[str, Any]


def forge(scene: Scene, change: Callable[[Report], Any]) -> None:
    """Change the report before anybody signs it."""
    facts = scene.facts
    change(facts)
    scene.report.write_text(json.dumps(facts, indent=2), "utf-8")


def line(report: Report, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report["results"] if one["id"] == name)
    return found


def drop(report: Report) -> None:
    report["results"].remove(line(report, "app.there"))
    report["verdict"]["counts"]["pass"] -= 1


def demote(report: Report) -> None:
    line(report, "app.there")["severity"] = "low"


def hide_below(report: Report) -> None:
    """A failing item that is made the whole of another one decides nothing."""
    line(report, "app.there").update(state="fail", reason="mismatch", whole=True)
    line(report, "rota")["parent"] = "app.there"
    report["verdict"]["counts"]["pass"] -= 1


def beside_the_point(report: Report) -> None:
    line(report, "app.there").update(state="not_applicable", reason="environment")
    report["verdict"]["counts"].update({"pass": 2, "not_applicable": 2})


def by_condition(report: Report) -> None:
    beside_the_point(report)
    line(report, "app.there").update(reason="when")


def by_a_person(report: Report) -> None:
    beside_the_point(report)
    line(report, "app.there").update(reason="attested")


def elsewhere(report: Report) -> None:
    line(report, "app.there")["section"] = "2"


def one_more(report: Report) -> None:
    report["results"].append({**line(report, "app.there"), "id": "another"})
    report["verdict"]["counts"]["pass"] += 1


def twice(report: Report) -> None:
    report["results"].append(line(report, "app.there"))
    report["verdict"]["counts"]["pass"] += 1


def laxer_gate(report: Report) -> None:
    report["rules"]["block"] = ["fail"]


def other_gate(report: Report) -> None:
    rules = {"block": ["fail", "error"], "full_run": False, "clean_tree": False, "max_waiver_days": None}
    report["rules"].update(rules)
    report["gate"] = "merge"


def no_such_gate(report: Report) -> None:
    report["gate"] = "friday"


def nothing_asserted(report: Report) -> None:
    line(report, "app.there")["outcomes"] = []


def nobody_attested(report: Report) -> None:
    line(report, "rota").update(state="pass", reason=None)
    report["verdict"]["counts"].update({"pass": 4, "pending": 0})


def failed_assertion(report: Report) -> None:
    line(report, "app.there")["outcomes"][0]["state"] = "fail"


ITEMS = [drop, demote, hide_below, beside_the_point, by_condition, by_a_person, elsewhere, one_more, twice]
ITEMS += [laxer_gate, other_gate, no_such_gate, nothing_asserted, nobody_attested, failed_assertion]


@pytest.mark.parametrize("change", ITEMS)
def test_items_against_the_checklist(scene: Scene, change: Callable[[Report], None]) -> None:
    forge(scene, change)
    exit_code, codes = scene.signed().codes()
    assert exit_code == 5
    assert "ITEMS" in codes
    assert codes <= {"ITEMS", "MISMATCH"}


def failing(report: Report) -> None:
    line(report, "app.there").update(state="fail", reason="mismatch", blocking=True)


def fewer_blocking(report: Report) -> None:
    failing(report)
    report["verdict"].update(state="not_ready", exit_code=1)
    report["verdict"]["counts"].update({"pass": 2, "fail": 1})


def better_section(report: Report) -> None:
    report["sections"][0]["state"] = "fail"


def better_whole(report: Report) -> None:
    next(one for one in report["results"] if one["whole"])["state"] = "error"


@pytest.mark.parametrize("change", [better_section, better_whole])
def test_sums_against_their_parts(scene: Scene, change: Callable[[Report], None]) -> None:
    forge(scene, change)
    assert scene.signed().codes() == (5, {"MISMATCH"})


def test_another_checklist_than_the_policy_asks_for(scene: Scene) -> None:
    """A change may bring an easier checklist, and have it run."""
    scene.on_main({".readiness/policy.yaml": "production: {checklist: ops/checklist.yaml}\n"})
    assert scene.signed().codes() == (5, {"ITEMS"})


def test_an_emptied_ledger_is_no_missing_one(scene: Scene, tmp_path: Path) -> None:
    """Moved away from its repository, with a ledger from which all was taken."""
    scene.signed()
    away = tmp_path / "away"
    shutil.copytree(scene.repo / "reports", away / "reports")
    shutil.copyfile(scene.repo / ".readiness" / "allowed_signers", away / "allowed_signers")
    report = away / scene.report.relative_to(scene.repo)
    (away / "reports" / "ledger.jsonl").write_bytes(b"")
    done = verify(Target(report=report, allowed_signers=away / "allowed_signers"))
    assert done.finding is not None
    assert done.finding.code == "CHAIN"


@pytest.mark.parametrize("change", [failing, fewer_blocking])
def test_the_verdict_against_the_items(scene: Scene, change: Callable[[Report], None]) -> None:
    forge(scene, change)
    exit_code, codes = scene.signed().codes()
    assert exit_code == 5
    assert codes >= {"MISMATCH", "NOT_READY"}


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("src/app.py", None, (1, {"NOT_READY"})),
        ("dirty.txt", "left over", (1, {"NOT_READY", "DIRTY"})),
    ],
)
def test_an_honest_report_that_is_not_ready(
    scene: Scene, name: str, change: str | None, expected: tuple[int, set[str]]
) -> None:
    if change is None:
        scene.git("rm", "-q", name)
        scene.commit("Gone", by="dev")
    else:
        scene.write(name, change)
    scene.check()
    assert scene.signed().codes() == expected


def test_a_filtered_report(scene: Scene) -> None:
    scene.check("--only", "docs")
    assert scene.signed().codes() == (4, {"NOT_READY"})


def test_another_checklist_than_that_of_the_commit(scene: Scene) -> None:
    scene.write("checklist.yaml", CHECKLIST.replace("critical", "low"))
    scene.check("--gate", "merge")
    exit_code, codes = scene.signed().codes()
    assert exit_code == 5
    assert codes >= {"MISMATCH", "DIRTY"}


def waived(report: Report, **changes: Any) -> None:
    """An item that failed, with a waiver of thirty days."""
    end = datetime.now(UTC) + timedelta(days=30)
    waiver = {
        "id": "W-1",
        "item": "docs.licence",
        "reason": "soon",
        "requested_by": "dev@kamiyo.ai",
        "approved_by": "lead@kamiyo.ai",
        "expires": end.isoformat(),
        "ticket": None,
        "status": "used",
        "expiring": False,
        **changes,
    }
    report["waivers"] = [waiver]
    report["rules"]["at"] = "medium"
    failed = line(report, "docs.licence")
    failed.update(state="fail", reason="missing", waiver=waiver)
    for whole in (line(report, name) for name in (failed["parent"],) if name):
        whole["state"] = "fail"
    next(one for one in report["sections"] if one["id"] == failed["section"])["state"] = "fail"
    report["verdict"]["counts"].update({"pass": 2, "fail": 1})


def waiving(scene: Scene, **changes: Any) -> Scene:
    """A checklist whose gate minds it, and a report that lets it pass."""
    checklist = CHECKLIST.replace(
        "defaults:",
        "gates: {release: {block: [fail, error], at: medium, full_run: true, clean_tree: true, max_waiver_days: 90}}\n"
        "defaults:",
    )
    scene.write("checklist.yaml", checklist)
    scene.commit("Gate", by="dev")
    scene.check()
    forge(scene, lambda report: waived(report, **changes))
    return scene.signed()


def test_a_waiver_holds_until_it_ends(scene: Scene) -> None:
    waiving(scene, expires=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    found = scene.verify()
    assert (found.exit_code, found.findings) == (0, ())
    assert found.valid_until == datetime.fromisoformat(scene.facts["waivers"][0]["expires"])
    assert scene.codes(at=datetime.now(UTC) + timedelta(days=2)) == (6, {"EXPIRED"})


@pytest.mark.parametrize(
    "changes",
    [
        {"item": "docs.readme"},
        {"status": "unused"},
        {"approved_by": "Dev@kamiyo.ai "},
        {"expires": "2126-01-01T00:00:00Z"},
        {"expires": "2026-01-01T00:00:00Z"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_waiver_against_its_own_rules(scene: Scene, changes: dict[str, str]) -> None:
    exit_code, codes = waiving(scene, **changes).codes()
    assert exit_code == 5
    assert codes <= {"MISMATCH", "EXPIRED"}


def test_packs_are_those_of_the_commit(scene: Scene) -> None:
    """A checklist with packs is read whole, from git: what lies in the working tree does not matter."""
    item = "        severity: critical\n"
    pack = 'sections:\n  "1":\n    items:\n      packed: {title: Packed, check: repo.file, with: {path: README.md}}\n'
    scene.write("ops/pack.yaml", pack)
    scene.write("checklist.yaml", CHECKLIST.replace("service: shop\n", "service: shop\ninclude: [ops/pack.yaml]\n"))
    scene.commit("Packs", by="dev")
    scene.check()
    assert item in CHECKLIST
    scene.signed()
    scene.write("ops/pack.yaml", "nonsense: [")
    assert scene.codes() == (0, set())
    forge(scene, lambda report: report["results"].remove(line(report, "packed")))
    assert "ITEMS" in scene.codes()[1]


@pytest.mark.parametrize("text", [CHECKLIST, (ROOT / "checklist.yaml").read_text("utf-8")], ids=["small", "default"])
def test_both_readings_of_a_checklist_agree(text: str, tmp_path: Path) -> None:
    place = tmp_path / "checklist.yaml"
    place.write_text(text, "utf-8")
    found = outline(text.encode(), "checklist.yaml")
    assert found == loaded(place)
    assert found
    assert found.items


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"sections: []", b"sections: {a: {items: {b: 1}}}", b"a: 1\na: 2", b"\xff", b"version: 1"]
)
def test_what_is_no_checklist(raw: bytes) -> None:
    with pytest.raises(SignOffError):
        outline(raw, "checklist.yaml")


def test_line_ends_and_marks_do_not_change_a_checklist() -> None:
    unix = b"a: 1\nb: 2\n"
    assert digests(unix) == digests(unix.replace(b"\n", b"\r\n")) == digests(b"\xef\xbb\xbf" + unix)
    assert digests(unix) != digests(b"a: 1\nb: 3\n")
