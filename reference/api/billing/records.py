"""Checkouts in the database, each in it before Stripe hears of it."""

import contextlib
from dataclasses import dataclass

from sqlalchemy import update

from api.billing.plans import Tier
from database.models import CheckoutSession, CheckoutStatus
from database.session import Database, DatabaseUnavailable


@dataclass(frozen=True, kw_only=True)
class CheckoutRecords:
    """The rows; a reference is our own id of a checkout."""

    database: Database

    async def begin(self, reference: str, tier: Tier) -> None:
        """Note that a session is wanted. Raises DatabaseUnavailable."""
        async with self.database.transaction() as session:
            session.add(CheckoutSession(id=reference, tier=tier))

    async def open(self, reference: str, stripe_session_id: str) -> None:
        """Note Stripe's id. Where that fails the buyer may still pay: the event brings the reference back."""
        await self._end(reference, status=CheckoutStatus.OPEN, stripe_session_id=stripe_session_id)

    async def fail(self, reference: str) -> None:
        """Note that Stripe made no session."""
        await self._end(reference, status=CheckoutStatus.FAILED)

    async def _end(self, reference: str, **values: object) -> None:
        # the event of a quick buyer may have been here before us
        waiting = (CheckoutSession.id == reference, CheckoutSession.status == CheckoutStatus.CREATING)
        with contextlib.suppress(DatabaseUnavailable):
            async with self.database.transaction() as session:
                await session.execute(update(CheckoutSession).where(*waiting).values(**values))
