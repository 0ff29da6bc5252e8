"""``readiness sign-off``: what is shown, signed and written."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.commands.signing_office import Office


def test_completed_and_approved_it_verifies(office: Office) -> None:
    first = office.sign("completer", "alice")
    assert first.code == 0, first.err
    assert "signed as completer by alice@kamiyo.ai: reports/production/" in first.out
    assert "readiness sign-off --as approver" in first.err
    assert "by bob@kamiyo.ai or carol@kamiyo.ai or dave@kamiyo.ai\n" in first.err
    second = office.sign("approver", "carol")
    assert second.code == 0, second.err
    found = office.scene.verify()
    assert (found.exit_code, found.findings) == (0, ())
    assert [(one.role.value, one.signer) for one in found.sign_offs] == [
        ("completer", "alice@kamiyo.ai"),
        ("approver", "carol@kamiyo.ai"),
    ]


def test_stock_ssh_keygen_verifies_what_is_written(office: Office, tmp_path: Path) -> None:
    office.sign("completer", "alice")
    (line,) = office.bundle.splitlines()
    fields = json.loads(line)
    payload = base64.b64decode(fields["payload"])
    kind = fields["payloadType"].encode()
    signature = base64.b64encode(base64.b64decode(fields["signatures"][0]["sig"])).decode()
    armored = tmp_path / "sig"
    armored.write_text(f"-----BEGIN SSH SIGNATURE-----\n{signature}\n-----END SSH SIGNATURE-----\n", "ascii")
    signers = office.scene.repo / ".readiness" / "allowed_signers"
    command = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "alice@kamiyo.ai", "-n", "readiness.completer"]
    done = subprocess.run(
        [*map(str, command), "-s", str(armored)],
        input=b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_will_be_signed_is_shown(office: Office) -> None:
    shown = office.sign(
        "completer", "alice", "--planned", "2026-12-31T13:00:00+01:00", "--expires", "2d", "--change", "SHOP-7",
        "--reason", "Faster", "--security-impact", "None", "--rollback", "Redeploy", "--comment", "Looks good",
    )  # fmt: skip
    words = " ".join(shown.err.split())
    for part in (
        "sign as completer, as alice@kamiyo.ai (Alice)",
        "verdict ready: nothing blocks",
        "items 1 pending, 3 pass, 1 not_applicable",
        "waived none",
        "attested none",
        "environment production",
        f"commit {office.scene.facts['commit']}",
        "planned for 2026-12-31 12:00:00 UTC",
        "ref SHOP-7",
        "reason Faster",
        "security impact None",
        "rollback Redeploy",
        "comment Looks good",
        "(ssh-ed25519)",
        "allowed by origin/HEAD at",
    ):
        assert part in words, part
    (sign_off,) = office.scene.verify().sign_offs
    assert sign_off.planned_deployment == datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert sign_off.expires_on
    assert sign_off.expires_on - sign_off.signed_on > timedelta(days=1, hours=23)
    assert sign_off.change.ref == "SHOP-7"
    assert sign_off.change.rollback == "Redeploy"
    assert sign_off.comment == "Looks good"


def test_the_ledger_records_it_and_the_statement_names_its_heads(office: Office) -> None:
    office.sign("completer", "alice")
    office.sign("approver", "carol")
    first, second = office.ledger.entries
    assert (first.role, first.signer, second.signer) == ("completer", "alice@kamiyo.ai", "carol@kamiyo.ai")
    assert second.prev == (first.id,)
    assert office.statements()[1]["ledgerHeads"] == [first.id]
    assert office.statements()[1]["reviewed"] == first.statement


def test_a_key_is_found_by_itself(office: Office) -> None:
    office.home_key("alice")
    done = office.run("--as", "completer", "--yes")
    assert done.code == 0, done.err
    assert "~/.ssh/id.pub" in done.err


def test_twice_is_told_and_not_written(office: Office) -> None:
    office.sign("completer", "alice")
    before = office.state()
    again = office.sign("completer", "alice")
    assert again.code == 0
    assert "already; nothing was written" in again.err
    assert office.state() == before


def test_a_rejection_stays_and_nobody_signs_on_top(office: Office) -> None:
    office.sign("completer", "alice")
    done = office.sign("approver", "carol", "--reject", "--comment", "The rollback is missing")
    assert done.code == 0
    assert "rejected as approver by carol@kamiyo.ai" in done.out
    assert office.scene.codes() == (1, {"REJECTED", "THRESHOLD"})
    said = office.refused("approver", "dave", code=1)
    assert "carol@kamiyo.ai rejected the release as approver: The rollback is missing" in said
    assert office.sign("approver", "dave", "--reject").code == 0
    assert "already" in office.sign("approver", "dave", "--reject").err


def test_control_characters_in_a_comment_do_not_reach_the_terminal(office: Office) -> None:
    done = office.sign("completer", "alice", "--comment", "\x1b[2Jgone\u202e")
    assert done.code == 0
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err


def test_two_people_at_once(office: Office) -> None:
    both = [office.start("--as", "completer", "--key", office.key(name), "--yes") for name in ("alice", "bob")]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert sorted(str(entry.signer) for entry in office.ledger.entries) == ["alice@kamiyo.ai", "bob@kamiyo.ai"]
    assert office.scene.codes() == (4, {"THRESHOLD"})
