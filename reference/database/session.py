"""Transactions on SQLite or PostgreSQL, with one error for all that can go wrong with them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from database.models import Base

log = logging.getLogger(__name__)

WAIT_SECONDS = 10
"""For a lock, a free connection, a statement."""
CONNECT_SECONDS = 5
LOOK_SECONDS = 4.0
"""For a transaction of who only looks whether all is well: probes and scrapes wait no longer."""


class DatabaseUnavailable(Exception):
    """The database failed or did not answer; nothing was stored. The reason is in the log."""


class Database:
    """One pool of connections."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._is_failing = False

    async def close(self) -> None:
        """Close the connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self, seconds: float | None = None) -> AsyncIterator[AsyncSession]:
        """All of it is stored, or nothing. Raises DatabaseUnavailable, also after so many seconds."""
        try:
            async with asyncio.timeout(seconds), self._sessions() as session:
                await self._connect(session)
                yield session
                await session.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise self._unavailable(error) from None
        self._is_failing = False

    async def _connect(self, session: AsyncSession) -> None:
        try:
            await session.connection()
        except Exception as error:  # noqa: BLE001 - drivers raise errors of their own while they connect
            raise self._unavailable(error) from None

    def _unavailable(self, error: BaseException) -> DatabaseUnavailable:
        # never the driver's own text: it quotes values
        context = {"fault": type(error).__name__}
        if isinstance(error, DBAPIError):
            context |= {"cause": type(error.orig).__name__, "statement": error.statement or ""}
        # an outage is one matter, however many requests, probes and workers meet it
        log.log(logging.WARNING if self._is_failing else logging.ERROR, "database_error", extra={"context": context})
        self._is_failing = True
        return DatabaseUnavailable()


def open_engine(url: str, *, patient: bool = False) -> AsyncEngine:
    """The engine for an address; nothing is connected yet. A patient one sets PostgreSQL's statements no time."""
    # no parameters in errors: they are addresses of people
    common: dict[str, Any] = {"hide_parameters": True, "pool_timeout": WAIT_SECONDS * 3}
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url, common)
    bounds = {} if patient else {"lock_timeout": f"{WAIT_SECONDS}s"}
    connect = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": None if patient else WAIT_SECONDS,
        "server_settings": {"application_name": "checkout", **bounds},
    }
    # no overflow: in a burst its connections would be opened and closed again for every transaction
    return create_async_engine(url, pool_size=10, max_overflow=0, pool_pre_ping=True, connect_args=connect, **common)


def _sqlite_engine(url: str, common: dict[str, Any]) -> AsyncEngine:
    """SQLite has one writer: transactions of this process queue for the one connection, others poll for the lock."""
    engine = create_async_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": WAIT_SECONDS}, **common)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin too late, and not for a SELECT
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # a transaction that read first could not be let in to write behind another one
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def insert(session: AsyncSession, table: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT: both databases do, each in its own dialect of SQLAlchemy."""
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
