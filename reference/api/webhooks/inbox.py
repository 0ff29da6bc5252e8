"""Takes each event in once: claimed, handled and stored in one transaction, or not at all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api.webhooks.handlers import Catalog, WebhookEvent, handle
from database.models import WebhookEvent as StoredEvent
from database.session import Database, insert

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """Where verified events go; made once in api/main.py."""

    database: Database
    catalog: Catalog
    stored: Callable[[], None]
    """Called after an event was stored: there may be a mail to send."""

    async def receive(self, event: WebhookEvent) -> bool:
        """Store what an event says; False where it was here before.

        Raises DatabaseUnavailable; then nothing of it is stored, and it may come again.
        """
        async with self.database.transaction() as session:
            new = await _claim(session, event)
            if new:
                await handle(session, event, self.catalog)
        log.info("webhook_acknowledged", extra={"context": event.facts | {"duplicate": not new}})
        self.stored()
        return new


async def _claim(session: AsyncSession, event: WebhookEvent) -> bool:
    """False where the event was handled before; one that is being handled now is waited for."""
    row = insert(session, StoredEvent).values(stripe_event_id=event.id, type=event.type, event_created=event.created)
    claimed = await session.scalar(row.on_conflict_do_nothing().returning(StoredEvent.stripe_event_id))
    return claimed is not None
