"""Mails that must be sent: queued in the transaction that makes them due, sent by a worker until it works.

A claim is a new due time: while a worker is at it, a mail is not due, and where the worker dies it
becomes due again. The token of a mail is made when it is sent. So nothing that is stored is worth
stealing, and a second attempt replaces the token of the first.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from api.billing.plans import Tier
from api.mcp.tokens import issue
from database.models import FINAL, MailStatus, OutboxMail, Subscription, now
from database.session import Database, insert

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claim holds; sending takes half of it at most."""
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60))
"""Waiting times after the first, second, ... failure; then the mail is dead."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A mail that one worker is sending."""

    mail_id: int
    subscription_id: int
    attempt: int
    """Counts from 1; who claims later has a higher one, and ours is worth nothing any more."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a mail needs to know; it exists only while it is sent."""

    recipient: str
    tier: Tier
    token: str


async def send_mcp_token_email(session: AsyncSession, subscription: Subscription) -> None:
    """Queue the mail with the token: once for a subscription, however often it is called."""
    await _queue(session, subscription.id, f"welcome:{subscription.stripe_subscription_id}")


async def send_mcp_token_again(session: AsyncSession, subscription: Subscription) -> None:
    """Queue a mail with a new token, which ends the old one when it is sent; the caller has locked the subscription."""
    await drop_pending(session, subscription.id)  # sent later, it would end the new token
    await _queue(session, subscription.id, f"again:{uuid.uuid4()}")


async def _queue(session: AsyncSession, subscription_id: int, key: str) -> None:
    mail = insert(session, OutboxMail).values(key=key, subscription_id=subscription_id)
    await session.execute(mail.on_conflict_do_nothing())


async def drop_pending(session: AsyncSession, subscription_id: int) -> None:
    """Send nothing of what waits for a subscription."""
    pending = update(OutboxMail).where(
        OutboxMail.subscription_id == subscription_id, OutboxMail.status == MailStatus.PENDING
    )
    await session.execute(pending.values(status=MailStatus.DROPPED))


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """The queue, as a worker sees it; each step is a transaction of its own."""

    database: Database

    async def claim(self) -> Claim | None:
        """The mail that is due for longest, ours until the lease ends. Raises DatabaseUnavailable."""
        due = (
            select(OutboxMail.id)
            .where(OutboxMail.status == MailStatus.PENDING, OutboxMail.due_at <= now())
            .order_by(OutboxMail.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(OutboxMail)
            .where(OutboxMail.id == due.scalar_subquery())
            .values(due_at=now() + LEASE, attempts=OutboxMail.attempts + 1)
            .returning(OutboxMail.id, OutboxMail.subscription_id, OutboxMail.attempts)
        )
        async with self.database.transaction() as session:
            row = (await session.execute(taken)).one_or_none()
        return Claim(mail_id=row[0], subscription_id=row[1], attempt=row[2]) if row else None

    async def write(self, claim: Claim) -> Letter | None:
        """Make the token; None where the subscription or the claim ended meanwhile. Raises DatabaseUnavailable."""
        locked = select(Subscription).where(Subscription.id == claim.subscription_id).with_for_update(of=Subscription)
        async with self.database.transaction() as session:
            subscription = (await session.scalars(locked.options(joinedload(Subscription.customer)))).one()
            # who drops mails has the subscription locked too, so that nobody does before the token is stored
            held = await session.scalar(select(OutboxMail.id).where(*_held(claim)).with_for_update())
            email, tier = subscription.customer.email, subscription.tier
            if held is None or subscription.status in FINAL or email is None or tier is None:
                return None
            return Letter(recipient=email, tier=tier, token=await issue(session, subscription))

    async def sent(self, claim: Claim) -> None:
        """The mail server took it. Raises DatabaseUnavailable; then the mail is sent once more."""
        await self._end(claim, status=MailStatus.SENT, sent_at=now(), last_error=None)

    async def dropped(self, claim: Claim) -> None:
        """Nobody wants it any more. Raises DatabaseUnavailable."""
        await self._end(claim, status=MailStatus.DROPPED)

    async def failed(self, claim: Claim, error: str) -> MailStatus:
        """Try again later, or give up: the state of the mail. Raises DatabaseUnavailable."""
        if claim.attempt > len(RETRY_AFTER):
            await self._end(claim, status=MailStatus.DEAD, last_error=error)
            return MailStatus.DEAD
        await self._end(claim, due_at=now() + RETRY_AFTER[claim.attempt - 1], last_error=error)
        return MailStatus.PENDING

    async def release(self, claim: Claim) -> None:
        """Leave it to another worker, at once. Raises DatabaseUnavailable."""
        await self._end(claim, due_at=now(), attempts=claim.attempt - 1)

    async def _end(self, claim: Claim, **values: object) -> None:
        async with self.database.transaction() as session:
            await session.execute(update(OutboxMail).where(*_held(claim)).values(**values))


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    """The mail of a claim, where nobody else claimed, sent or dropped it."""
    ours = (OutboxMail.id == claim.mail_id, OutboxMail.attempts == claim.attempt)
    return (*ours, OutboxMail.status == MailStatus.PENDING)
