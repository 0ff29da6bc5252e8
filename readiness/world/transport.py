"""The wire under :mod:`readiness.world.http`: guarded addresses, and a deadline for the whole exchange.

httpx's timeouts are for one operation each, so that a byte a second never ends. Here the value
that travels as httpcore's ``timeout`` is a moment (of :func:`time.monotonic`) instead of a span,
and the socket gets what is left until then at every operation.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from readiness.address import is_loopback_host, refusal
from readiness.api import CannotTell, Reason, Unreachable
from readiness.light import dataclass
from readiness.world import tls

CONNECTIONS = 100
IDLE = 2.0
"""Seconds that an unused connection is kept; less than servers keep it, or a request meets a closed door."""

Resolve = Callable[[str, int], tuple[str, ...]]


def system_addresses(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of a host, by the system's resolver. Raises Unreachable, or CannotTell without a resolver."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            fix = "check the name servers of this machine"
            raise CannotTell(f"the resolver gave no answer for {host}", reason=Reason.UNAVAILABLE, fix=fix) from error
        raise Unreachable(f"{host} does not resolve to an address", subject=host) from error
    except UnicodeError as error:
        raise Unreachable(f"{host} is no legal host name", subject=host) from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Decides which addresses of a host may be connected to."""

    allow_private: bool = False
    resolve: Resolve = system_addresses

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Those that may be; the connection goes to one of them, so no second answer of DNS can change it."""
        found = self.resolve(host, port)
        refused = {address: why for address in found if (why := self._refusal(host, address))}
        allowed = tuple(address for address in found if address not in refused)
        if allowed:
            return allowed
        seen = ", ".join(f"{address}, {why}" for address, why in refused.items()) or "nothing"
        message = f"{host} leads to {seen}; it was not contacted"
        raise CannotTell(message, reason=Reason.DENIED, fix="where this is meant, run with --allow private-network")

    def _refusal(self, host: str, address: str) -> str | None:
        why = refusal(address)
        literal = is_loopback_host(host) and why == "a loopback address"
        return None if self.allow_private or literal else why


class Backend(httpcore.NetworkBackend):
    """Opens connections to guarded addresses."""

    def __init__(self, guard: Guard, trust: tls.Trust) -> None:
        self._guard = guard
        self._trust = trust

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; each gets its share of the time."""
        addresses = self._guard.addresses(host, port)
        last: OSError = OSError("no address")
        for index, address in enumerate(addresses):
            try:
                share = _left(timeout, httpcore.ConnectTimeout) / (len(addresses) - index)
                return Stream(_connect(address, port, share), self._trust)
            except OSError as error:
                last = error
        kind = httpcore.ConnectTimeout if isinstance(last, TimeoutError) else httpcore.ConnectError
        raise kind(f"{last.strerror or last} ({addresses[-1]} port {port})") from last


def _connect(address: str, port: int, timeout: float) -> socket.socket:
    connection = socket.create_connection((address, port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Stream(httpcore.NetworkStream):
    """One connection; every `timeout` is a moment."""

    def __init__(self, connection: socket.socket, trust: tls.Trust) -> None:
        self._connection = connection
        self._trust = trust

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived, at most `max_bytes`. Raises CannotTell where the pool closed it meanwhile."""
        try:
            self._connection.settimeout(_left(timeout, httpcore.ReadTimeout))
            return self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            if self._closed:
                raise CannotTell("the connection was closed on this side before the answer was there") from error
            raise httpcore.ReadError(error.strerror or str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it. Raises ConnectionNotAvailable, at which the pool takes another, where the pool closed it."""
        try:
            self._connection.settimeout(_left(timeout, httpcore.WriteTimeout))
            self._connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            if self._closed:
                raise httpcore.ConnectionNotAvailable from error
            raise httpcore.WriteError(error.strerror or str(error)) from error

    def close(self) -> None:
        """End the connection.

        The pool does so with one that was idle for long, on the thread of whoever asks next; another
        thread may have been given it in the same moment.
        """
        self._connection.close()

    @property
    def _closed(self) -> bool:
        """On this side."""
        return self._connection.fileno() < 0

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands. Raises Unreachable with what is wrong with the certificate."""
        host = server_hostname or ""
        peer = self._connection.getpeername()
        self._trust.ready()
        try:
            self._connection.settimeout(_left(timeout, httpcore.ConnectTimeout))
            return Stream(ssl_context.wrap_socket(self._connection, server_hostname=host), self._trust)
        except ssl.SSLError as error:
            self.close()
            raise tls.failure(error, host, peer, _left(timeout, httpcore.ConnectTimeout)) from error
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout("the TLS handshake did not end") from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(f"the TLS handshake broke off: {error.strerror or error}") from error

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: is the idle connection readable (so closed by the server), and the TLS object."""
        match info:
            case "ssl_object":
                return self._connection if isinstance(self._connection, ssl.SSLSocket) else None
            case "is_readable":
                return _readable(self._connection)
            case _:
                return None


def _readable(connection: socket.socket) -> bool:
    import select

    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _left(moment: float | None, overdue: type[httpcore.TimeoutException]) -> float:
    left = float("inf") if moment is None else moment - time.monotonic()
    if left <= 0:
        raise overdue("the time is over")
    return min(left, 3600.0)


class Transport(httpx.BaseTransport):
    """httpx over a pool of guarded connections."""

    def __init__(self, guard: Guard, trust: tls.Trust) -> None:
        self.trust = trust
        self.backend = Backend(guard, trust)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust.context,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=IDLE,
            network_backend=self.backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of the answer."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        body = _Body(answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        """End all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        """Give the connection back, or end it where the body was not read to its end."""
        self._answer.close()
