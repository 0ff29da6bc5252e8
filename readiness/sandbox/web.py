"""A small HTTP server on a free loopback port: one function answers, whole bodies in and out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast

from readiness.sandbox.listener import LOOPBACK, Listener, Loop

BODY_LIMIT = 1 << 20
"""Bytes of a request body; a longer one is refused."""
IDLE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    """With the query, as it was sent."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What it gets."""

    status: int = 200
    body: bytes = b"{}"
    type: str = "application/json"

    @classmethod
    def json(cls, value: object, status: int = 200) -> Self:
        """A value as indented JSON."""
        return cls(status=status, body=json.dumps(value, indent=2).encode())


class WebSandbox:
    """Serves while the context is open; :meth:`answer` is what a subclass gives."""

    def __init__(self, *, port: int = 0) -> None:
        self._wanted = port
        self._server: _Server | None = None
        self._loop: Loop | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``."""
        if self._server is None:
            raise RuntimeError("the sandbox is not started; use it as a context manager")
        return f"http://{LOOPBACK}:{self._server.port}"

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request; called by several threads."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._server = _Server(self.answer, self._wanted)
        self._loop = Loop(self._server, type(self).__name__)
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._server is not None:
            self._loop.stop()
            self._server.hang_up()


class _Server(Listener):
    def __init__(self, answer: Callable[[Asked], Answer], port: int) -> None:
        self.answer = answer
        super().__init__(_Handler, port)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "readiness-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT or "transfer-encoding" in self.headers:
            self.close_connection = True
            self._send(Answer.json({"error": f"send a Content-Length of at most {BODY_LIMIT} bytes"}, 413))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(method=self.command, path=self.path, headers=headers, body=self.rfile.read(int(length)))
        self._send(cast("_Server", self.server).answer(asked))

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was asked is what the sandbox keeps."""
