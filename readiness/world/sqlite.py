"""One reading statement on an SQLite file, which is opened read only (https://www.sqlite.org/uri.html)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from readiness.api import CannotTell, Reason, Rows

CELL_LIMIT = 1 << 20
"""Bytes of one value, and of one row."""
READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
PRAGMAS = frozenset({"table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list"})
"""What ``select * from pragma_table_info('x')`` asks for."""
STEPS = 1000
"""Steps of SQLite's machine between two looks at the clock."""


def query(file: Path, sql: str, parameters: Mapping[str, object], *, moment: float, limit: int) -> Rows:
    """At most `limit` rows, until `moment` of :func:`time.monotonic`. Raises CannotTell."""
    if not file.is_file():
        fix = "start the service once, or its migrations, in the same root"
        raise CannotTell(f"there is no database file {file.name}", reason=Reason.NOT_FOUND, fix=fix)
    left = max(moment - time.monotonic(), 0.0)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=left)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, CELL_LIMIT)
            connection.set_authorizer(_authorize)
            connection.set_progress_handler(lambda: time.monotonic() > moment, STEPS)
            with closing(connection.execute(sql, dict(parameters))) as cursor:
                rows = cursor.fetchmany(limit + 1)
                columns = tuple(column[0] for column in cursor.description or ())
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _said(error, file) from error
    return Rows(columns=columns, rows=tuple(rows[:limit]), truncated=len(rows) > limit)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Whether a statement may do this (https://www.sqlite.org/c3ref/c_alter_table.html)."""
    reads = action in READING
    asks = action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS
    describes = action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"  # its own memory of a pragma's table
    computes = action == sqlite3.SQLITE_FUNCTION and second != "load_extension"
    return sqlite3.SQLITE_OK if reads or asks or describes or computes else sqlite3.SQLITE_DENY


def _said(error: Exception, file: Path) -> CannotTell:
    """What SQLite says, sorted."""
    words = str(error)
    kinds = {
        "no such": Reason.NOT_FOUND,
        "not authorized": Reason.DENIED,
        "readonly": Reason.DENIED,
        "locked": Reason.TIMEOUT,
        "interrupted": Reason.TIMEOUT,
    }
    reason = next((kind for word, kind in kinds.items() if word in words), Reason.UNAVAILABLE)
    return CannotTell(f"SQLite in {file.name}: {words}", reason=reason, fix="run the statement by hand with sqlite3")
