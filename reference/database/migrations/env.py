"""Runs migrations: for the command ``alembic``, and for the service that starts in development."""

import asyncio
import logging

from alembic import context
from sqlalchemy import Connection, text

from api.settings import load_database_url
from database.models import Base
from database.session import open_engine

log = logging.getLogger("alembic")

LOCK = 8_341_207
"""Any number: two that migrate at once queue for it, however long the first one takes."""
TABLE_SECONDS = 10
"""For the lock of a table: all who sell queue behind whoever waits for one."""


def migrate(connection: Connection) -> None:
    """Run what was asked for, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,  # with our own BEGIN, SQLite can too
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_SECONDS}s'"))
        if _wants_head() and _is_newer():
            log.info("The schema is newer than this release, which works with it: nothing to do.")
            return
        context.run_migrations()


def _wants_head() -> bool:
    return context.get_context().opts.get("destination_rev") == "head"


def _is_newer() -> bool:
    """Whether a later release was here: it was rolled back, and its migrations were not."""
    known = {revision.revision for revision in context.script.walk_revisions()}
    return not known.issuperset(context.get_context().get_current_heads())


async def migrate_database() -> None:
    """Connect with the database of the settings."""
    engine = open_engine(load_database_url(), patient=True)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def write_sql() -> None:
    """Write the statements instead of running them (``--sql``)."""
    url = load_database_url()
    context.configure(url=url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write_sql()
elif connection := context.config.attributes.get("connection"):
    migrate(connection)
else:
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.INFO)
    asyncio.run(migrate_database())
