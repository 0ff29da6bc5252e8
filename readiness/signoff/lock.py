"""One writer at a time, across processes, and not disturbed: the kernel lets go when a process dies."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness.console import one_line
from readiness.errors import Problem, UsageError

PAUSE = 0.02


@contextmanager
def locked(path: Path, wait: float, what: str) -> Iterator[None]:
    """Hold the lock (flock(2) on `path`). Raises UsageError, naming the holder, after `wait` seconds; OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        _take(descriptor, wait, what)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {os.uname().nodename}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C comes before or not at all: what is half said to be interrupted must not be written."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if signal.SIGINT in signal.sigpending():
            signal.sigwait({signal.SIGINT})
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _take(descriptor: int, wait: float, what: str) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                break
        time.sleep(PAUSE)
    holder = one_line(os.pread(descriptor, 200, 0).decode("utf-8", "replace")) or "another process"
    problem = Problem(
        message=f"{holder} is writing to {what}; waited {wait:g} s for it, and nothing was written",
        hint="let it finish, then run this again",
    )
    raise UsageError([problem])
