"""Limits how often one client may ask for the same thing.

What is asked of static pages is not limited, as they cost nothing and one visit takes a dozen files.
"""

import ipaddress
import logging
import math
from collections.abc import Collection, Sequence

from limits import RateLimitItemPerMinute
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.endpoints import group_of
from api.errors import error_response
from api.middleware.rate_storage import RateStorage

log = logging.getLogger(__name__)

LIMITED = "/api/"
LOOPBACK = ipaddress.ip_address("127.0.0.1")
CLAIMED = "claimed"
"""Who is counted together: clients of whom there is no more than what they say."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RateLimitMiddleware:
    """Answers 429 with Retry-After to what goes past the limit: so many requests in any 60 seconds."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_minute: int,
        trusted_proxies: Sequence[Network],
        exempt: Collection[str],
        storage: RateStorage,
    ) -> None:
        self.app = app
        self.limit = RateLimitItemPerMinute(per_minute)
        self.trusted_proxies = tuple(trusted_proxies)
        self.exempt = frozenset(exempt)
        self.storage = storage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http" or not self._limited(scope["path"]):
            await self.app(scope, receive, send)
            return
        client = client_of(scope, self.trusted_proxies)
        wait = await self.storage.seconds_to_wait(self.limit, client, group_of(scope))
        if not wait:
            await self.app(scope, receive, send)
            return
        log.warning("rate_limited", extra={"context": {"limit": self.limit.amount}})
        seconds = str(math.ceil(wait))
        detail = f"Too many requests. Please try again in {seconds} seconds."
        await error_response(429, "rate_limited", detail, {"Retry-After": seconds})(scope, receive, send)

    def _limited(self, path: str) -> bool:
        return path.startswith(LIMITED) and path not in self.exempt


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Who asks: the peer, or behind declared proxies the last address that none of them has.

    A server may have put an address of X-Forwarded-For in the place of the peer already (uvicorn
    does, for loopback, unless told ``--no-proxy-headers``). Where loopback is no declared proxy
    such an address is only a claim, and all claims share one count, as does what is no address.
    A declared proxy stands last only then, as it names there who asked it.
    """
    peer = _address(scope["client"][0]) if scope.get("client") else None
    forwarded = _forwarded(scope)
    if peer is None:
        return CLAIMED
    claims = forwarded[-1:] if _is_trusted(peer, trusted) else forwarded
    # who claims to be this machine shares its count, or it would have two
    if peer in claims and peer != LOOPBACK and not _is_trusted(LOOPBACK, trusted):
        return CLAIMED
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
