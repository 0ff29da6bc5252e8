"""Signing with the real ssh-keygen and ssh-agent, and every way in which they do not sign."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from readiness.console import Style
from readiness.errors import ExitCode
from readiness.faults import render
from readiness.signoff import envelope, sshsig
from readiness.signoff.failure import SigningError
from readiness.signoff.keys import Candidate
from readiness.signoff.model import Role
from readiness.signoff.signing import Pen
from tests.signoff.sshbox import Box, path_without


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def candidate(box: Box, name: str = "id_ed25519", *, agent: bool = False) -> Candidate:
    return Candidate(origin="the agent", key=box.public(name), file=None if agent else box.ssh / name)


def pen(box: Box, found: Candidate, env: Mapping[str, str] | None = None) -> Pen:
    return Pen(candidate=found, environment=env or box.env, terminal=False)


def failure(box: Box, found: Candidate, env: Mapping[str, str] | None = None) -> str:
    """What is said, in one sentence with its cure, and soon."""
    begin = time.monotonic()
    with pytest.raises(SigningError) as caught:
        pen(box, found, env).sign(b"message", "readiness.approver")
    assert time.monotonic() - begin < 20
    assert caught.value.exit_code is ExitCode.UNVERIFIED
    (problem,) = caught.value.problems
    assert problem.message.endswith("; nothing was signed")
    return render(caught.value.problems, Style(width=500))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("ed25519", ()),
        ("ecdsa", ("-b", "256")),
        ("ecdsa", ("-b", "384")),
        ("ecdsa", ("-b", "521")),
        ("rsa", ("-b", "2048")),
        ("rsa", ("-b", "3072", "-m", "PEM")),
    ],
)
def test_every_kind_of_key_signs_and_ssh_keygen_agrees(box: Box, kind: str, more: tuple[str, ...]) -> None:
    box.key("id", "", kind, *more)
    found = candidate(box, "id")
    blob = pen(box, found).sign(b"the message", "readiness.approver")
    signature, signers = box.home / "sig", box.home / "signers"
    signature.write_text(sshsig.armor(blob), "ascii")
    signers.write_text(f"carol@kamiyo.ai {found.key.line}\n", "ascii")
    done = subprocess.run(
        [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            signers,
            "-I",
            "carol@kamiyo.ai",
            "-n",
            "readiness.approver",
            "-s",
            signature,
        ],
        input=b"the message",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_envelope_says_what_was_signed_and_by_which_key(box: Box) -> None:
    box.key()
    line = pen(box, candidate(box)).envelope(b'{"a":1}', Role.COMPLETER)
    found = envelope.read(line)
    assert found.payload == b'{"a":1}'
    assert found.signatures[0].keyid == box.public().fingerprint
    sshsig.verify(sshsig.parse(found.signatures[0].sig), found.pae, namespace="readiness.completer")


def test_the_agent_signs_for_a_key_that_is_nowhere_else(box: Box) -> None:
    path = box.key("id", "a passphrase")
    found = candidate(box, "id", agent=True)
    with box.agent() as env:
        asked = {"SSH_ASKPASS": str(box.script("ask", "echo a passphrase")), "SSH_ASKPASS_REQUIRE": "force"}
        box.run("ssh-add", "-q", str(path), env={**env, **asked})
        path.unlink()
        assert pen(box, found, env).sign(b"x", "readiness.completer")


def test_a_passphrase_and_nobody_to_ask(box: Box) -> None:
    path = box.key("id", "secret words")
    said = failure(box, candidate(box, "id"))
    assert "has a passphrase, and nobody is at a terminal" in said
    assert f"help: ssh-add {path}" in said


def test_a_passphrase_from_the_program_that_the_person_has_set_up(box: Box) -> None:
    box.key("id", "secret words")
    env = {**box.env, "SSH_ASKPASS": str(box.script("ask", "echo secret words")), "SSH_ASKPASS_REQUIRE": "force"}
    assert pen(box, candidate(box, "id"), env).sign(b"x", "readiness.completer")


def test_an_agent_that_the_person_tells_no(box: Box) -> None:
    path = box.key()
    deny = {"SSH_ASKPASS": str(box.script("deny", "exit 1")), "SSH_ASKPASS_REQUIRE": "force"}
    with box.agent(path, env=deny, add=["-c"]) as env:
        said = failure(box, candidate(box, agent=True), env)
    assert "the agent refused to sign with SHA256:" in said


def test_an_agent_that_is_locked(box: Box) -> None:
    path = box.key()
    with box.agent(path) as env:
        asked = {"SSH_ASKPASS": str(box.script("ask", "echo word")), "SSH_ASKPASS_REQUIRE": "force"}
        box.run("ssh-add", "-x", env={**env, **asked})
        said = failure(box, candidate(box, agent=True), env)
    assert "the agent is gone, is locked or no longer has it" in said


def test_an_agent_that_is_gone(box: Box) -> None:
    box.key()
    said = failure(box, candidate(box, agent=True), {**box.env, "SSH_AUTH_SOCK": str(box.home / "gone")})
    assert "the agent is gone, is locked or no longer has it" in said
    assert "ssh-add" in said


def test_no_ssh_keygen(box: Box) -> None:
    box.key()
    env = {**box.env, "PATH": path_without("ssh-keygen", box.home / "bin")}
    said = failure(box, candidate(box), env)
    assert "there is no ssh-keygen on PATH" in said
    assert "openssh-client" in said


def test_a_key_file_that_others_may_read(box: Box) -> None:
    path = box.key()
    path.chmod(0o644)
    said = failure(box, candidate(box))
    assert "others may read" in said
    assert f"chmod 600 {path}" in said


def test_a_file_that_is_no_private_key(box: Box) -> None:
    path = box.key()
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETSECRET\n", "ascii")
    path.chmod(0o600)
    assert "SECRET" not in failure(box, candidate(box))


def test_a_pub_file_of_another_key(box: Box) -> None:
    box.key("one")
    box.key("two")
    (box.ssh / "one.pub").write_bytes((box.ssh / "two.pub").read_bytes())
    said = failure(box, Candidate(origin="--key one", key=box.public("two"), file=box.ssh / "one"))
    assert "belongs to another key" in said
    assert "ssh-keygen -y -f" in said


def test_an_ssh_keygen_that_lies_is_found_out(box: Box) -> None:
    box.key()
    (box.home / "bin").mkdir()
    box.script("bin/ssh-keygen", 'for last; do :; done; printf "no signature" > "$last.sig"')
    said = failure(box, candidate(box), {**box.env, "PATH": f"{box.home / 'bin'}:{box.env['PATH']}"})
    assert "made no signature that can be verified" in said


def test_what_it_says_for_other_reasons_is_passed_on_without_control_characters(box: Box) -> None:
    box.key()
    (box.home / "bin").mkdir()
    box.script("bin/ssh-keygen", r'printf "first\nodd \033[31mtrouble" >&2; exit 7')
    said = failure(box, candidate(box), {**box.env, "PATH": f"{box.home / 'bin'}:{box.env['PATH']}"})
    assert r"odd \x1b[31mtrouble" in said
    assert "first" not in said


def test_an_ssh_keygen_that_waits_for_somebody_ends_with_all_that_it_started(box: Box) -> None:
    box.key()
    (box.home / "bin").mkdir()
    alive = box.home / "alive"
    os.mkfifo(alive)
    box.script("bin/ssh-keygen", f"sh -c 'exec sleep 60' 9> \"{alive}\" & sleep 60")
    slow = Pen(
        candidate=candidate(box),
        environment={**box.env, "PATH": f"{box.home / 'bin'}:{box.env['PATH']}"},
        terminal=False,
        timeout=0.3,
    )
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(SigningError, match=r"did not sign within 0.3 s; nothing was signed"):
        slow.sign(b"x", "readiness.completer")
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # nobody holds the other end
    os.close(reader)
