"""One POST to a loopback address: no redirect, no proxy, no outside call, bounded in time and size."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

RESPONSE_LIMIT = 4096
"""Bytes of a response that are read."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, or why nothing did."""

    status: int | None
    text: str
    duration: float


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine, as Stripe's own CLI would be told it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "http":
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Sends; `hang_up` ends every delivery that is under way."""

    def __init__(self, seconds: float = 20.0) -> None:
        self.seconds = seconds
        """How long an endpoint may take; Stripe's limit is not documented for every plan, 20 s is our default."""
        self._open: set[http.client.HTTPConnection] = set()
        self._stopping = threading.Event()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send; never raises."""
        if not is_loopback(url):
            return Answer(status=None, text="refused: the sandbox delivers to http:// on loopback only", duration=0.0)
        begun = time.monotonic()
        status, text = self._exchange(url, body, headers)
        return Answer(status=status, text=text, duration=time.monotonic() - begun)

    def hang_up(self) -> None:
        """End what is under way, and send no more."""
        self._stopping.set()
        for connection in tuple(self._open):
            _cut(connection)

    def _exchange(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str]:
        begun, parts = time.monotonic(), urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=self.seconds)
        limit = threading.Timer(self.seconds, _cut, (connection,))  # a trickle resets the socket's own timeout
        limit.daemon = True
        self._open.add(connection)
        try:
            connection.connect()
            limit.start()
            if self._stopping.is_set():
                return None, "the sandbox stopped"
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read(RESPONSE_LIMIT).decode("utf-8", "replace")
        except TimeoutError:
            return None, f"timed out after {self.seconds:g}s"
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() - begun >= self.seconds  # then `limit` cut it
            return None, f"timed out after {self.seconds:g}s" if late else f"{type(error).__name__}: {error}"
        finally:
            limit.cancel()
            self._open.discard(connection)
            connection.close()
            if limit.ident is not None:
                limit.join()


def _cut(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError, AttributeError):  # not connected yet, or gone already
        connection.sock.shutdown(socket.SHUT_RDWR)
