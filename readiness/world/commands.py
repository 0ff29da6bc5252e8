"""Programs run as an argv without a shell: short environment, bounded output, a time limit for the whole group."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from readiness.api import CannotTell, CommandResult, Env, Reason

MAX_BYTES = 1024 * 1024
"""Of each stream; what comes after it is read and dropped, so that the program does not block."""
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""Variables that every program gets; all others must be named."""

_BEAT = 0.05
"""Seconds between two looks whether the program has ended while a child of its own holds the pipes open."""


class Commands:
    """Runs programs in the checklist's root."""

    def __init__(self, root: Path, env: Env) -> None:
        self._root = root
        self._env = env

    def run(self, argv: Sequence[str], *, timeout: float, env: Sequence[str] = ()) -> CommandResult:
        """Run it to its end; `env` names variables to hand over besides :data:`INHERITED`.

        The program has ended when its first process has; what it left running is killed. Raises
        CannotTell where it could not be started, or took longer than `timeout` seconds.
        """
        started = time.monotonic()
        with self._started(argv, self._environment(env)) as process:
            streams = _Streams(process)
            streams.drain(started + timeout)
            if process.poll() is None:
                raise CannotTell(
                    f"{argv[0]} did not end within {timeout:g} seconds and was killed",
                    reason=Reason.TIMEOUT,
                    fix="give it a longer `limit`, or find out what it waits for",
                )
        return CommandResult(
            exit_code=process.returncode,
            stdout=bytes(streams.stdout),
            stderr=bytes(streams.stderr),
            elapsed=time.monotonic() - started,
            truncated=streams.truncated,
        )

    def _environment(self, names: Sequence[str]) -> dict[str, str]:
        values = {name: self._env.get(name) for name in (*INHERITED, *names)}
        return {name: value for name, value in values.items() if value is not None}

    @contextmanager
    def _started(self, argv: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and the operator allowed the effect `exec`
                list(argv),
                cwd=self._root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise _not_started(argv[0], self._root, error) from error
        with process:
            try:
                yield process
            finally:
                _kill(process)


class _Streams:
    """Both outputs of a process, each kept up to the bound."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.truncated = False
        self._process = process

    def drain(self, deadline: float) -> None:
        """Read until the process has ended and all it wrote is here, or until the deadline."""
        with selectors.DefaultSelector() as selector:
            self._register(selector, self._process.stdout, self.stdout)
            self._register(selector, self._process.stderr, self.stderr)
            while (left := deadline - time.monotonic()) > 0:
                ended = self._process.poll() is not None
                ready = selector.select(0 if ended else min(left, _BEAT)) if selector.get_map() else []
                for key, _ in ready:
                    self._take(selector, key)
                if ended and not ready:
                    return
                if not selector.get_map():
                    self._wait(left)

    @staticmethod
    def _register(selector: selectors.BaseSelector, stream: IO[bytes] | None, kept: bytearray) -> None:
        if stream:
            selector.register(stream, selectors.EVENT_READ, kept)

    def _take(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        piece = os.read(key.fd, 65_536)
        if not piece:
            selector.unregister(key.fileobj)
            return
        room = MAX_BYTES - len(key.data)
        key.data.extend(piece[:room])
        self.truncated = self.truncated or len(piece) > room

    def _wait(self, left: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(left)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: the session that the process was started in has its number."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def _not_started(program: str, root: Path, error: OSError | ValueError) -> CannotTell:
    if isinstance(error, PermissionError):
        return CannotTell(f"{program} may not be executed", reason=Reason.DENIED, fix=f"chmod +x {program}")
    if isinstance(error, FileNotFoundError) and not root.is_dir():
        return CannotTell(f"the root {root} is not there, so nothing can run in it", reason=Reason.NOT_FOUND)
    if isinstance(error, FileNotFoundError):
        fix = f"install {program}, or put its folder on PATH; a script also needs the program of its first line (#!)"
        return CannotTell(f"{program} is not installed", reason=Reason.NOT_FOUND, fix=fix)
    return CannotTell(
        f"{program} could not be started: {error}", fix="a script begins with #! and the program that runs it"
    )
