"""Real counterparts for tests of what goes over the network: a scripted web server, certificates, a world."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self, cast

from readiness.api import Outcome, World
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env
from tests.pki import Issued

Script = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server says."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Self:
        named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
        return cls(
            status=status, headers=(("Content-Type", "application/json"), *named), body=json.dumps(value).encode()
        )

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(self.status)
        for name, value in self.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(self.body)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class WebServer:
    """Answers by path, or by method and path (``POST /x``), on a free loopback port."""

    scripts: dict[str, Script] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: list[object] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: WebServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients of these tests hang up on purpose."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.owner.connections.append(client_address)
        if self.owner.context is None:
            return super().finish_request(request, client_address)
        with self.owner.context.wrap_socket(request, server_side=True, suppress_ragged_eofs=True) as secured:
            return super().finish_request(secured, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms for an acknowledgement

    def do_GET(self) -> None:
        owner = cast("_Server", self.server).owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        owner.asked.append(Asked(method=self.command, path=self.path, headers=headers, body=body))
        path = self.path.partition("?")[0]
        script = owner.scripts.get(f"{self.command} {path}") or owner.scripts.get(path) or Answer(status=404)
        script(self)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the library's names
    do_TRACE = do_TRACK = do_PROPFIND = do_GET  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def outside(
    root: Path,
    *,
    env: Mapping[str, str] | None = None,
    nameserver: str | None = None,
    allow: frozenset[str] = frozenset(),
) -> Iterator[Outside]:
    """The real world over a folder, its connections closed at the end."""
    redactor = Redactor()
    known = Env(env or {}, None, redactor)
    world = Outside(environment="test", root=root, env=known, redactor=redactor, nameserver=nameserver, allow=allow)
    try:
        yield world
    finally:
        world.close()


def view(world: Outside, timeout: float = 5.0) -> World:
    """The world of one attempt."""
    return cast("World", world.attempt(timeout, fresh=False))


class Runs(Protocol):
    """A check, of which only this matters here."""

    def run(self, world: World) -> Iterable[Outcome]: ...


def look(check: Runs, world: Outside, timeout: float = 5.0) -> list[Outcome]:
    """All outcomes of a check."""
    return list(check.run(view(world, timeout)))


def broken(outcomes: list[Outcome]) -> list[str]:
    """The messages of those that do not hold."""
    return [outcome.message for outcome in outcomes if not outcome.ok]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Files of a server's certificate with its key, and of the authority that issued it."""

    chain: Path
    authority: Path

    def server_context(self, *, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        context.maximum_version = newest
        return context


def certificate(
    folder: Path, *, host: str = "127.0.0.1", days: float = 90.0, authority_days: float = 3650.0
) -> Certificate:
    """A certificate that ends in so many days, of an authority of its own."""
    authority = Issued.root("Test Authority", days=authority_days)
    made = authority.server(host, days=days)
    chain, issuer = folder / f"{host}-{days}.pem", folder / f"authority-{host}-{days}.pem"
    chain.write_bytes(made.private + made.pem)
    issuer.write_bytes(authority.pem)
    return Certificate(chain=chain, authority=issuer)
