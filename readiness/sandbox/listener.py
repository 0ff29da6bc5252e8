"""A TCP server on a free loopback port that stops without leaving a thread or a socket behind.

The standard ``ThreadingMixIn`` either forgets its threads (daemon) or waits for clients that keep
their connection open. Here each connection is known, so that stopping hangs up and joins.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import Any

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05
"""How soon a request to stop is seen."""


class Loop:
    """A thread around a socketserver's ``serve_forever``."""

    def __init__(self, server: socketserver.BaseServer, name: str) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name=name, daemon=True)

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more, and close the socket."""
        if self._thread.ident is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class Listener(socketserver.TCPServer):
    """One thread a connection; :meth:`hang_up` ends them all."""

    request_queue_size = 256
    """Fifty clients at once must not be refused."""

    def __init__(self, handler: type[socketserver.BaseRequestHandler], port: int = 0) -> None:
        self._connections: dict[threading.Thread, socket.socket] = {}  # only the loop's thread adds
        super().__init__((LOOPBACK, port), handler)

    @property
    def port(self) -> int:
        """The port, also where the system chose it."""
        return int(self.socket.getsockname()[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in a thread of its own."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        self._connections = {known: its for known, its in self._connections.items() if known.is_alive()}
        self._connections[thread] = request
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client left, or we are stopping
        finally:
            self.shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection and wait for its thread; call it after the loop has stopped."""
        for connection in self._connections.values():
            with contextlib.suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._connections:
            thread.join()
        self._connections = {}
