"""The service's database: read only, one statement at a time, bounded in rows and time.

The variable that holds the URL is named, never the URL itself: a checklist cannot compose an
address that a secret would be sent to, and the password is seen by nobody but the driver.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from readiness.api import CannotTell, Env, Reason, Rows
from readiness.light import dataclass
from readiness.named_sql import names
from readiness.world.database_url import DatabaseUrl, file_of, parse

ROWS = 1000
TIMEOUT = 10.0


@dataclass(frozen=True, kw_only=True)
class DatabaseClient:
    """:class:`readiness.api.Database` on SQLite (standard library) and PostgreSQL (psycopg)."""

    env: Env
    root: Path
    """Where a relative file of SQLite lies."""
    limit: int = ROWS
    """Rows that are kept of an answer."""
    timeout: float = TIMEOUT
    """Seconds for one statement, connecting included."""
    until: float = float("inf")
    """Moment of :func:`time.monotonic` at which every statement ends."""

    def attempt(self, timeout: float, *, fresh: bool) -> Self:  # noqa: ARG002 - nothing is kept
        """The same client for one attempt of `timeout` seconds."""
        return replace(self, until=time.monotonic() + timeout)

    def query(self, variable: str, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """The rows. Raises as the protocol says."""
        url, values = self._url(variable), parameters or {}
        missing = [name for name in names(sql) if name not in values]
        if missing:
            raise CannotTell(f"the statement names :{missing[0]}, which has no value")
        moment = min(self.until, time.monotonic() + self.timeout)
        if url.dialect == "sqlite":
            from readiness.world import sqlite

            return sqlite.query(file_of(url, self.root), sql, values, moment=moment, limit=self.limit)
        from readiness.world import postgres

        return postgres.query(url, sql, values, moment=moment, limit=self.limit)

    def source(self, variable: str) -> str:
        """``PostgreSQL database shop at db.example:5432``. Raises CannotTell where the variable holds no URL."""
        return self._url(variable).shown

    def _url(self, variable: str) -> DatabaseUrl:
        value = self.env.get(variable)
        if not value or not value.strip():
            message = f"{variable} is not set, so the database cannot be looked at"
            raise CannotTell(message, reason=Reason.MISSING, fix=f"set {variable} to the database's URL")
        return parse(value, variable)
