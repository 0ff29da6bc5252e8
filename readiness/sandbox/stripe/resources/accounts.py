"""The account that the key belongs to."""

from __future__ import annotations

from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id


def make(now: int) -> Object:
    """An account that is ready to charge."""
    account = blank("account")
    account |= {"id": new_id("acct_1", 15), "created": now}
    account["external_accounts"]["url"] = f"/v1/accounts/{account['id']}/external_accounts"
    account["tos_acceptance"] = {"date": now}
    return account


def retrieve(call: Call) -> Object:
    """``GET /v1/account``."""
    return call.account


ROUTES = (
    Route(
        method="GET",
        path="/v1/account",
        params="account.retrieve",
        permission="rak_accounts_kyc_basic_read",
        run=retrieve,
    ),
)
