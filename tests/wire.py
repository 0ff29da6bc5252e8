"""Real counterparts for tests of what goes over the network: a scripted web server, certificates, a world."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from readiness.api import Outcome, World
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env

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
    moment = datetime.now(UTC)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Test Authority")
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key(), moment + timedelta(days=authority_days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [_general(host)]
    leaf = (
        _builder(_name(host), authority_name, key.public_key(), moment + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain, issuer = folder / f"{host}-{days}.pem", folder / f"authority-{host}-{days}.pem"
    chain.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    issuer.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return Certificate(chain=chain, authority=issuer)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    begins = min(datetime.now(UTC), ends) - timedelta(days=30)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)
