"""The real world: each client is made at its first use, and what several checks fetch is fetched once a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from readiness.redact import Redactor

if TYPE_CHECKING:
    from readiness.world.commands import Commands
    from readiness.world.database import DatabaseClient
    from readiness.world.dns import DnsClient
    from readiness.world.env import Env
    from readiness.world.http import HttpClient
    from readiness.world.repo import Repo
    from readiness.world.stripe import StripeClient

T = TypeVar("T")


class Client(Protocol):
    """A client that several attempts share."""

    def attempt(self, timeout: float, *, fresh: bool) -> Self:
        """The same client for one attempt."""
        ...


C = TypeVar("C", bound=Client)


class Outside:
    """The world of one run."""

    def __init__(
        self,
        *,
        environment: str,
        root: Path,
        env: Env,
        redactor: Redactor,
        nameserver: str | None = None,
        allow: frozenset[str] = frozenset(),
    ) -> None:
        self.environment = environment
        self.root = root
        self.env = env
        self.redactor = redactor
        self.nameserver = nameserver
        self.allow = allow
        self._lock = threading.RLock()
        self._made: dict[str, object] = {}

    def attempt(self, timeout: float, *, fresh: bool) -> View:
        """The world for one attempt of `timeout` seconds; `fresh` forgets what was fetched before."""
        return View(self, timeout, fresh=fresh)

    def redact(self, text: str) -> str:
        """A text without secrets."""
        return self.redactor.text(text)

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """One client a run, however many threads ask for it."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]  # type: ignore[return-value]  # a name always stands for the same type

    def close(self) -> None:
        """End the connections that clients keep open."""
        with self._lock:
            for client in self._made.values():
                close = getattr(client, "close", None)
                if close:
                    close()

    @property
    def http(self) -> HttpClient:
        """Endpoints."""

        def make() -> HttpClient:
            from readiness.world.http import HttpClient

            return HttpClient(allow_private="private-network" in self.allow)

        return self.once("http", make)

    @property
    def repo(self) -> Repo:
        """Files."""

        def make() -> Repo:
            from readiness.world.repo import Repo

            return Repo(self.root)

        return self.once("repo", make)

    @property
    def commands(self) -> Commands:
        """Programs."""

        def make() -> Commands:
            from readiness.world.commands import Commands

            return Commands(self.root, self.env)

        return self.once("commands", make)

    @property
    def dns(self) -> DnsClient:
        """Name servers."""

        def make() -> DnsClient:
            from readiness.world.dns import DnsClient

            return DnsClient(nameserver=self.nameserver)

        return self.once("dns", make)

    @property
    def stripe(self) -> StripeClient:
        """Stripe's API."""

        def make() -> StripeClient:
            from readiness.world.stripe import StripeClient

            return StripeClient(self.env, live_writes="live-writes" in self.allow)

        return self.once("stripe", make)

    @property
    def database(self) -> DatabaseClient:
        """The service's database."""

        def make() -> DatabaseClient:
            from readiness.world.database import DatabaseClient

            return DatabaseClient(env=self.env, root=self.root)

        return self.once("database", make)


class View:
    """The world as one attempt sees it: its clients keep to the attempt's time."""

    def __init__(self, outside: Outside, timeout: float, *, fresh: bool) -> None:
        self._outside = outside
        self._timeout = timeout
        self._fresh = fresh
        self._clients: dict[type, object] = {}

    @property
    def environment(self) -> str:
        """Name of the environment that is checked."""
        return self._outside.environment

    @property
    def env(self) -> Env:
        """Environment variables."""
        return self._outside.env

    @property
    def repo(self) -> Repo:
        """Files."""
        return self._outside.repo

    @property
    def commands(self) -> Commands:
        """Programs."""
        return self._outside.commands

    @property
    def http(self) -> HttpClient:
        """Endpoints."""
        return self._once(self._outside.http)

    @property
    def dns(self) -> DnsClient:
        """Name servers."""
        return self._once(self._outside.dns)

    @property
    def stripe(self) -> StripeClient:
        """Stripe's API."""
        return self._once(self._outside.stripe)

    @property
    def database(self) -> DatabaseClient:
        """The service's database."""
        return self._once(self._outside.database)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._outside.now()

    def _once(self, client: C) -> C:
        """The client for this attempt, whose time begins at its first use."""
        kind = type(client)
        if kind not in self._clients:
            self._clients[kind] = client.attempt(self._timeout, fresh=self._fresh)
        return self._clients[kind]  # type: ignore[return-value]  # of the kind that it is kept under
