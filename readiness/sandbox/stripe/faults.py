"""How the sandbox misbehaves on request: statuses, latency, lost connections, answers that are no JSON."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Hangup(StrEnum):
    """The connection closes without an answer."""

    BEFORE = "before"
    """Nothing was done."""
    AFTER = "after"
    """The call was carried out, and only its answer is lost: what idempotency keys are for."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to misbehave, for the calls that match."""

    status: int | None = None
    """Answer this status with Stripe's error body, and do nothing."""
    body: bytes | None = None
    """This body (HTML, a cut JSON text) instead of Stripe's; the status is 502 where none is given."""
    latency: float = 0.0
    """Seconds that the call takes longer; its idempotency key is in use meanwhile."""
    hangup: Hangup | None = None

    @property
    def instead(self) -> bool:
        """Whether the call is not carried out at all."""
        return self.status is not None or self.body is not None or self.hangup is Hangup.BEFORE


@dataclass(kw_only=True)
class _Rule:
    pattern: str
    fault: Fault
    left: float


class Faults:
    """The faults that are set; the newest that matches a call applies."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def add(self, pattern: str, fault: Fault, times: int | None) -> None:
        """Misbehave for calls like ``POST /v1/checkout/sessions``, ``GET /v1/prices/*`` or ``*``."""
        with self._lock:
            self._rules.insert(0, _Rule(pattern=pattern, fault=fault, left=float("inf") if times is None else times))

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str) -> Fault:
        """What to do to this call; counts it."""
        call = f"{method} {path}"
        with self._lock:
            for rule in self._rules:
                if rule.left > 0 and fnmatchcase(call, rule.pattern):
                    rule.left -= 1
                    return rule.fault
        return Fault()
