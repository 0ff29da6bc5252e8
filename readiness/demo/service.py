"""The reference service as a child process on a free loopback port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

from readiness.errors import ReadinessError
from readiness.redact import patterns

START = 30.0
"""Seconds that the service may take to its first answer."""
STOP = 10.0
"""Seconds that it may take to end."""
LAST_LINES = 15


class Service:
    """Runs while the context is open; its log is a file."""

    def __init__(self, tree: Path, environment: Mapping[str, str], log: Path) -> None:
        self.tree = tree
        self.log = log
        self._environment = dict(environment)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the service."""
        return self._process.pid if self._process else 0

    def add_environment(self, more: Mapping[str, str]) -> None:
        """Variables that are known only once the port is."""
        self._environment |= more

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = self._spawn(log)
        self._listener.close()
        try:
            self._await_answer()
        except BaseException:
            self._stop()
            raise
        return self

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        descriptor = self._listener.fileno()
        here = str(Path(__file__).resolve().parents[2])
        own = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": here, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "readiness.demo.launch", str(descriptor), "api.main:app"],
            cwd=self.tree,
            env=own | self._environment,
            stdin=subprocess.PIPE,  # the service ends when we do, even if we are killed
            stdout=log,
            stderr=log,
            pass_fds=(descriptor,),
            start_new_session=True,  # Ctrl-C is for us; we end it in order
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _await_answer(self) -> None:
        """The first request waits in the socket's queue until the service takes it."""
        try:
            httpx.get(f"{self.url}/health", timeout=START, trust_env=False)
        except httpx.TransportError as error:
            lines = self.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
            told = "\n".join(patterns(line) for line in lines) or "it wrote nothing"
            raise ReadinessError(f"the demo's service did not start ({error}); its last words:\n{told}") from error

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.send_signal(signal.SIGTERM)  # does nothing where it has ended
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
