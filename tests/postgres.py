"""A PostgreSQL of its own for the tests: a throwaway cluster on a free port, a database for each that asks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

NOBODY = 65534
START = 30.0
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}
"""Nothing here outlives a crash of the machine, and nothing has to."""


def programs() -> Path | None:
    """The folder of initdb and postgres: of the newest release that Debian's packages have, else of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server; everybody on this machine may do everything in it."""

    port: int
    bin: Path
    log: Path
    data: Path
    user: int | None
    """Who runs it: PostgreSQL refuses root."""

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
    def database(self, template: str = "template0") -> Iterator[str]:
        """The name of a new database, empty or a copy, which goes with the block."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def started(self) -> Iterator[None]:
        """The server runs in the block; it can be started again afterwards, with what it had stored."""
        argv = [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        argv += [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            process = subprocess.Popen(argv, cwd=self.data, stdout=log, stderr=log, user=self.user)
        try:
            self._wait(process)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # ends sessions and itself
            process.wait(START)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
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
    user = NOBODY if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if user is not None:
            os.chown(folder, user, -1)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        argv = [str(bin_folder / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
        argv += ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60, user=user)
        yield Cluster(port=port, bin=bin_folder, log=folder / "log", data=folder / "data", user=user)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running cluster for all tests of this process."""
    with made_cluster() as cluster, cluster.started():
        yield cluster
