"""All that a check may import: what it reads, what it may say, and the world that it looks at.

A check is a frozen dataclass. Its fields are its options in the checklist, its docstring is its
documentation page, and ``run`` sees a :class:`World` and says what it saw::

    @dataclass(frozen=True, kw_only=True)
    class EnvKey:
        '''An environment variable is set.'''

        id: ClassVar = "env.key"
        reads: ClassVar = frozenset({Reads.ENV})
        effect: ClassVar = Effect.READ

        key: str
        '''Name of the variable.'''

        def looks_at(self) -> Iterator[str]:
            yield f"${self.key}"

        def run(self, world: World) -> Iterator[Outcome]: ...

It knows nothing of severities, waivers and verdicts. Seeing is not judging.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from readiness.corpus import Corpus

EVIDENCE_LIMIT = 2_000
"""Characters of an observation that a report keeps; the digest covers all of it."""


class Reads(StrEnum):
    """What a check looks at; chooses its lane in the runner, and what ``--offline`` leaves out."""

    REPO = "repo"
    ENV = "env"
    DNS = "dns"
    NETWORK = "network"
    STRIPE = "stripe"
    DB = "db"
    EXEC = "exec"
    BROWSER = "browser"


class Effect(StrEnum):
    """What a check does to the world besides looking; all but READ need the operator's ``--allow``."""

    READ = "read"
    TRAFFIC = "traffic"
    """Load or bursts of requests."""
    WRITE = "write"
    """Creates or changes something outside."""
    EXEC = "exec"
    """Runs a program that the checklist names."""


class Reason(StrEnum):
    """Why an item is not `pass`: the closed list, one code an item."""

    # an observation contradicts the item
    MISSING = "missing"
    MISMATCH = "mismatch"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    # nothing is known (TIMEOUT also where our own endpoint was too slow to answer)
    TIMEOUT = "timeout"
    DENIED = "denied"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not_found"
    NOTHING_CHECKED = "nothing_checked"
    CRASH = "crash"
    # this run did not look
    NEEDS = "needs"
    FILTERED = "filtered"
    OFFLINE = "offline"
    OUT_OF_SCOPE = "out_of_scope"
    EFFECT_REFUSED = "effect_refused"
    INTERRUPTED = "interrupted"
    # only a person can say
    NEVER_ATTESTED = "never_attested"
    EXPIRED = "expired"
    STALE_DEFINITION = "stale_definition"
    OTHER_RELEASE = "other_release"
    NO_EVIDENCE = "no_evidence"
    WRONG_ROLE = "wrong_role"
    # does not concern this environment or configuration
    ENVIRONMENT = "environment"
    WHEN = "when"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was seen, and where; enough for a stranger to look again."""

    source: str
    """Where it was seen: ``api/main.py:12``, ``GET https://...``, ``TXT kamiyo.ai @127.0.0.1:53``."""
    seen: str
    """The observation, cut to :data:`EVIDENCE_LIMIT` characters."""
    sha256: str
    """Digest of the whole observation, in hex."""

    @classmethod
    def of(cls, source: str, seen: str | bytes) -> Self:
        """Keep the beginning of an observation and the digest of all of it."""
        raw = seen.encode("utf-8", "backslashreplace") if isinstance(seen, str) else seen
        text = seen if isinstance(seen, str) else seen.decode("utf-8", "backslashreplace")
        if len(text) > EVIDENCE_LIMIT:
            text = f"{text[:EVIDENCE_LIMIT]} ... ({len(raw)} bytes)"
        return cls(source=source, seen=text, sha256=hashlib.sha256(raw).hexdigest())


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One assertion and what became of it; make it with :func:`passed` or :func:`failed`."""

    ok: bool
    message: str
    """One sentence that makes sense without the checklist at hand."""
    reason: Reason | None = None
    """Set where the assertion does not hold."""
    expected: str | None = None
    observed: str | None = None
    subject: str | None = None
    """What the assertion is about: a URL, a file, a variable, a price id."""
    evidence: tuple[Evidence, ...] = ()


def passed(
    message: str,
    *,
    expected: object = None,
    observed: object = None,
    subject: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Outcome:
    """An assertion that holds."""
    return Outcome(
        ok=True,
        message=message,
        expected=_text(expected),
        observed=_text(observed),
        subject=subject,
        evidence=tuple(evidence),
    )


def failed(
    message: str,
    *,
    reason: Reason = Reason.MISMATCH,
    expected: object = None,
    observed: object = None,
    subject: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Outcome:
    """An assertion that an observation contradicts."""
    return Outcome(
        ok=False,
        message=message,
        reason=reason,
        expected=_text(expected),
        observed=_text(observed),
        subject=subject,
        evidence=tuple(evidence),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class CannotTell(Exception):
    """The instrument was out of reach (a resolver, Stripe's API, a tool): the item becomes `error`.

    Never raise it for a fact about the subject, and never swallow it: "I could not tell" is an
    answer, and it blocks.
    """

    def __init__(self, message: str, *, reason: Reason = Reason.UNAVAILABLE, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.fix = fix
        """How to get the instrument back, in one sentence."""


class OtherMode(CannotTell):
    """Stripe has the object, but in the other mode than the key's (test instead of live, or live instead of test).

    Where a check asked for an object by an id that the service uses, this is a fact about the
    service, and the check turns it into a failure; unhandled it is an `error`.
    """


class Unreachable(Exception):
    """Our own subject (an endpoint, a page) does not answer: the item becomes `fail`.

    ``reason`` is UNREACHABLE, TIMEOUT or TLS. The runner tries again as often as ``retries`` says.
    """

    def __init__(self, message: str, *, reason: Reason = Reason.UNREACHABLE, subject: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.subject = subject


# --- the world ------------------------------------------------------------------------------------


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
    """One request. Identical safe requests (GET, HEAD, OPTIONS) are sent once a run."""

    method: str = "GET"
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    follow_redirects: bool = False
    timeout: float | None = None
    """Seconds for the whole exchange; None leaves it to the item's deadline."""


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


class Stripe(Protocol):
    """Stripe's API through the real SDK, read only, each object fetched once a run."""

    def retrieve(self, resource: str, id: str, *, expand: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """The object as plain data, or None where Stripe says resource_missing.

        `resource` is the SDK's service under ``client.v1``, such as ``prices``. Raises CannotTell
        for 401, 403 (naming the missing permission), 429, 5xx, no key, and an API out of reach.
        """
        ...

    def source(self) -> str:
        """The API's address and the account's mode, for evidence."""
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
    def commands(self) -> Commands:
        """Programs."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...


@runtime_checkable
class Check(Protocol):
    """One way to verify an item; see the module's docstring."""

    id: ClassVar[str]
    reads: ClassVar[frozenset[Reads]]

    @property
    def effect(self) -> Effect:
        """What it does to the world; a class variable, or a property where the options decide."""
        ...

    def looks_at(self) -> Iterable[str]:
        """What `run` will read or contact, for ``readiness plan``.

        ``GET https://...``, ``TXT kamiyo.ai``, ``$STRIPE_SECRET_KEY``, ``api/**/*.py``. Told before
        anything runs, so it looks at the options alone.
        """
        ...

    def run(self, world: World) -> Iterable[Outcome]:
        """Look, and say what was seen. Yielding nothing is an error, never a pass."""
        ...
