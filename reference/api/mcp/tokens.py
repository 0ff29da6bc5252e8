"""Tokens for the MCP server. Only their hashes are stored, and a subscription has one live token at most."""

import hashlib
import secrets

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from database.models import GRANTING, McpToken, Subscription, now

PREFIX = "kamiyo_mcp_"
"""Lets people, and scanners for leaked secrets, recognise a token."""
RANDOM_BYTES = 32
SHOWN = len(PREFIX) + 6
"""Characters that are stored, to name a token; the rest keeps 220 bits."""


def token_hash(token: str) -> str:
    """What is stored of a token. Who searches by it learns nothing from the time that takes."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(session: AsyncSession, subscription: Subscription) -> str:
    """A new token in the place of the old one; the caller has locked the subscription."""
    await revoke(session, subscription.id)
    token = PREFIX + secrets.token_hex(RANDOM_BYTES)  # no sign at which a double click would stop
    session.add(McpToken(subscription_id=subscription.id, token_hash=token_hash(token), token_prefix=token[:SHOWN]))
    await session.flush()
    return token


async def revoke(session: AsyncSession, subscription_id: int) -> int:
    """End the live token of a subscription; the number of tokens that ended."""
    live = update(McpToken).where(McpToken.subscription_id == subscription_id, McpToken.revoked_at.is_(None))
    done = await session.execute(live.values(revoked_at=now()).returning(McpToken.id))
    return len(done.all())


async def holder(session: AsyncSession, token: str) -> McpToken | None:
    """The token's row with its subscription, where it still works."""
    found = await session.scalar(
        select(McpToken)
        .options(joinedload(McpToken.subscription))
        .where(McpToken.token_hash == token_hash(token), McpToken.revoked_at.is_(None))
    )
    return found if found and found.subscription.status in GRANTING else None
