"""``readiness sign-off`` with and without somebody at a terminal: questions, passphrases, Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from readiness.signoff import ledger, store
from readiness.signoff.model import BUNDLE
from tests.commands.signing_office import Office


def test_a_passphrase_without_a_terminal_fails_soon_and_writes_nothing(office: Office) -> None:
    office.scene.key("alice")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret words", "-f", office.key("alice")],
        check=True,
        capture_output=True,
    )
    begin = time.monotonic()
    said = office.refused("completer", "alice", code=3)
    assert time.monotonic() - begin < 20
    assert "has a passphrase, and nobody is at a terminal" in said
    assert "ssh-add" in said


def at_a_terminal(office: Office, typed: bytes, *arguments: str) -> tuple[int, str]:
    """Exit code and what is seen by who types this when asked."""
    process, terminal = pty.fork()
    if not process:
        os.chdir(office.scene.repo)
        os.execve(sys.executable, [sys.executable, "-m", "readiness", "sign-off", *arguments], office.env)  # noqa: S606 - no shell
    seen = b""
    try:
        while part := os.read(terminal, 1024):
            seen += part
            if typed and b"to sign:" in seen:
                os.write(terminal, typed)
                typed = b""
    except OSError:  # Linux says EIO where the other side is closed
        pass
    finally:
        os.close(terminal)
    status = os.waitpid(process, 0)[1]
    return os.waitstatus_to_exitcode(status), seen.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (b"production\n", 0, "signed as completer by alice@kamiyo.ai"),
        (b"yes\n", 2, "'yes' is not 'production'; nothing was signed"),
        (b"\x04", 2, "nothing was signed"),
        (b"\x03", 130, "interrupted; nothing was signed"),
    ],
)
def test_the_environments_name_is_asked_for_at_a_terminal(office: Office, typed: bytes, code: int, said: str) -> None:
    found, seen = at_a_terminal(office, typed, "--as", "completer", "--key", office.key("alice"))
    assert found == code, seen
    assert said in seen
    assert office.scene.report.with_name(BUNDLE).exists() == (code == 0)
    assert (store.load_ledger(office.scene.report) is not None) == (code == 0)


def test_ctrl_c_while_ssh_keygen_waits_writes_nothing(office: Office, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "ssh-keygen"
    slow.write_text(f'#!/bin/sh\necho here > "{ready}"\nexec sleep 60\n', "ascii")
    slow.chmod(0o700)
    office.env["PATH"] = f"{slow.parent}:{office.env['PATH']}"
    process = office.start("--as", "completer", "--key", office.key("alice"), "--yes")
    assert ready.read_text("ascii") == "here\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert not office.scene.report.with_name(BUNDLE).exists()
    assert ledger.read(store.load_ledger(office.scene.report) or b"").entries == ()
