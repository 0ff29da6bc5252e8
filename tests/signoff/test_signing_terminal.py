"""A passphrase is asked for by ssh-keygen itself, at a real terminal."""

from __future__ import annotations

import os
import pty
import sys
import textwrap
from pathlib import Path

import pytest

from tests.engine import ROOT
from tests.signoff.sshbox import Box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


AT_A_TERMINAL = """
    import sys
    from pathlib import Path
    from tests.signoff.sshbox import Box
    from readiness.signoff.failure import SigningError
    from readiness.signoff.keys import Candidate
    from readiness.signoff.signing import Pen

    box = Box(Path(sys.argv[1]))
    candidate = Candidate(origin="the agent", key=box.public("id"), file=box.ssh / "id")
    try:
        Pen(candidate=candidate, environment=box.env, terminal=True).sign(b"x", "readiness.completer")
        print("signed")
    except SigningError as error:
        print(error)
    except KeyboardInterrupt:
        print("interrupted")
"""


def at_a_terminal(box: Box, typed: bytes) -> str:
    """What a person sees who types this when asked for the passphrase."""
    process, terminal = pty.fork()
    if not process:
        source = textwrap.dedent(AT_A_TERMINAL)
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-c", source, str(box.home)], box.env)  # noqa: S606 - no shell
    seen, typing = b"", typed
    try:
        while part := os.read(terminal, 1024):
            seen += part
            if typing and b"passphrase" in seen:
                os.write(terminal, typing)
                typing = b""
    except OSError:  # Linux says EIO where the other side is closed
        pass
    finally:
        os.close(terminal)
        os.waitpid(process, 0)
    return seen.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("typed", "said"),
    [(b"secret words\n", "signed"), (b"wrong\n", "was not right; nothing was signed"), (b"\x03", "interrupted")],
)
def test_a_passphrase_is_asked_for_at_the_terminal(box: Box, typed: bytes, said: str) -> None:
    box.key("id", "secret words")
    seen = at_a_terminal(box, typed)
    assert "Enter passphrase" in seen
    assert said in seen
    assert "secret words" not in seen
