"""Servers that say any bytes, as slowly and as long as a test wants."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

OK = b"HTTP/1.1 200 OK\r\n"
Says = Callable[[], Iterable[bytes]]


@contextmanager
def serving(says: Says, *, pause: float = 0.0, listens: bool = True) -> Iterator[str]:
    """A server on a free port that reads a request, says its bytes and hangs up."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if listens:
                connection.recv(65536)
            for part in says():
                connection.sendall(part)
                if over.wait(pause) if pause else over.is_set():
                    return

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=serve)
        accepting.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def for_ever(part: bytes, before: bytes = b"") -> Says:
    return lambda: itertools.chain([before], itertools.repeat(part))


def once(*parts: bytes) -> Says:
    return lambda: parts
