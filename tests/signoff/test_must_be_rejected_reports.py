"""Reports that must not pass, however honestly they were signed, and changes that bring their own judges."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness.signoff.statement import say_time
from tests.signoff.attacks import Attack, Case, Json, check, forge, forged, honest, rejects, row, told
from tests.signoff.scene import CHECKLIST, PEOPLE, Scene, address

NOW = datetime.now(UTC)
LAX = {"block": ["fail", "error"], "full_run": False, "clean_tree": False, "max_waiver_days": None}
STRICT = "{block: [fail, error, pending, skipped], at: high, full_run: true, clean_tree: true, max_waiver_days: 9}"
EVERYTHING = "      everything: {title: All of it, items: all}\n"
OWN = "mallory", "mallet"
"""Keys of one attacker, with two names."""


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


# a change brings its own judges


def own_signers(scene: Scene) -> str:
    """Everybody, and two names of the attacker."""
    both = ",".join(dict.fromkeys(",".join(PEOPLE.values()).split(",")))
    return scene.signers() + "".join(f'{address(name)} namespaces="{both}" {scene.public(name)}\n' for name in OWN)


def own_sign_offs(scene: Scene) -> None:
    scene.sign("completer", OWN[0])
    scene.sign("approver", OWN[1])


def in_the_tree(scene: Scene) -> None:
    own_sign_offs(scene)
    scene.write(".readiness/allowed_signers", own_signers(scene))


def on_the_branch(scene: Scene) -> None:
    scene.write(".readiness/allowed_signers", own_signers(scene))
    scene.commit("Me too", by="dev")
    check(scene)
    own_sign_offs(scene)


def as_a_tag(scene: Scene) -> None:
    on_the_branch(scene)
    for name in ("origin/HEAD", "origin/main", "refs/remotes/origin/HEAD"):
        scene.git("tag", name)


def as_a_bare_repository(scene: Scene) -> None:
    """Files that git takes for a repository lie beside the report, where they may be committed."""
    evil = own_repository(scene)
    scene.git("update-ref", "refs/remotes/origin/HEAD", "refs/heads/main", cwd=evil)
    own_sign_offs(scene)
    for name in ("HEAD", "objects", "refs", "packed-refs"):
        source, target = evil / ".git" / name, scene.report.parent / name
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)
    (scene.report.parent / "config").write_text("[core]\n\tbare = true\n\tfsmonitor = touch ran\n", "utf-8")


def own_repository(scene: Scene) -> Path:
    """A clone with the same change, whose `main` lists the attacker."""
    evil = scene.path / "evil"
    scene.git("clone", "-q", "--no-local", str(scene.repo), str(evil))
    scene.git("checkout", "-q", "-b", "main", "origin/main", cwd=evil)
    (evil / ".readiness" / "allowed_signers").write_text(own_signers(scene), "utf-8")
    scene.git("commit", "-q", "-a", "-m", "Mine", cwd=evil)
    scene.git("checkout", "-q", "change", cwd=evil)
    return evil


def as_a_submodule(scene: Scene) -> None:
    """The folder of reports is a link into a submodule, which has branches of its own."""
    evil = own_repository(scene)
    own_sign_offs(scene)
    shutil.copytree(scene.repo / "reports", evil / "reports", dirs_exist_ok=True)
    shutil.rmtree(scene.repo / "reports")
    scene.git("add", "-A", cwd=evil)
    scene.git("commit", "-q", "-m", "Reports", cwd=evil)
    scene.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "-b", "change", str(evil), "vendor")
    scene.git("remote", "set-head", "origin", "main", cwd=scene.repo / "vendor")
    (scene.repo / "reports").symlink_to("vendor/reports")


def no_approver_in_the_tree(scene: Scene) -> None:
    scene.write(".readiness/policy.yaml", "production: {require: {approver: 0}}\n")
    scene.sign("completer", "alice")


def no_approver_on_the_branch(scene: Scene) -> None:
    scene.write(".readiness/policy.yaml", "production: {require: {approver: 0}}\n")
    scene.commit("Quicker", by="dev")
    check(scene)
    scene.sign("completer", "alice")


JUDGES = [
    Case("own approver in the working tree", in_the_tree, 5, "UNKNOWN_KEY"),
    Case("own approver on the branch", on_the_branch, 5, "UNKNOWN_KEY"),
    Case("own approver on the branch of a tag's name", as_a_tag, 5, "UNKNOWN_KEY"),
    Case("own approver in a bare repository", as_a_bare_repository, 5, "UNKNOWN_KEY"),
    Case("own approver in a submodule", as_a_submodule, 3, "TRUST"),
    Case("policy weakened in the working tree", no_approver_in_the_tree, 4, "THRESHOLD"),
    Case("policy weakened on the branch", no_approver_on_the_branch, 4, "THRESHOLD"),
]


@pytest.mark.parametrize("case", JUDGES, ids=str)
def test_judges(scene: Scene, case: Case) -> None:
    case.attack(scene)
    rejects(scene, case, separately=True)
    assert not list(scene.repo.rglob("ran"))


def test_who_stands_in_a_submodule_means_its_own_branches(scene: Scene) -> None:
    as_a_submodule(scene)
    inside = Scene(scene.path / "inside")
    inside.path.mkdir()
    (inside.path / "work").symlink_to(scene.repo / "vendor")
    assert told(inside).exit == 0
