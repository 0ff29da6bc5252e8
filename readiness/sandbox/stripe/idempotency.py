"""Idempotency keys: the first answer is kept and replayed (https://docs.stripe.com/api/idempotent_requests)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from readiness.sandbox.stripe.errors import ApiError, idempotency_in_use, idempotency_mismatch
from readiness.sandbox.stripe.form import Form

LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered: kept whatever its status, as Stripe does once a call has begun."""

    status: int
    body: bytes
    request_id: str


@dataclass(kw_only=True)
class _Use:
    method: str
    path: str
    form: dict[str, Form]
    answer: Answer | None = None


class Idempotency:
    """The keys that were used, apart for each mode."""

    def __init__(self) -> None:
        self._uses: dict[tuple[bool, str], _Use] = {}
        self._lock = threading.Lock()

    def run(
        self, key: str, *, livemode: bool, method: str, path: str, form: dict[str, Form], work: Callable[[], Answer]
    ) -> tuple[Answer, bool]:
        """Do the work once; the second value says that the answer is a replay. Raises ApiError 400 or 409."""
        if len(key) > LONGEST:
            raise ApiError(f"Idempotency-Key must be at most {LONGEST} characters (it currently is {len(key)}).")
        mine = _Use(method=method, path=path, form=form)
        with self._lock:
            first = self._uses.setdefault((livemode, key), mine)
        if first is not mine:
            return _replay(key, first, mine), True
        done = False
        try:
            answer = mine.answer = work()
            done = True
        finally:
            if not done:
                self._forget(livemode=livemode, key=key)
        return answer, False

    def _forget(self, *, livemode: bool, key: str) -> None:
        with self._lock:
            del self._uses[livemode, key]


def _replay(key: str, first: _Use, again: _Use) -> Answer:
    if (first.method, first.path) != (again.method, again.path):
        raise idempotency_mismatch(
            key, f"for the same endpoint they were first used for ('{again.path}' vs '{first.path}')"
        )
    if first.form != again.form:
        raise idempotency_mismatch(key, "with the same parameters they were first used with")
    if first.answer is None:
        raise idempotency_in_use(key)
    return first.answer
