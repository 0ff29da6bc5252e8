"""A program of the service's libraries as a fork of a process that has them imported already.

To import them takes a second of processor time, about as long as everything else that a test does with a service.
What runs is the same: `python -m PROGRAM ARGUMENTS`, in a process and an environment of its own.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from subprocess import TimeoutExpired

LIBRARIES = (
    "aiohttp", "aiosmtplib", "aiosqlite", "alembic.command", "asyncpg", "fastapi", "jinja2", "limits.aio.storage",
    "limits.aio.strategies", "prometheus_client", "pydantic_settings", "redis.asyncio", "sentry_sdk",
    "sqlalchemy.ext.asyncio", "stripe", "structlog", "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.main",
    "uvicorn.protocols.http.auto",
)  # fmt: skip
"""Nothing of the service itself: that reads its settings when it is imported."""

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(list(LIBRARIES))


class Forked:
    """The part of subprocess.Popen that the tests of services use."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        reading, writing = CONTEXT.Pipe(duplex=False)
        with reading, writing:
            self.stdout = os.fdopen(os.dup(reading.fileno()), encoding="utf-8")
            """With standard error in it."""
            self._process = CONTEXT.Process(target=_run, args=(argv, dict(env), writing), daemon=True)
            self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """The exit code, at its end. Raises TimeoutExpired after so many seconds."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise TimeoutExpired(self._process.name, timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal while it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and its code is on the way
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.join()  # till its code is here, somebody else may get its number


def _run(argv: Sequence[str], env: Mapping[str, str], output: Connection) -> None:
    os.environ.clear()
    os.environ.update(env)
    with output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    sys.argv = list(argv)
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
