"""A thread that does one thing after another, each at its time; there is none until something is to be done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

POLL_SECONDS = 0.05
"""How soon a jump of the sandbox's clock is seen."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something to do once both clocks are there."""

    run: Callable[[], None]
    due: float = 0.0
    """By the sandbox's clock."""
    after: float = 0.0
    """By the monotonic clock of this machine."""
    order: int
    """Of those that are due, the lowest is first."""


class Lane:
    """Jobs in order."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._name, self._clock = name, clock
        self._jobs: list[Job] = []
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy = self._stopped = False

    def put(self, job: Job) -> None:
        """Do it when it is due; nothing is done after :meth:`stop`."""
        with self._wake:
            if self._stopped:
                return
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def idle(self, seconds: float) -> bool:
        """Wait until nothing is due by the sandbox's clock and nothing runs; False where that took longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._busy and not self._waiting(), seconds)

    def stop(self) -> None:
        """Forget what is left, and wait for what runs."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _waiting(self) -> bool:
        now = self._clock()
        return any(job.due <= now for job in self._jobs)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            with self._wake:
                self._busy = False
                self._wake.notify_all()

    def _next(self) -> Job | None:
        """The next job, or None at the end."""
        with self._wake:
            while not self._stopped:
                ready = [job for job in self._jobs if job.due <= self._clock() and job.after <= time.monotonic()]
                if ready:
                    job = min(ready, key=lambda job: job.order)
                    self._jobs.remove(job)
                    self._busy = True
                    return job
                self._wake.wait(POLL_SECONDS if self._jobs else None)
        return None
