"""Stripe on a bad day: a real server that answers every request with the same fault, or never."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(kw_only=True)
class BrokenStripe:
    """What it answers, and what it was asked."""

    status: int = 500
    body: dict[str, Any] = field(default_factory=dict)
    silent: bool = False
    """Take requests and do not answer before the server ends."""
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Headers of each request, with its method and path as ``:method`` and ``:path``."""
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Note the request and answer it."""
        request.rfile.read(int(request.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append({":method": request.command, ":path": request.path, **headers})
        self.arrived.release()
        if self.silent:
            self.ended.wait(60)
            return
        body = json.dumps(self.body).encode()
        request.send_response(self.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def broken_stripe(*, status: int = 500, message: str = "", silent: bool = False) -> Iterator[BrokenStripe]:
    """Answer with an error of Stripe's shape until the end of the block."""
    stripe = BrokenStripe(status=status, body={"error": {"type": "api_error", "message": message}}, silent=silent)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stripe.answer(self)

        def do_POST(self) -> None:
            stripe.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stripe
    finally:
        stripe.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
