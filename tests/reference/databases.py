"""The service's database as a test sees it: SQLite's file, or one of a throwaway PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres import Cluster
from tests.reference.service import REFERENCE

ALEMBIC = [sys.executable, "-m", "alembic", "-c", str(REFERENCE / "alembic.ini")]


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where a service stores, and a look into it."""

    url: str
    """Value of DATABASE_URL."""
    address: str
    """What the driver of the test connects with."""

    @property
    def is_sqlite(self) -> bool:
        """Which of the two it is."""
        return self.url.startswith("sqlite")

    def rows(self, statement: str) -> list[Any]:
        """What a statement gives; single columns without their tuple. It is committed."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.address, timeout=30)) as connection, connection:
                found = connection.execute(statement).fetchall()
        else:
            with psycopg.connect(self.address) as connection_:
                cursor = connection_.execute(statement.encode())
                found = cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else tuple(row) for row in found]

    def one(self, statement: str) -> Any:
        """The only row."""
        (row,) = self.rows(statement)
        return row

    def migrate(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run the documented command, `alembic upgrade head` unless another one is named."""
        return self._run([*ALEMBIC, *(command or ("upgrade", "head"))])

    def migrate_through(self, *commands: str) -> subprocess.CompletedProcess[str]:
        """Several commands one after the other, in one process: each takes a second to start."""
        steps = [[*ALEMBIC[3:], *command.split()] for command in commands]
        return self._run([sys.executable, "-c", f"from alembic.config import main\nfor argv in {steps}: main(argv)"])

    def _run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "DATABASE_URL": self.url}
        return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)

    def hours_pass(self) -> None:
        """What waits in the outbox is due."""
        self.rows("UPDATE email_outbox SET due_at = '2001-01-01 00:00:00.000000' WHERE status = 'pending'")

    def text(self) -> str:
        """Every value of every table."""
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if self.is_sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return "\n".join(str(self.rows(f"SELECT * FROM {table}")) for table in self.rows(tables))  # noqa: S608 - names of the database itself


def on_sqlite(folder: Path) -> Database:
    """A file that is not there yet."""
    file = folder / "checkout.db"
    return Database(url=f"sqlite+aiosqlite:///{file}", address=str(file))


def on_postgres(cluster: Cluster, name: str) -> Database:
    """A database of a cluster."""
    rest = f"://{cluster.address}/{name}"
    return Database(url=f"postgresql+asyncpg{rest}", address=f"postgresql{rest}")


@contextmanager
def migrated_template(cluster: Cluster) -> Iterator[str]:
    """The name of a database with all tables, to be copied."""
    with cluster.database() as name:
        done = on_postgres(cluster, name).migrate()
        assert done.returncode == 0, done.stderr
        yield name
