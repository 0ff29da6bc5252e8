"""The committed pages on a real local server, under a strict content policy, with an API that answers as told."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parents[2] / "reference" / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the API says; with a gate, not before the gate is set."""

    status: int
    body: bytes
    gate: threading.Event | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that reached the API."""

    method: str
    path: str
    body: Any


@dataclass(kw_only=True)
class Site:
    """What the server serves, and what reached it."""

    origin: str
    answer: Answer = Answer(status=500, body=b"{}")
    calls: list[Call] = field(default_factory=list)
    _visited: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def says(self, body: object, *, status: int = 200, gate: threading.Event | None = None) -> None:
        """Let the API answer like this from now on."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = Answer(status=status, body=raw, gate=gate)

    def visit(self, path: str) -> None:
        """Note that a page was asked for."""
        with self._news:
            self._visited.append(path)
            self._news.notify_all()

    def wait_for_visit(self, path: str) -> None:
        """Return when a browser has asked for this page."""
        with self._news:
            assert self._news.wait_for(lambda: path in self._visited, timeout=15), f"nobody asked for {path}"


class Server(ThreadingHTTPServer):
    """A server on a free port of the loopback address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.site = Site(origin=f"http://127.0.0.1:{self.server_port}")


class Handler(BaseHTTPRequestHandler):
    """Pages at clean addresses; everything below /api goes to the script."""

    @property
    def site(self) -> Site:
        """What the server serves."""
        assert isinstance(self.server, Server)
        return self.server.site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/"):
            self._script()
            return
        name = path.strip("/") or "index"
        found = [file for file in (WEB / name, WEB / f"{name}.html") if file.is_file()]
        file = found[0] if found else WEB / "404.html"
        self._reply(200 if found else 404, TYPES[file.suffix], file.read_bytes())
        self.site.visit(path)

    def do_POST(self) -> None:
        self._script()

    def _script(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.site.answer
        self.site.calls.append(Call(method=self.command, path=self.path, body=json.loads(sent) if sent else None))
        if answer.gate:
            answer.gate.wait(timeout=30)
        self._reply(answer.status, "application/json", answer.body)

    def _reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _policy(content))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the calls are kept."""


def _policy(content: bytes) -> str:
    """No inline code but the scripts that the page has, each by its hash; no inline style at all."""
    scripts = re.findall(rb"<script>(.*?)</script>", content, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts]
    return f"default-src 'self'; script-src 'self' {' '.join(hashes)}; base-uri 'none'; object-src 'none'"
