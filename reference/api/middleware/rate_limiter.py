"""Limits how often one client may ask for the same thing.

The counts are in the memory of this process: two workers allow twice as much. What is asked of
static pages is not limited, as they cost nothing and one visit takes a dozen files.
"""

import ipaddress
import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Collection, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import error_response

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60.0
CLIENTS = 20_000
"""Counts that are kept; the one unused for longest makes room."""
LIMITED = "/api/"
GROUP_SEGMENTS = 3
"""``/api/billing/checkout-session`` and everything below it is one group."""
LOOPBACK = ipaddress.ip_address("127.0.0.1")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class SlidingWindow:
    """Allows a number of events in any 60 seconds, for each key."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, key: str, now: float) -> float:
        """0 where the event is allowed, and then it is counted; else when to come back."""
        events = self._events.setdefault(key, deque())
        self._events.move_to_end(key)
        if len(self._events) > CLIENTS:
            self._events.popitem(last=False)
        while events and events[0] <= now - WINDOW_SECONDS:
            events.popleft()
        if len(events) >= self.limit:
            return events[0] + WINDOW_SECONDS - now
        events.append(now)
        return 0.0


class RateLimitMiddleware:
    """Answers 429 with Retry-After to what goes past the limit."""

    def __init__(
        self, app: ASGIApp, *, per_minute: int, trusted_proxies: Sequence[Network], exempt: Collection[str]
    ) -> None:
        self.app = app
        self.window = SlidingWindow(per_minute)
        self.trusted_proxies = tuple(trusted_proxies)
        self.exempt = frozenset(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http" or not self._limited(scope["path"]):
            await self.app(scope, receive, send)
            return
        group = path_group(scope["path"])
        key = f"{client_of(scope, self.trusted_proxies)} {group}"
        wait = self.window.seconds_to_wait(key, time.monotonic())
        if not wait:
            await self.app(scope, receive, send)
            return
        log.warning("rate_limited", extra={"context": {"limit": self.window.limit}})
        seconds = str(math.ceil(wait))
        detail = f"Too many requests. Please try again in {seconds} seconds."
        await error_response(429, "rate_limited", detail, {"Retry-After": seconds})(scope, receive, send)

    def _limited(self, path: str) -> bool:
        return path.startswith(LIMITED) and path not in self.exempt


def path_group(path: str) -> str:
    """The first segments of a path."""
    return "/".join(path.split("/")[: GROUP_SEGMENTS + 1])


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Who asks: the peer, or behind declared proxies the last address that none of them has.

    A server may have put an address of X-Forwarded-For in the place of the peer already (uvicorn
    does, for loopback, unless told ``--no-proxy-headers``). Where loopback is no declared proxy
    such an address is only a claim, and all claims share one count, as does what is no address.
    """
    peer = _address(scope["client"][0]) if scope.get("client") else None
    forwarded = _forwarded(scope)
    if peer is None or (peer in forwarded and not _is_trusted(LOOPBACK, trusted)):
        return str(LOOPBACK)
    if not _is_trusted(peer, trusted):
        return _count_as(peer)
    outside = (address for address in reversed(forwarded) if not address or not _is_trusted(address, trusted))
    return _count_as(next(outside, None) or peer)


def _forwarded(scope: Scope) -> list[Address | None]:
    values = Headers(scope=scope).getlist("x-forwarded-for")
    return [_address(part) for part in ",".join(values).split(",")]


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _address(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _count_as(address: Address) -> str:
    # one customer usually holds a whole /64 (RFC 6177), so its addresses count as one
    return str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False))  # noqa: PLR2004 - the version's name
