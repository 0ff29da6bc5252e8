"""Threads that should have ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_thread_stays() -> Iterator[None]:
    """Whatever thread begins inside ends with it, or within ten seconds: one that is ending may still be listed."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 10
    while (stayed := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not stayed
