"""``readiness signers``: who is listed, what is proposed, and what no list should get."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commands.signing_office import Office
from tests.engine import Done

FRESH = ".readiness/allowed_signers"


@pytest.fixture
def signers(office: Office) -> Path:
    """The file in the working tree."""
    return office.scene.repo / FRESH


def add(office: Office, principal: str, name: str, *more: str, role: str = "approver") -> Done:
    key = f"{office.key(name)}.pub"
    return office.command("signers", "add", principal, "--role", role, "--key", key, *more)


def said_no(done: Done) -> str:
    assert done.code == 2, done
    assert done.out == ""
    assert "Traceback" not in done.err
    return done.err


def test_the_list_is_that_of_the_protected_branch(office: Office) -> None:
    done = office.command("signers")
    assert done.code == 0
    assert "5 may sign, by origin/HEAD at" in done.out
    assert "bob@kamiyo.ai (Bob): completer, approver; valid\n" in done.out
    assert subprocess_fingerprint(office.key("bob")) in done.out


def subprocess_fingerprint(key: str) -> str:
    """As ssh-keygen prints it."""
    done = subprocess.run(["ssh-keygen", "-l", "-f", f"{key}.pub"], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


def test_dates_revocations_refused_lines_and_proposals_are_told(office: Office) -> None:
    scene = office.scene
    ended = scene.signers({"alice": ',valid-before="20260101Z"', "bob": ',valid-after="20250101Z"'})
    scene.on_main(
        {FRESH: f"{ended}*@x.com {scene.public('mallory')}\n", ".readiness/revoked_keys": scene.public("dave")}
    )
    add(office, "erin@kamiyo.ai", "erin")
    office.command("signers", "revoke", "carol@kamiyo.ai")
    words = " ".join(office.command("signers").out.split())
    assert "alice@kamiyo.ai (Alice): completer; NOT valid until 2026-01-01 00:00:00 UTC" in words
    assert "bob@kamiyo.ai (Bob): completer, approver; valid from 2025-01-01 00:00:00 UTC" in words
    assert "carol@kamiyo.ai (Carol): approver; valid; revoked here, not on the protected branch" in words
    assert "dave@kamiyo.ai (Dave): approver; REVOKED" in words
    assert "erin@kamiyo.ai (erin): approver; proposed here, not on the protected branch" in words
    assert "refused: TRUST: origin/HEAD:.readiness/allowed_signers:6" in words


def test_without_a_protected_branch(office: Office, signers: Path) -> None:
    office.scene.git("remote", "remove", "origin")
    done = office.command("signers")
    assert done.code == 0
    assert "nobody can sign yet" in " ".join(done.out.split())
    assert "proposed here" in done.out
    signers.unlink()
    assert office.command("signers").code == 3
    assert office.command("signers", "--trust-ref", "main").code == 0


def test_a_signer_is_added_as_ssh_keygen_reads_it(office: Office, signers: Path, tmp_path: Path) -> None:
    before = signers.read_text("utf-8")
    more = ["--name", "Erin E.", "--valid-after", "2026-01-01T01:00:00+01:00", "--valid-before", "2030-01-01T00:00:00Z"]
    done = add(office, "erin@kamiyo.ai", "erin", *more)
    assert done.code == 0, done.err
    assert "it counts once it is merged into the protected branch" in done.err
    line = signers.read_text("utf-8").removeprefix(before)
    assert line == (
        'erin@kamiyo.ai namespaces="readiness.approver",valid-after="20260101000000Z",valid-before="20300101000000Z" '
        f"{office.scene.public('erin')} Erin E.\n"
    )
    message = tmp_path / "message"
    message.write_bytes(b"x")
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "readiness.approver", "-f", office.key("erin"), str(message)]
    subprocess.run(sign, check=True, capture_output=True)
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "erin@kamiyo.ai", "-n", "readiness.approver"]
    checked = subprocess.run([*verify, "-s", f"{message}.sig"], input=b"x", capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_first_signer_makes_the_file_at_the_top_of_the_repository(office: Office, signers: Path) -> None:
    signers.unlink()
    signers.parent.rmdir()
    (office.scene.repo / "src").mkdir(exist_ok=True)
    key = f"{office.key('erin')}.pub"
    arguments = ["signers", "add", "erin@kamiyo.ai", "--role", "completer", "--role", "approver", "--key", key]
    done = office.command(*arguments, cwd=office.scene.repo / "src")
    assert done.code == 0, done.err
    text = signers.read_text("utf-8")
    assert text.startswith("# Who may sign off reports")
    assert 'erin@kamiyo.ai namespaces="readiness.completer,readiness.approver" ssh-ed25519 ' in text


def test_a_file_without_a_last_newline_and_its_mode_are_kept(office: Office, signers: Path) -> None:
    signers.write_text(signers.read_text("utf-8").rstrip("\n"), "utf-8")
    signers.chmod(0o640)
    add(office, "erin@kamiyo.ai", "erin")
    assert len(signers.read_text("utf-8").splitlines()) == 6
    assert signers.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in signers.parent.iterdir()) == ["allowed_signers"]


def test_the_same_again_is_told(office: Office, signers: Path) -> None:
    before = signers.read_bytes()
    done = add(office, "carol@kamiyo.ai", "carol")
    assert done.code == 0
    assert "has this key and role already" in done.err
    assert signers.read_bytes() == before


def test_ones_own_key_is_found(office: Office) -> None:
    office.home_key("erin")
    done = office.command("signers", "add", "erin@kamiyo.ai", "--role", "completer")
    assert done.code == 0, done.err
    assert "from ~/.ssh/id.pub" in done.err


def test_no_key_is_found(office: Office) -> None:
    done = office.command("signers", "add", "erin@kamiyo.ai", "--role", "completer")
    assert "name the person's public key with --key FILE.pub" in said_no(done)


def test_what_no_list_should_get(office: Office, signers: Path, tmp_path: Path) -> None:
    before = signers.read_bytes()
    weak = tmp_path / "weak"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", weak], check=True)
    assert "pattern or list" in said_no(add(office, "*@kamiyo.ai", "erin"))
    assert "pattern or list" in said_no(add(office, "a@x.ai,b@x.ai", "erin"))
    assert "no plain ASCII name" in said_no(add(office, "a b", "erin"))
    assert "there is no such role" in said_no(add(office, "erin@kamiyo.ai", "erin", role="boss"))
    assert "carol@kamiyo.ai's, in line 3" in said_no(add(office, "erin@kamiyo.ai", "carol"))
    assert "has the same person" in said_no(add(office, "Carol@kamiyo.ai", "erin"))
    assert "with a zone" in said_no(add(office, "erin@kamiyo.ai", "erin", "--valid-before", "2030-01-01"))
    arguments = ["signers", "add", "erin@kamiyo.ai", "--role", "approver", "--key"]
    assert "the RSA key has 1024 bits" in said_no(office.command(*arguments, f"{weak}.pub"))
    assert "No such file" in said_no(office.command(*arguments, "gone.pub"))
    assert signers.read_bytes() == before


def test_a_private_key_given_by_mistake_is_not_shown(office: Office) -> None:
    private = Path(office.key("erin"))
    done = office.command("signers", "add", "erin@kamiyo.ai", "--role", "approver", "--key", str(private))
    assert "is a private key" in said_no(done)
    assert "erin.pub" in done.err
    for line in private.read_text("ascii").splitlines()[1:-1]:
        assert line not in done.err


def test_a_revoked_key_is_not_added_again(office: Office) -> None:
    office.command("signers", "revoke", "--key", f"{office.key('erin')}.pub")
    assert "is revoked in .readiness/revoked_keys" in said_no(add(office, "erin@kamiyo.ai", "erin"))


def test_revoked_by_name_by_fingerprint_and_by_file(office: Office) -> None:
    fingerprint = subprocess_fingerprint(office.key("dave"))
    unlisted = f"SHA256:{'A' * 43}"
    for who in (["carol@kamiyo.ai"], [fingerprint], ["--key", f"{office.key('mallory')}.pub"], [unlisted]):
        done = office.command("signers", "revoke", *who)
        assert done.code == 0, done.err
        assert "revoked: SHA256:" in done.out
    text = (office.scene.repo / ".readiness/revoked_keys").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line.split()[0] for line in lines] == ["ssh-ed25519", "ssh-ed25519", "ssh-ed25519", unlisted]
    again = office.command("signers", "revoke", "carol@kamiyo.ai")
    assert "revoked before: SHA256:" in again.out
    assert (office.scene.repo / ".readiness/revoked_keys").read_text("utf-8") == text


def test_once_merged_a_revocation_ends_what_was_signed(office: Office) -> None:
    office.sign("completer", "alice")
    office.command("signers", "revoke", "alice@kamiyo.ai")
    revoked = (office.scene.repo / ".readiness/revoked_keys").read_bytes()
    (office.scene.repo / ".readiness/revoked_keys").unlink()
    office.scene.on_main({".readiness/revoked_keys": revoked})
    assert "KEY_REVOKED" in office.scene.codes()[1]


def test_mistakes_in_revoking(office: Office) -> None:
    assert "nobody in" in said_no(office.command("signers", "revoke", "nobody@kamiyo.ai"))
    assert "name a person or a fingerprint" in said_no(office.command("signers", "revoke"))
    assert "no SHA256 fingerprint" in said_no(office.command("signers", "revoke", "SHA256:short"))
    (office.scene.repo / ".readiness/revoked_keys").write_bytes(b"SSHKRL\n\x00binary")
    assert "write the keys as text" in said_no(office.command("signers", "revoke", "carol@kamiyo.ai"))
