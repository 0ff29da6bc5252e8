"""Endpoints: the one door to HTTP, bounded in size and time, guarded at connect.

Nothing comes from the environment (no proxies, no netrc), no cookie is kept between requests, and
a redirect is followed only where the request says so.
"""

from __future__ import annotations

import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

from readiness.address import is_loopback_host, shown
from readiness.api import CannotTell, HttpRequest, HttpResponse, Reason, TlsInfo, Unreachable
from readiness.duration import say_duration
from readiness.light import dataclass
from readiness.world.body import gunzip, read, timely
from readiness.world.memo import Memo
from readiness.world.redirects import following

if TYPE_CHECKING:
    import httpcore
    import httpx

    from readiness.world.transport import Resolve, Transport

T = TypeVar("T")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 9.2.1), so that one answer serves the whole run."""
BODY_LIMIT = 1 << 20
REDIRECTS = 5
DEFAULTS = (("accept", "*/*"), ("accept-encoding", "gzip"), ("user-agent", "readiness"))


@dataclass(frozen=True, kw_only=True)
class HttpClient:
    """:class:`readiness.api.Http` over httpx."""

    allow_private: bool = False
    """Private, link-local and loopback addresses may be contacted by any name."""
    ca_file: Path | None = None
    """Certificates to trust besides the usual ones, in PEM."""
    body_limit: int = BODY_LIMIT
    """Bytes of a body, after decompression, that are kept."""
    timeout: float = 10.0
    """Seconds for one exchange whose request does not say."""
    until: float = float("inf")
    """Moment of :func:`time.monotonic` at which every exchange ends."""
    resolve: Resolve | None = None
    """Finds the addresses of a host; None is the system's resolver."""
    answers: Memo[HttpRequest, HttpResponse] = field(default_factory=Memo)
    transports: Memo[str, Transport] = field(default_factory=Memo)

    def attempt(self, timeout: float, *, fresh: bool) -> Self:
        """The same client for one attempt of `timeout` seconds; `fresh` forgets earlier answers."""
        answers: Memo[HttpRequest, HttpResponse] = Memo() if fresh else self.answers
        return replace(self, timeout=timeout, until=time.monotonic() + timeout, answers=answers)

    def close(self) -> None:
        """End all connections."""
        for transport in self.transports.known():
            transport.close()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send it, or give the answer that an identical safe request got. Raises as the protocol says."""
        if request.fresh or request.method.upper() not in SAFE:
            return self._exchange(request)
        return self.answers.get(request, lambda: self._exchange(request))

    def handshake(self, url: str) -> TlsInfo:
        """Shake hands and send nothing. Raises as the protocol says."""
        from readiness.world.tls import describe

        def shake(stream: httpcore.NetworkStream, moment: float) -> TlsInfo:
            trust = self._transport().trust
            secured = stream.start_tls(trust.ready(), _host(url), moment)
            with closing(secured):
                return describe(secured.get_extra_info("ssl_object"))

        return self._connected(url, shake)

    def takes_up(self, url: str, version: str) -> bool:
        """Whether an old version, offered alone, is taken up. Raises as the protocol says."""
        from readiness.world.hello import takes_up

        return self._connected(url, lambda stream, moment: takes_up(stream, _host(url), version, moment))

    def _connected(self, url: str, act: Callable[[httpcore.NetworkStream, float], T]) -> T:
        """What comes of a connection to the host of a URL."""
        parts = _url(url)
        transport = self._transport()
        moment = min(self.until, time.monotonic() + self.timeout)
        with _said(HttpRequest(url=url), moment - time.monotonic(), self.timeout):
            stream = transport.backend.connect_tcp(parts.host, parts.port or 443, moment)
            with closing(stream):
                return act(stream, moment)

    def _transport(self) -> Transport:
        return self.transports.get("transport", self._open)

    def _exchange(self, request: HttpRequest) -> HttpResponse:
        transport = self._transport()
        if request.url.startswith("https:"):
            transport.trust.ready()
        started = time.monotonic()  # from here on it is the endpoint's time, not that of our imports
        moment = min(self.until, started + (request.timeout or self.timeout))
        current = request
        for _ in range(REDIRECTS + 1):
            answer = self._hop(transport, current, started, moment)
            target = following(current, answer) if request.follow_redirects else None
            if target is None:
                return answer
            _stay_outside(request, target)
            current = target
        url = shown(request.url)
        raise Unreachable(f"{url} redirects more than {REDIRECTS} times", subject=url)

    def _hop(self, transport: Transport, request: HttpRequest, started: float, moment: float) -> HttpResponse:
        """One request and its answer."""
        with _said(request, moment - started, request.timeout or self.timeout):
            return self._send(transport, request, started, moment)

    def _send(self, transport: Transport, request: HttpRequest, started: float, moment: float) -> HttpResponse:
        with closing(transport.handle_request(_request(request, moment))) as response:
            first_byte = time.monotonic() - started
            gzipped = response.headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"}
            chunks = timely(response.iter_raw(), moment)
            body, truncated = gunzip(chunks, self.body_limit) if gzipped else read(chunks, self.body_limit)
            return HttpResponse(
                status=response.status_code,
                url=shown(request.url),
                headers=tuple((key.lower(), value) for key, value in response.headers.multi_items()),
                body=body,
                truncated=truncated,
                first_byte=first_byte,
                elapsed=time.monotonic() - started,
                tls=_tls(response),
            )

    def _open(self) -> Transport:
        """Not httpx.Client: it keeps cookies, and parses a Location that nobody wants to follow."""
        from readiness.world.tls import Trust
        from readiness.world.transport import Guard, Transport, system_addresses

        guard = Guard(allow_private=self.allow_private, resolve=self.resolve or system_addresses)
        return Transport(guard, Trust(self.ca_file))


@contextmanager
def _said(request: HttpRequest, seconds: float, whole: float) -> Iterator[None]:
    """The failures of the wire in words, of a request that had so many `seconds` of the `whole` time for one."""
    import httpcore

    url = shown(request.url)
    try:
        yield
    except httpcore.TimeoutException as error:
        if seconds < whole / 2:  # what was asked before used it up, which tells nothing of this request
            message = f"{url} gave no complete answer in the {say_duration(max(seconds, 0))} that were left for it"
            fix = f"raise the item's `timeout`: what it asked before took the rest of {say_duration(whole)}"
            raise CannotTell(message, reason=Reason.TIMEOUT, fix=fix) from error
        message = f"{url} gave no complete answer within {say_duration(seconds)}"
        raise Unreachable(message, reason=Reason.TIMEOUT, subject=url) from error
    except httpcore.ConnectError as error:
        raise Unreachable(f"{url} cannot be connected to: {error}", subject=url) from error
    except httpcore.LocalProtocolError as error:
        raise CannotTell(f"{request.method} {url} is no request that HTTP allows") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error) as error:
        raise Unreachable(f"{url} broke off its answer: {error}", subject=url) from error
    except Unreachable as error:
        raise Unreachable(error.message, reason=error.reason, subject=url) from error


def _host(url: str) -> str:
    return _url(url).host


def _request(request: HttpRequest, moment: float) -> httpx.Request:
    import httpx

    url = _url(request.url)
    given = {name.lower() for name, _ in request.headers}
    headers = [*(pair for pair in DEFAULTS if pair[0] not in given), *request.headers]
    if url.userinfo and "authorization" not in given:
        headers.append(("authorization", f"Basic {_basic(url)}"))
    timeouts = {"connect": moment, "read": moment, "write": moment, "pool": max(moment - time.monotonic(), 0.001)}
    extensions = {"timeout": timeouts}
    try:
        return httpx.Request(
            request.method.upper(), url, headers=headers, content=request.content, extensions=extensions
        )
    except ValueError as error:
        raise CannotTell(f"{request.method} {shown(request.url)} has a header that HTTP does not allow") from error


def _url(text: str) -> httpx.URL:
    import httpx

    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise CannotTell(f"{shown(text)} is no URL") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise CannotTell(f"{shown(text)} is no http or https URL")
    return url


def _basic(url: httpx.URL) -> str:
    """User name and password for the Basic scheme (RFC 7617)."""
    return b64encode(f"{url.username}:{url.password}".encode()).decode()


def _stay_outside(request: HttpRequest, target: HttpRequest) -> None:
    """Refuse a redirect by which a server elsewhere would make this machine talk to itself."""
    inside, outside = urlsplit(target.url).hostname or "", urlsplit(request.url).hostname or ""
    if is_loopback_host(inside) and not is_loopback_host(outside):
        raise CannotTell(f"{shown(request.url)} redirects to {inside}, which was not followed", reason=Reason.DENIED)


def _tls(response: httpx.Response) -> TlsInfo | None:
    from readiness.world.tls import describe

    connection = response.extensions["network_stream"].get_extra_info("ssl_object")
    return describe(connection) if connection else None
