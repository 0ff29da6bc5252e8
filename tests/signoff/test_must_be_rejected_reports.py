"""Reports that must not pass, however honestly they were signed: each with its exit code and its reason code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from readiness.signoff.statement import say_time
from tests.signoff.attacks import Attack, Case, Json, check, forge, forged, honest, rejects, row
from tests.signoff.scene import CHECKLIST, Scene

NOW = datetime.now(UTC)
LAX = {"block": ["fail", "error"], "full_run": False, "clean_tree": False, "max_waiver_days": None}
STRICT = "{block: [fail, error, pending, skipped], at: high, full_run: true, clean_tree: true, max_waiver_days: 9}"
EVERYTHING = "      everything: {title: All of it, items: all}\n"


def counted(report: Json, **changes: int) -> None:
    for state, difference in changes.items():
        report["verdict"]["counts"][state] += difference


# the report says more than its items and its checklist do


def dropped(report: Json) -> None:
    report["results"].remove(row(report, "app.there"))
    counted(report, **{"pass": -1})


def demoted(report: Json) -> None:
    row(report, "app.there")["severity"] = "low"


def apart(report: Json) -> None:
    row(report, "app.there").update(state="not_applicable", reason="environment")
    counted(report, **{"pass": -1, "not_applicable": 1})


def failed_and_low(report: Json) -> None:
    row(report, "app.there").update(state="fail", reason="mismatch", severity="low")
    counted(report, **{"pass": -1, "fail": 1})


def failed_below(report: Json) -> None:
    """A failing item that is made the whole of another one decides nothing."""
    row(report, "app.there").update(state="fail", reason="mismatch", whole=True)
    counted(report, **{"pass": -1})


def passed(report: Json) -> None:
    row(report, "rota").update(state="pass", reason=None)
    counted(report, **{"pass": 1, "pending": -1})


def other_gate(report: Json) -> None:
    report.update(gate="merge")
    report["rules"].update(LAX)


def other_environment(report: Json) -> None:
    """One that nobody made a policy for, by a gate that takes no approver."""
    other_gate(report)
    report.update(environment="prod")


def turned(report: Json) -> None:
    report["verdict"].update(state="ready", exit_code=0, blocking=[], conditions=[])


def stated(scene: Scene) -> None:
    """Before anybody signs, a failing report is made a ready one, in its words alone."""
    failing(scene)
    forge(scene, turned)
    scene.signed()


def failing(scene: Scene) -> None:
    scene.git("rm", "-q", "src/app.py")
    scene.commit("Gone", by="dev")
    check(scene)


def signed_failing(scene: Scene) -> None:
    failing(scene)
    scene.signed()


def dirty(scene: Scene) -> None:
    scene.write("left.txt", "over")
    check(scene)
    (scene.repo / "left.txt").unlink()
    scene.signed()


def filtered(scene: Scene) -> None:
    check(scene, "--only", "docs")
    scene.signed()


def with_checklist(text: str, change: Attack) -> Attack:
    def attack(scene: Scene) -> None:
        scene.write("checklist.yaml", text)
        scene.commit("Checklist", by="dev")
        check(scene)
        change(scene)

    return attack


def all_but_one(report: Json) -> None:
    """The sum of all is kept, and what fails in it is hidden below it."""
    row(report, "app.there").update(state="fail", reason="mismatch", parent="everything", whole=True)
    counted(report, **{"pass": -1})


def by_gate(gate: str) -> Attack:
    """A report by another gate than that of releases; nobody approves."""

    def attack(scene: Scene) -> None:
        check(scene, "--gate", gate)
        scene.sign("completer", "alice")

    return attack


def waived(scene: Scene) -> None:
    """A real waiver that ends before the results are too old."""
    end = (NOW + timedelta(days=1)).date()
    scene.git("rm", "-q", "LICENSE")
    scene.write(
        "waivers.yaml",
        "waivers:\n  - {id: W-1, item: docs.licence, environments: [production], reason: soon, ticket: T-1,\n"
        f"     requested_by: dev@kamiyo.ai, approved_by: lead@kamiyo.ai, expires: {end}}}\n",
    )
    gates = "gates: {release: " + STRICT.replace("high", "medium") + "}\n"
    with_checklist(CHECKLIST.replace("defaults:", f"{gates}defaults:"), honest)(scene)


def extended(report: Json) -> None:
    for waiver in (report["waivers"][0], row(report, "docs.licence")["waiver"]):
        waiver.update(expires="2126-01-01T00:00:00Z")


def waiver_extended(scene: Scene) -> None:
    waived(scene)
    for path in (scene.bundle, scene.ledger):
        path.unlink()
    forged(extended)(scene)


REPORTS = [
    Case("item dropped", forged(dropped), 5, "ITEMS"),
    Case("item demoted", forged(demoted), 5, "ITEMS"),
    Case("item beside the point", forged(apart), 5, "ITEMS"),
    Case("failing and of no weight", forged(failed_and_low), 5, "ITEMS"),
    Case("failing and deciding nothing", forged(failed_below), 5, "ITEMS"),
    Case("failing in everything", with_checklist(CHECKLIST + EVERYTHING, forged(all_but_one)), 5, "ITEMS"),
    Case("outcomes gone", forged(lambda it: row(it, "app.there").update(outcomes=[])), 5, "ITEMS"),
    Case("outcomes failed", forged(lambda it: row(it, "app.there")["outcomes"][0].update(state="fail")), 5, "ITEMS"),
    Case("passed by nobody", forged(passed), 5, "ITEMS"),
    Case("gate weakened", forged(lambda it: it["rules"].update(block=["fail"])), 5, "ITEMS"),
    Case("gate exchanged", forged(other_gate), 5, "ITEMS"),
    Case("no such gate", forged(lambda it: it.update(gate="friday")), 5, "ITEMS"),
    Case("no such environment", forged(other_environment), 5, "ITEMS"),
    Case("the gate of merges", by_gate("merge"), 5, "ITEMS"),
    Case("verdict turned", stated, 5, "MISMATCH"),
    Case("commit by a name", forged(lambda it: it.update(commit="refs/heads/main")), 5, "REPORT_DIGEST"),
    Case("naive time", forged(lambda it: it.update(finished="2026-11-23T10:00:00")), 5, "REPORT_DIGEST"),
    Case("report of tomorrow", forged(lambda it: it.update(finished=say_time(NOW + timedelta(days=1)))), 5, "FUTURE"),
    Case("report too old", forged(lambda it: it.update(finished=say_time(NOW - timedelta(days=4)))), 6, "STALE"),
    Case("schema of version 0", forged(lambda it: it.update(schema="readiness/report/v0")), 5, "REPORT_DIGEST"),
    Case("failing, honestly signed", signed_failing, 1, "NOT_READY"),
    Case("dirty tree", dirty, 1, "DIRTY"),
    Case("a part, honestly signed", filtered, 4, "NOT_READY"),
    Case("waiver expired since", waived, 6, "EXPIRED", ("--at", say_time(NOW + timedelta(days=2.5)))),
    Case("waiver made longer", waiver_extended, 5, "MISMATCH"),
    Case("for another environment", honest, 6, "WRONG_TARGET", ("--env", "staging")),
    Case("for another commit", honest, 6, "WRONG_TARGET", ("--commit", "main")),
    Case("for no commit", honest, 6, "WRONG_TARGET", ("--commit=--output=x",)),
]


@pytest.mark.parametrize("case", REPORTS, ids=str)
def test_reports(scene: Scene, case: Case) -> None:
    case.attack(scene)
    rejects(scene, case, separately=REPORTS.index(case) % 9 == 0)


def test_a_stricter_gate_of_another_name_does_not_do_without_an_approver(scene: Scene) -> None:
    scene.write("checklist.yaml", CHECKLIST.replace("defaults:", f"gates: {{strict: {STRICT}}}\ndefaults:"))
    scene.commit("A gate", by="dev")
    by_gate("strict")(scene)
    rejects(scene, Case("", honest, 5, "ITEMS"), separately=False)
