"""Which schema the database has, and which one this release needs."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from database.session import LOOK_SECONDS, Database

log = logging.getLogger(__name__)

CONFIG = Path(__file__).parents[1] / "alembic.ini"


class Schema:
    """The migrations of this release."""

    def __init__(self, database: Database) -> None:
        self._database = database
        script = ScriptDirectory.from_config(Config(str(CONFIG)))
        self.head = script.get_current_head()
        self._known = {revision.revision for revision in script.walk_revisions()}

    async def upgrade(self) -> None:
        """Apply what is missing. Raises DatabaseUnavailable."""
        async with self._database.transaction() as session:
            connection = await session.connection()
            await connection.run_sync(_upgrade)

    async def behind(self) -> bool:
        """Whether migrations are missing. Raises DatabaseUnavailable.

        A schema that is newer than this release is none: migrations only add, so that a release
        can be rolled back without them.
        """
        async with self._database.transaction(LOOK_SECONDS) as session:
            connection = await session.connection()
            revision = await connection.run_sync(_revision)
        return revision is None or (revision != self.head and revision in self._known)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
