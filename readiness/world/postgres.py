"""One reading statement on PostgreSQL, in a transaction that cannot write, by psycopg (extra ``[postgres]``).

The statement becomes that of a cursor: ``DECLARE ... CURSOR FOR`` takes one query and nothing that
writes, so that ``commit; drop table`` is a syntax error, and the server sends no more rows than are
fetched (https://www.postgresql.org/docs/current/sql-declare.html).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from readiness.api import CannotTell, Reason, Rows
from readiness.extras import install_command
from readiness.named_sql import numbered

if TYPE_CHECKING:
    import psycopg

    from readiness.world.database_url import DatabaseUrl

SHORTEST = 2
"""Seconds that libpq takes at least to connect."""
KINDS = {
    "42P01": Reason.NOT_FOUND,  # table
    "42703": Reason.NOT_FOUND,  # column
    "3D000": Reason.NOT_FOUND,  # database
    "3F000": Reason.NOT_FOUND,  # schema
    "42501": Reason.DENIED,  # privilege
    "25006": Reason.DENIED,  # it would write
    "28000": Reason.DENIED,  # user
    "28P01": Reason.DENIED,  # password
    "57014": Reason.TIMEOUT,
}
"""Codes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
WORDS = {
    "password authentication failed": Reason.DENIED,
    "no password supplied": Reason.DENIED,
    "pg_hba.conf": Reason.DENIED,
    "timeout expired": Reason.TIMEOUT,
    "does not exist": Reason.NOT_FOUND,
}
"""What libpq says of a connection that has no code."""


def query(url: DatabaseUrl, sql: str, parameters: Mapping[str, object], *, moment: float, limit: int) -> Rows:
    """At most `limit` rows, until `moment` of :func:`time.monotonic`. Raises CannotTell."""
    driver = _driver()
    text, values = numbered(sql, parameters)
    try:
        with _connect(driver, url, moment) as connection:
            left = max(int((moment - time.monotonic()) * 1000), 1)
            connection.execute("select set_config('statement_timeout', %s, true)", (f"{left}ms",))
            with driver.RawServerCursor(connection, "readiness") as cursor:
                cursor.execute(text, values)
                rows = cursor.fetchmany(limit + 1)
                columns = tuple(column.name for column in cursor.description or ())
    except driver.Error as error:
        raise _said(error, url) from None  # the chain may quote the password
    return Rows(columns=columns, rows=tuple(rows[:limit]), truncated=len(rows) > limit)


def _driver() -> ModuleType:
    try:
        import psycopg
    except ImportError as error:
        message = "PostgreSQL needs the extra [postgres], which is not installed"
        raise CannotTell(message, reason=Reason.UNAVAILABLE, fix=install_command("postgres")) from error
    return psycopg


def _connect(driver: ModuleType, url: DatabaseUrl, moment: float) -> psycopg.Connection[tuple[Any, ...]]:
    left = max(int(moment - time.monotonic()), SHORTEST)
    known = {"host": url.host, "user": url.user, "password": url.password, "dbname": url.name, **dict(url.options)}
    given: dict[str, Any] = {name: value for name, value in known.items() if value}
    connection: psycopg.Connection[tuple[Any, ...]] = driver.connect(
        **given, port=url.port, connect_timeout=left, application_name="readiness"
    )
    connection.read_only = True
    return connection


def _said(error: psycopg.Error, url: DatabaseUrl) -> CannotTell:
    """What PostgreSQL says, sorted, in one line and without the password."""
    words = error.diag.message_primary or (str(error).splitlines() or [type(error).__name__])[0]
    by_words = (kind for word, kind in WORDS.items() if word in str(error))
    reason = KINDS.get(error.sqlstate or "") or next(by_words, Reason.UNAVAILABLE)
    plain = words.replace(url.password, "...") if url.password else words
    return CannotTell(f"{url.shown}: {plain}", reason=reason, fix="run the statement by hand with psql")
