"""A command on a terminal of its own, as a person has it: what is typed, what is shown, and Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.engine import environment

PATIENCE = 30.0
"""Seconds that something may take to be shown."""
CTRL_C, CTRL_D = b"\x03", b"\x04"


@dataclass
class Terminal:
    """`readiness` with these arguments, in a folder, on a pseudo-terminal."""

    folder: Path
    arguments: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    seen: int = 0
    """Characters of what was shown that were waited for already."""

    def __enter__(self) -> Self:
        self._screen, keyboard = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "readiness", *self.arguments],
            cwd=self.folder,
            env={**environment({"TERM": "dumb", "CI": "", **self.env})},
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - Ctrl-C reaches only whom the terminal belongs to
        )
        os.close(keyboard)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def until(self, text: str) -> str:
        """What was shown since the last time, up to this text, which is waited for."""
        ends = time.monotonic() + PATIENCE
        while (found := self.shown.find(text, self.seen)) < 0:
            assert time.monotonic() < ends, f"{text!r} was not shown: {self.shown}"
            assert self._read(), f"it ended without {text!r}: {self.shown}"
        before, self.seen = self.seen, found + len(text)
        return self.shown[before : self.seen]

    def type(self, text: str | bytes, until: str) -> str:
        """Type a line (bytes are keys) and wait for a text."""
        os.write(self._screen, text if isinstance(text, bytes) else f"{text}\n".encode())
        return self.until(until)

    def key(self, keys: bytes) -> int:
        """Press keys and wait for the end."""
        os.write(self._screen, keys)
        return self.end()

    def breathe(self) -> None:
        """Take what is shown, if anything, and let a moment pass."""
        if select.select([self._screen], [], [], 0.01)[0]:
            self._read()

    def end(self) -> int:
        """The exit code."""
        while self._read():
            pass
        return self._process.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], PATIENCE)[0]:
            return False
        try:
            found = os.read(self._screen, 65536)
        except OSError:  # Linux says EIO where nobody has the other side any more
            return False
        self.shown += found.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(found)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
