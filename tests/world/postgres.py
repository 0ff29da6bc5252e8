"""A PostgreSQL of its own for a test: a fresh cluster in a temporary folder, on a free loopback port.

    with PostgresCluster(folder) as cluster:
        url = cluster.database("shop")      # postgresql://owner:...@127.0.0.1:PORT/shop

PostgreSQL refuses to run as root, so there it runs as nobody. About two seconds to start.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import psycopg
from psycopg import sql

from tests.privileges import NOBODY

OWNER = "owner"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=50")
"""Nothing here has to survive a power cut."""


def programs() -> Path | None:
    """Where initdb and pg_ctl are; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


@dataclass
class PostgresCluster:
    """Runs from `with` to its end; every database in it has the same owner and password."""

    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def __enter__(self) -> Self:
        place = programs()
        assert place, "PostgreSQL is not installed"
        self.programs = place
        # not in pytest's folder, which nobody else may enter
        self.folder = Path(mkdtemp(prefix="readiness-postgres-"))
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.port = _free_port()
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        authority = ("--auth=scram-sha-256", f"--pwfile={secret}")
        self._run("initdb", "-D", self.data, "-U", OWNER, *authority, "-E", "UTF8", "--locale=C", "--no-sync")
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}", *QUICK]
        settings = " ".join(f"-c {option}" for option in options)
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "-o", settings, "start")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def database(self, name: str, script: str = "") -> str:
        """Make a database, run a script in it, and give its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        if script:
            with psycopg.connect(self.url(name)) as connection:
                connection.execute(script.encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """The URL of a database, with the owner's password."""
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        argv: Sequence[str | Path] = (self.programs / program, *arguments)
        other = NOBODY if os.geteuid() == 0 else None
        with (self.folder / "errors").open("ab") as errors:  # a file: a server keeps what it inherits
            done = subprocess.run(
                argv,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                check=False,
                timeout=90,
                user=other,
                group=other,
                extra_groups=None if other is None else (),
            )
        assert done.returncode == 0, (self.folder / "errors").read_text()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
