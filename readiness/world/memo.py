"""Fetch once a run: callers that ask while a fetch is under way wait for it; a failure is never kept."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Values by key, for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[K, Future[V]] = {}

    def get(self, key: K, fetch: Callable[[], V]) -> V:
        """The value of a key, fetched by the first who asks.

        Raises what `fetch` raises, also to those who waited for it; who asks later fetches anew.
        """
        with self._lock:
            known = self._flights.get(key)
            flight = known or self._flights.setdefault(key, Future())
        return flight.result() if known else self._fetch(key, flight, fetch)

    def known(self) -> tuple[V, ...]:
        """The values that were fetched so far."""
        with self._lock:
            flights = tuple(self._flights.values())
        return tuple(flight.result() for flight in flights if flight.done() and not flight.exception())

    def _fetch(self, key: K, flight: Future[V], fetch: Callable[[], V]) -> V:
        try:
            flight.set_result(fetch())
        finally:
            if not flight.done():
                with self._lock:
                    del self._flights[key]
                flight.set_exception(sys.exception())
        return flight.result()
