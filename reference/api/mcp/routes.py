"""What a token is good for: the MCP server asks here whom it serves."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from api.billing.plans import Tier
from api.errors import ApiError, database_failed, documented
from api.mcp.tokens import holder
from database.models import Status
from database.session import Database, DatabaseUnavailable

LONGEST = 200
"""Characters; what is longer is no token and is not hashed."""

WHOAMI = "/api/mcp/whoami"
"""Its rate is not limited: a token has too many bits to be guessed."""

router = APIRouter()
bearer = HTTPBearer(auto_error=False, description="The token from the welcome e-mail.")


class TokenHolder(BaseModel):
    """What the token stands for."""

    tier: Tier | None
    status: Status
    token_prefix: str = Field(description="The token's beginning, to name it.")
    current_period_end: datetime | None = Field(description="Until when the subscription is paid.")


@router.get(WHOAMI, summary="What a token is good for", responses=documented(401, 500))
async def whoami(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> TokenHolder:
    """Answer with the subscription of a token that works: not revoked, and the subscription not ended."""
    token = credentials.credentials if credentials else ""
    database: Database = request.app.state.database
    try:
        async with database.transaction() as session:
            found = await holder(session, token) if 0 < len(token) <= LONGEST else None
    except DatabaseUnavailable:
        raise database_failed() from None
    if found is None:
        headers = {"WWW-Authenticate": "Bearer"}
        raise ApiError(401, "invalid_token", "The token is missing, wrong or has ended.", headers)
    subscription = found.subscription
    return TokenHolder(
        tier=subscription.tier,
        status=subscription.status,
        token_prefix=found.token_prefix,
        current_period_end=subscription.current_period_end,
    )
