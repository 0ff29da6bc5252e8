"""The world that checks look at: protocols, behind which the real one or a sandboxed one may be."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from readiness.api.database import Database
from readiness.corpus import Corpus
from readiness.light import dataclass


class Env(Protocol):
    """The environment of the service: the process environment over the environment's dotenv file."""

    def get(self, name: str, *, secret: bool = False) -> str | None:
        """The exact value, or None where the variable is not set.

        What looks like a secret, by name or by value, is redacted from every output from then on;
        `secret` says that it is one.
        """
        ...

    def origin(self, name: str) -> str:
        """Where the value comes from, for people: ``process environment`` or ``.env:3``."""
        ...


class Repo(Protocol):
    """The files below the checklist's root; paths are relative to it, with ``/``.

    The universe is what git tracks or would track (``git ls-files -co --exclude-standard``), else
    every regular file outside ``.git``, virtual environments and ``node_modules``. Nothing outside
    the root is ever read, through links either.
    """

    def files(self, globs: Sequence[str], exclude: Sequence[str] = ()) -> tuple[str, ...]:
        """Paths that match any of the globs (``**`` crosses folders) and none of `exclude`, sorted."""
        ...

    def exists(self, path: str) -> bool:
        """Whether a regular file is there."""
        ...

    def read(self, path: str) -> bytes:
        """Its bytes; read once a run. Raises FileNotFoundError, or CannotTell (unreadable, too big, special)."""
        ...

    def corpus(self, globs: Sequence[str], exclude: Sequence[str] = ()) -> Corpus:
        """The text of the files that `files` gives, ready to be searched by many patterns."""
        ...

    def python(self, path: str) -> ast.Module:
        """Its syntax tree; parsed once a run. Raises SyntaxError besides what `read` raises."""
        ...

    def resolve(self, path: str) -> Path:
        """Its place on disk, for a message or a mode bit. Raises CannotTell where it leaves the root."""
        ...


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One request. Identical safe requests (GET, HEAD, OPTIONS) are sent once a run, unless it is `fresh`."""

    method: str = "GET"
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    follow_redirects: bool = False
    timeout: float | None = None
    """Seconds for the whole exchange; None leaves it to the item's deadline."""
    fresh: bool = False
    """Send it even where an identical one was answered in this run."""


@dataclass(frozen=True, kw_only=True)
class TlsInfo:
    """What the handshake showed."""

    version: str
    cipher: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_after: datetime
    """The earliest end of validity over the chain that is known."""


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """One answer; `headers` keeps order and repeats, names in lower case."""

    status: int
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    """The body went past the bound and was cut there."""
    first_byte: float
    """Seconds until the head of the answer was there."""
    elapsed: float
    """Seconds for the whole exchange."""
    tls: TlsInfo | None = None

    def header(self, name: str) -> str | None:
        """The values of a header joined with ``, `` as RFC 9110 5.3 allows, or None."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None


class Http(Protocol):
    """The only way to an endpoint: bounded, guarded at connect, without proxies from the environment."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send it. Raises Unreachable (refused, timeout, TLS), or CannotTell (egress refused)."""
        ...

    def handshake(self, url: str) -> TlsInfo:
        """Shake hands with the host of an https URL and send nothing. Raises as `send` does."""
        ...

    def takes_up(self, url: str, version: str) -> bool:
        """Whether the host of an https URL takes up ``TLSv1`` or ``TLSv1.1``, offered alone. Raises as `send` does."""
        ...


@dataclass(frozen=True, kw_only=True)
class DnsAnswer:
    """A fact about a name: what is there, or that nothing is."""

    status: str
    """``ok``, ``nxdomain`` (no such name) or ``nodata`` (the name is there, this type is not)."""
    records: tuple[bytes, ...]
    """One entry a record, in the order of their text.

    TXT: its strings joined as bytes (RFC 7208 3.3); else presentation form.
    """
    ttl: int
    server: str
    """``address:port`` that answered."""
    canonical: str
    """The name at the end of the CNAME chain."""


class Dns(Protocol):
    """One resolver a run; equal questions are asked once."""

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        """Ask. Raises CannotTell for a timeout, SERVFAIL, REFUSED or a resolver out of reach."""
        ...


@dataclass(frozen=True, kw_only=True)
class StripeAnswer:
    """What Stripe answered, as plain data, and where it was seen."""

    objects: tuple[Mapping[str, Any], ...]
    """Nothing where Stripe says that there is no such object."""
    source: str
    """``GET /v1/prices/price_1 at https://api.stripe.com, test mode, Stripe-Version ..., Request-Id req_...``."""

    @property
    def object(self) -> Mapping[str, Any] | None:
        """The one object that was asked for, or None."""
        return self.objects[0] if self.objects else None


class Stripe(Protocol):
    """Stripe's API through the real SDK; what several checks ask is asked once a run.

    `resource` is the SDK's service under ``client.v1``, such as ``prices`` or ``tax.settings``, or
    with its version, such as ``v2.core.event_destinations``. Every method raises CannotTell for 403
    (naming the missing permission), 429, 5xx and an API out of reach, and KeyRefused where the key
    is not set, is none, or is not accepted.
    """

    def mode(self) -> str:
        """``test`` or ``live``, as the key says."""
        ...

    def retrieve(self, resource: str, id: str | None = None, *, expand: Sequence[str] = ()) -> StripeAnswer:
        """One object, the account's only one where `id` is None. Raises OtherMode where the other mode has it."""
        ...

    def list(self, resource: str, *, most: int = ..., **params: Any) -> StripeAnswer:
        """All pages of a list; no page more is fetched once `most` objects are there."""
        ...

    def allow_writing(self) -> None:
        """Return where this run may change something at Stripe: in test mode, or with ``--allow live-writes``.

        Raises CannotTell where it may not. Whoever has the service write at Stripe asks before.
        """
        ...

    def write(self, call: str, id: str) -> StripeAnswer:
        """Change an object, by the SDK's method: ``checkout.sessions.expire``. Asks `allow_writing` first."""
        ...


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """A finished program."""

    exit_code: int
    """Negative where a signal ended it: ``-9`` for SIGKILL."""
    stdout: bytes
    stderr: bytes
    elapsed: float
    """Seconds."""
    truncated: bool = False
    """One of the streams went past 1 MiB and was cut there."""


class Commands(Protocol):
    """Programs run as an argv without a shell, in the root, with a short environment."""

    def run(self, argv: Sequence[str], *, timeout: float, env: Sequence[str] = ()) -> CommandResult:
        """Run it; `env` names variables to hand over. Raises CannotTell (not installed, timeout, refused)."""
        ...


class World(Protocol):
    """Everything outside that a check may look at; each client is made at its first use."""

    @property
    def environment(self) -> str:
        """Name of the environment that is checked."""
        ...

    @property
    def env(self) -> Env:
        """Environment variables."""
        ...

    @property
    def repo(self) -> Repo:
        """Files."""
        ...

    @property
    def http(self) -> Http:
        """Endpoints."""
        ...

    @property
    def dns(self) -> Dns:
        """Name servers."""
        ...

    @property
    def stripe(self) -> Stripe:
        """Stripe's API."""
        ...

    @property
    def database(self) -> Database:
        """The service's database."""
        ...

    @property
    def commands(self) -> Commands:
        """Programs."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...
