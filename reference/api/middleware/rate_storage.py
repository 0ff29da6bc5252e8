"""Where the counts of the rate limit are: in this process, or in a Redis that several processes share."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = logging.getLogger(__name__)

CLIENTS = 20_000
"""Counts that are kept in memory; the one unused for longest makes room."""
REDIS_SECONDS = 0.5
"""For one answer of Redis: a buyer does not wait for a count."""
PAUSE_SECONDS = 5.0
"""How long a Redis that failed is left alone."""


class BoundedMemory(MemoryStorage):
    """The library's own storage looks at the counts of every client for each request, and has no bound."""

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012 - the library's attribute; made here only, never by an address

    def __init__(self) -> None:
        super().__init__()
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count where the window has room."""
        now = time.monotonic()
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        if len(self._hits) > CLIENTS:
            self._hits.popitem(last=False)
        while hits and hits[0] <= now - expiry:
            hits.popleft()
        if len(hits) + amount > limit:
            return False
        hits.extend([now] * amount)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the library's signature
        """When the oldest hit was, in seconds since 1970, and how many there are."""
        hits = self._hits.get(key)
        if not hits:
            return time.time(), 0
        return time.time() - (time.monotonic() - hits[0]), len(hits)


class RateStorage:
    """Counts in Redis where there is one; in this process without it, and while it is away.

    A Redis that fails must not take the shop with it, nor open it to everybody: each process then
    counts alone, which limits a client to so many requests for each process.
    """

    def __init__(self, redis_url: str, *, on_outage: Callable[[], None] = lambda: None) -> None:
        self._local = MovingWindowRateLimiter(BoundedMemory())
        self._redis = _redis(redis_url) if redis_url else None
        self._shared = MovingWindowRateLimiter(self._redis) if self._redis else None
        self._on_outage = on_outage
        self._left_alone_until = 0.0

    async def seconds_to_wait(self, limit: RateLimitItem, *key: str) -> float:
        """0 where the request is allowed, and then it is counted; else when to come back."""
        if self._shared and time.monotonic() >= self._left_alone_until:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await _hit(self._shared, limit, key)
            except (StorageError, OSError, TimeoutError) as error:
                self._leave_alone(error)
        return await _hit(self._local, limit, key)

    async def close(self) -> None:
        """Close the connections with Redis."""
        if self._redis:
            await self._redis.bridge.get_connection().aclose()  # type: ignore[attr-defined]  # redis-py's own client

    def _leave_alone(self, error: Exception) -> None:
        first = time.monotonic() - self._left_alone_until > PAUSE_SECONDS
        self._left_alone_until = time.monotonic() + PAUSE_SECONDS
        self._on_outage()
        # never the error's text: it may quote the address with its password
        fault = type(error.__cause__ or error).__name__
        log.log(logging.ERROR if first else logging.WARNING, "redis_failed", extra={"context": {"fault": fault}})


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="checkout:rate",
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # the options go to redis-py, which takes it
    )


async def _hit(limiter: MovingWindowRateLimiter, limit: RateLimitItem, key: tuple[str, ...]) -> float:
    if await limiter.hit(limit, *key):
        return 0.0
    window = await limiter.get_window_stats(limit, *key)
    return max(window.reset_time - time.time(), 0.001)
