"""A PostgreSQL of its own for the tests: a throwaway cluster on a free port, a database for each that asks.

PostgreSQL refuses to run as root, so there it runs as nobody. About two seconds to start.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.privileges import NOBODY

START = 30.0
RULES = """
local all all              scram-sha-256
host  all postgres 127.0.0.1/32 trust
host  all all      127.0.0.1/32 scram-sha-256
"""
"""Who may come in (pg_hba.conf): the superuser from this machine, everybody else with a password."""
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}
"""Nothing here outlives a crash of the machine, and nothing has to."""


def programs() -> Path | None:
    """The folder of initdb and postgres: of the newest release that Debian's packages have, else of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def runs_as() -> dict[str, Any]:
    """The arguments of subprocess with which a program runs without the rights of root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A server of its own."""

    port: int
    bin: Path
    folder: Path
    """Holds its data, its log and its socket."""

    @property
    def data(self) -> Path:
        """What it stores."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "log"

    @property
    def address(self) -> str:
        """User, host and port, as they stand in a URL."""
        return f"postgres@127.0.0.1:{self.port}"

    def run(self, statement: str, database: str = "postgres") -> str:
        """Rows of a statement as psql prints them, without frame."""
        argv = [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]
        argv += ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=START).stdout.strip()

    @contextmanager
    def database(self, template: str = "template0", *, owner: str = "postgres") -> Iterator[str]:
        """The name of a new database, empty or a copy, which goes with the block."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def role(self, password: str) -> Iterator[str]:
        """The name of a new role, which goes with the block; till then it must have lost what it owned."""
        name, quoted = f"r{uuid.uuid4().hex}", password.replace("'", "''")
        self.run(f"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'")
        try:
            yield name
        finally:
            self.run(f"DROP ROLE {name}")

    @contextmanager
    def started(self, ends_by: signal.Signals = signal.SIGINT) -> Iterator[None]:
        """The server runs in the block; it can be started again afterwards, with what it had stored.

        SIGINT ends sessions and stores what is open; SIGQUIT does not take the time, where nobody will read it again.
        """
        argv = [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        argv += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            process = subprocess.Popen(argv, cwd=self.data, stdout=log, stderr=log, **runs_as())
        try:
            self._wait(process)
            yield
        finally:
            process.send_signal(ends_by)
            process.wait(START)

    def _wait(self, process: subprocess.Popen[Any]) -> None:
        deadline = time.monotonic() + START
        ready = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False, timeout=START).returncode:
            assert process.poll() is None, self.log.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, self.log.read_text("utf-8", "replace")
            time.sleep(0.02)  # there is nothing to wait on


@contextmanager
def made_cluster() -> Iterator[Cluster]:
    """A new cluster that is not started; skips the test where PostgreSQL is not installed."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL's server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # not in pytest's folder, which nobody else may enter
    try:
        if runs_as():
            os.chown(folder, NOBODY, NOBODY)
        argv = [str(bin_folder / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
        argv += ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60, **runs_as())
        cluster = Cluster(port=free_port(), bin=bin_folder, folder=folder)
        (cluster.data / "pg_hba.conf").write_text(RULES)
        yield cluster
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running cluster for all tests of this process."""
    with made_cluster() as cluster, cluster.started(signal.SIGQUIT):
        yield cluster
