"""``readiness sign-off``: who may not sign what, and why; then nothing is written."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from readiness.signoff.model import BUNDLE
from tests.commands.signing_office import Office


def test_the_approver_comes_after_the_completer(office: Office) -> None:
    assert office.refused("approver", "carol", code=4).startswith("error: THRESHOLD: an approver signs after")


def test_who_wrote_the_change_does_not_approve_it(office: Office) -> None:
    office.sign("completer", "alice")
    said = office.refused("approver", "dev", code=5)
    assert "TWO_PERSON" in said
    assert "dev@kamiyo.ai" in said
    assert "author of 1 commit" in said


def test_who_completed_it_does_not_approve_it_nor_the_reverse(office: Office) -> None:
    office.sign("completer", "bob")
    assert "TWO_PERSON" in office.refused("approver", "bob", code=5)
    office.sign("approver", "carol")
    office.sign("completer", "alice")
    assert [entry.signer for entry in office.ledger.entries] == ["bob@kamiyo.ai", "carol@kamiyo.ai", "alice@kamiyo.ai"]


def test_a_late_completer_who_has_approved_is_refused(office: Office) -> None:
    office.sign("completer", "alice")
    office.sign("approver", "bob")
    assert "TWO_PERSON" in office.refused("completer", "bob", code=5)
    assert office.scene.verify().exit_code == 0


def test_a_key_without_the_role_and_a_key_of_nobody(office: Office) -> None:
    assert "ROLE: " in office.refused("completer", "carol", code=3)
    assert "UNKNOWN_KEY: " in office.refused("completer", "mallory", code=3)


def test_no_key_at_all(office: Office) -> None:
    done = office.run("--as", "completer", "--yes")
    assert done.code == 3
    assert "there are none" in done.err
    assert "readiness signers add NAME --role completer" in done.err


def test_a_report_that_is_not_ready_can_be_rejected_and_not_approved(office: Office) -> None:
    (office.scene.repo / "src/app.py").unlink()
    office.scene.commit("Gone", by="dev")
    office.check_again()
    assert "NOT_READY" in office.refused("completer", "alice", code=1)
    assert office.sign("completer", "alice", "--reject").code == 0


def test_a_dirty_tree_is_not_signed(office: Office) -> None:
    office.scene.write("src/app.py", "print('other')\n")
    office.check_again()
    assert "DIRTY" in office.refused("completer", "alice", code=1)


def test_a_report_of_another_commit_is_not_signed(office: Office) -> None:
    office.scene.write("src/app.py", "print('other')\n")
    office.scene.commit("More", by="dev")
    assert "WRONG_TARGET" in office.refused("completer", "alice", code=6)


def test_another_environment_than_the_one_named(office: Office) -> None:
    done = office.run(
        str(office.scene.report), "--as", "completer", "--key", office.key("alice"), "--yes", "-e", "staging"
    )
    assert done.code == 6
    assert "WRONG_TARGET: the report is for production, not for staging" in done.err


def test_a_changed_report_and_a_damaged_bundle_are_not_signed(office: Office) -> None:
    office.sign("completer", "alice")
    report = office.scene.report
    raw = report.read_bytes()
    report.write_bytes(raw.replace(b'"title": "A readme"', b'"title": "A Readme"'))
    assert "REPORT_DIGEST" in office.refused("approver", "carol", code=5)
    report.write_bytes(raw)
    report.with_name(BUNDLE).write_bytes(office.bundle[:-20])
    assert "MALFORMED" in office.refused("approver", "carol", code=5)


def test_a_ledger_that_was_cut_is_not_continued(office: Office) -> None:
    office.sign("completer", "alice")
    office.scene.ledger.write_bytes(b"")
    assert "CHAIN" in office.refused("approver", "carol", code=5)


def test_a_clock_that_was_set_back(office: Office) -> None:
    report = office.scene.report
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = office.scene.facts["finished"]
    report.write_bytes(report.read_bytes().replace(f'"finished": "{said}"'.encode(), f'"finished": "{later}"'.encode()))
    assert "FUTURE: " in office.refused("completer", "alice", code=5)


def test_no_protected_branch(office: Office) -> None:
    office.scene.git("remote", "remove", "origin")
    assert "TRUST" in office.refused("completer", "alice", code=3)
    done = office.sign("completer", "alice", "--trust-ref", "main")
    assert done.code == 0, done.err


def test_outside_a_repository(office: Office, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("elsewhere") / "reports"
    shutil.copytree(office.scene.repo / "reports", place)
    report = next(place.rglob("report.json"))
    done = office.run(str(report), "--as", "completer", "--key", office.key("alice"), "--yes")
    assert done.code == 3
    assert "TRUST" in done.err


def test_an_own_signer_in_the_change_itself_does_not_count(office: Office) -> None:
    line = f'mallory@kamiyo.ai namespaces="readiness.completer" {office.scene.public("mallory")}\n'
    office.scene.write(".readiness/allowed_signers", office.scene.signers() + line)
    office.scene.commit("Let me in", by="dev")
    office.check_again()
    assert "UNKNOWN_KEY" in office.refused("completer", "mallory", code=3)


def test_a_key_revoked_on_main_does_not_sign(office: Office) -> None:
    office.scene.on_main({".readiness/revoked_keys": f"{office.scene.public('alice')}\n"})
    assert "KEY_REVOKED" in office.refused("completer", "alice", code=3)


def test_mistakes_of_the_command_line(office: Office) -> None:
    key = office.key("alice")
    for options, said in {
        ("--as", "boss", "--yes"): "there is no such role",
        ("--as", "completer", "--yes", "--planned", "2026-12-31T12:00:00"): "with a zone",
        ("--as", "completer", "--yes", "--planned", "tomorrow"): "with a zone",
        ("--as", "completer", "--yes", "--expires", "2020-01-01T00:00:00Z"): "is not in the future",
        ("--as", "completer", "--yes", "--comment", "x" * 10_001): "at most 10,000 are kept",
        ("--as", "completer", "--yes", "--change", "\udcff"): "--change: this is not UTF-8",
        ("--as", "completer", "--yes", "--expires", "5x"): "is no duration",
        ("--as", "completer"): "there is no terminal to confirm at",
        ("--as", "completer", "--yes", "-e", "nowhere"): "there is no report below reports/nowhere",
        ("none.json", "--as", "completer", "--yes"): "there is no report none.json",
        ("checklist.yaml", "--as", "completer", "--yes"): "is no report",
    }.items():
        done = office.run(*options, "--key", key)
        assert done.code == 2, (options, done)
        assert said in done.err, (options, done.err)
        assert "Traceback" not in done.err
    assert not office.scene.report.with_name(BUNDLE).exists()
