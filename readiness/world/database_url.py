"""Where a database is: URLs as SQLAlchemy writes them (https://docs.sqlalchemy.org/en/20/core/engines.html)."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from readiness.api import CannotTell, Reason
from readiness.light import dataclass

DIALECTS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}
PASSED_ON = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
"""Parts of a query that libpq knows and that change how, not what, is connected to."""


@dataclass(frozen=True, kw_only=True)
class DatabaseUrl:
    """Its parts."""

    dialect: str
    """``sqlite`` or ``postgresql``."""
    host: str = ""
    """A name, an address, or the folder of a socket."""
    port: int = 5432
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = ""
    """Of the database; of SQLite, the file."""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """The same for people, without user and password."""
        if self.dialect == "sqlite":
            return f"SQLite in {self.name}"
        return f"PostgreSQL database {self.name} at {self.host or 'localhost'}:{self.port}"


def parse(text: str, variable: str) -> DatabaseUrl:
    """The parts of a URL. Raises CannotTell without a word of it, for it holds a password."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port or int(dict(parse_qsl(parts.query)).get("port", "5432"))
    except ValueError:
        raise _refused(f"{variable} is no URL") from None
    dialect = DIALECTS.get(parts.scheme.partition("+")[0])
    if dialect is None:
        raise _refused(f"{variable} is no URL of SQLite or PostgreSQL, and other databases are not known")
    return _sqlite(parts, variable) if dialect == "sqlite" else _postgresql(parts, port)


def file_of(url: DatabaseUrl, root: Path) -> Path:
    """The file of an SQLite database; a relative one lies in the service's root."""
    return root / url.name


def _sqlite(parts: SplitResult, variable: str) -> DatabaseUrl:
    # sqlite:///relative and sqlite:////absolute: the path begins after the third slash
    name = unquote(parts.path[1:])
    if parts.netloc or name in {"", ":memory:"}:
        raise _refused(f"{variable} names no file: a database in the service's memory cannot be looked at")
    return DatabaseUrl(dialect="sqlite", name=name)


def _postgresql(parts: SplitResult, port: int) -> DatabaseUrl:
    query = dict(parse_qsl(parts.query))
    if query.get("ssl") in {"true", "require"}:  # as asyncpg says it
        query.setdefault("sslmode", "require")
    return DatabaseUrl(
        dialect="postgresql",
        host=query.get("host") or parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        name=unquote(parts.path[1:]),
        options=tuple((name, value) for name, value in query.items() if name in PASSED_ON),
    )


def _refused(message: str) -> CannotTell:
    fix = (
        "write sqlite:///file.db or postgresql://user:password@host:5432/name; a driver as in +asyncpg may stand there"
    )
    return CannotTell(message, reason=Reason.UNAVAILABLE, fix=fix)
