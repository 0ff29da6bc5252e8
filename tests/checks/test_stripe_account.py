"""The account at Stripe, and the key that opens it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_account import StripeAccount
from readiness.api import CannotTell, Reason
from readiness.sandbox.stripe import Hangup, StripeSandbox
from tests.checks.stripe_desk import Desk
from tests.wire import broken


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        yield Desk(sandbox=running, folder=tmp_path)


def test_a_key_that_works_and_an_account_that_is_ready(desk: Desk) -> None:
    outcomes = desk.look(StripeAccount(mode="live", statement_descriptor="kamiyo"), key=desk.sandbox.live_secret_key)
    assert not broken(outcomes)
    assert len(outcomes) == 13
    assert desk.asked() == 1
    source = outcomes[0].evidence[0].source
    assert "GET /v1/account at" in source
    assert "live mode, Stripe-Version 20" in source
    assert "Request-Id req_" in source


def test_an_account_in_test_mode_need_not_be_activated(desk: Desk) -> None:
    desk.sandbox.patch_account(charges_enabled=False, payouts_enabled=False)
    assert not broken(desk.look(StripeAccount(mode="test", activated=False)))
    assert not broken(desk.look(StripeAccount(activated=False)))


def test_a_key_of_the_other_mode_fails(desk: Desk) -> None:
    assert broken(desk.look(StripeAccount(mode="live", activated=False))) == [
        f"the account {desk.sandbox.account_id}: the key works, and is a test mode key, expected live"
    ]


def test_a_key_that_is_refused_fails_for_it_is_what_is_looked_at(desk: Desk) -> None:
    stranger = "sk_" + "test_" + secrets.token_hex(24)
    assert "is not accepted by Stripe (401)" in broken(desk.look(StripeAccount(), key=stranger))[0]
    assert "is not set" in broken(desk.look(StripeAccount(), key=""))[0]
    assert "was not sent" in broken(desk.look(StripeAccount(), key=f"'{stranger}'"))[0]
    desk.sandbox.revoke(desk.sandbox.secret_key)
    outcomes = desk.look(StripeAccount())
    assert "has expired or was rolled (401)" in broken(outcomes)[0]
    assert desk.sandbox.secret_key not in str(outcomes)


def test_a_key_that_may_not_read_the_account_is_an_error(desk: Desk) -> None:
    with pytest.raises(CannotTell, match="lacks the permission rak_accounts_kyc_basic_read") as error:
        desk.look(StripeAccount(), key=desk.sandbox.restricted_key("rak_plan_read"))
    assert error.value.reason is Reason.DENIED


@pytest.mark.parametrize(
    "fault", [{"status": 429}, {"status": 500}, {"body": b"<html>"}, {"hangup": Hangup.BEFORE}, {"body": b"[]"}]
)
def test_a_stripe_out_of_reach_is_an_error(desk: Desk, fault: dict[str, Any]) -> None:
    desk.sandbox.fault("*", **fault)
    with pytest.raises(CannotTell):
        desk.look(StripeAccount())


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"charges_enabled": False}, "charges_enabled is false, expected true"),
        ({"payouts_enabled": False}, "payouts_enabled is false"),
        ({"details_submitted": False}, "details_submitted is false"),
        ({"capabilities": {"card_payments": "pending"}}, "capability card_payments is pending"),
        ({"capabilities": {}}, "capability card_payments is not set"),
        (
            {"business_profile": {"name": "K", "url": None, "support_email": "a@b.example"}},
            "business_profile.url is not",
        ),
        ({"business_profile": {"name": "K", "url": "https://k.example"}}, "support contact is not set"),
        (
            {"settings": {"payments": {"statement_descriptor": "STRIPE"}}},
            "is STRIPE, expected kamiyo",
        ),
        ({"settings": {"payments": {"statement_descriptor": None}}}, "statement descriptor is not set"),
    ],
)
def test_what_is_missing(desk: Desk, fields: dict[str, Any], what: str) -> None:
    desk.sandbox.patch_account(**fields)
    found = broken(desk.look(StripeAccount(statement_descriptor="kamiyo")))
    assert len(found) == 1
    assert what in found[0]


def requirements(days: float | None, **fields: Any) -> dict[str, Any]:
    deadline = None if days is None else int((datetime.now(UTC) + timedelta(days=days)).timestamp())
    return {"currently_due": ["company.tax_id"], "past_due": [], "current_deadline": deadline, **fields}


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"requirements": requirements(29)}, "requirements due until"),
        ({"requirements": requirements(None)}, "requirements due: company.tax_id, expected nothing within 30d"),
        ({"future_requirements": requirements(29)}, "future_requirements due until"),
        ({"requirements": requirements(90, past_due=["owner.id"])}, "past due is owner.id, expected nothing"),
        (
            {"requirements": requirements(90, disabled_reason="listed")},
            "requirements.disabled_reason is listed, expected not set",
        ),
    ],
)
def test_what_stripe_wants_to_know_soon(desk: Desk, fields: dict[str, Any], what: str) -> None:
    desk.sandbox.patch_account(**fields)
    found = broken(desk.look(StripeAccount()))
    assert len(found) == 1
    assert what in found[0]


def test_what_stripe_wants_to_know_later(desk: Desk) -> None:
    desk.sandbox.patch_account(requirements=requirements(31), future_requirements=requirements(None))
    assert not broken(desk.look(StripeAccount()))
    assert broken(desk.look(StripeAccount(due_within="60d")))


def test_one_contact_is_enough(desk: Desk) -> None:
    desk.sandbox.patch_account(business_profile={"name": "K", "url": "https://k.example", "support_phone": "+1302"})
    assert not broken(desk.look(StripeAccount()))
    assert broken(desk.look(StripeAccount(profile=("support_email",))))


def test_old_accounts_have_another_capability(desk: Desk) -> None:
    desk.sandbox.patch_account(capabilities={"legacy_payments": "active"})
    assert not broken(desk.look(StripeAccount()))


def test_what_is_hidden_is_not_missing(desk: Desk) -> None:
    body = b'{"id": "acct_1", "object": "account", "charges_enabled": true, "details_submitted": true}'
    desk.sandbox.fault("GET /v1/account", status=200, body=body)
    with pytest.raises(CannotTell, match="does not show payouts_enabled, requirements, capabilities") as error:
        desk.look(StripeAccount())
    assert error.value.reason is Reason.DENIED
    assert not broken(desk.look(StripeAccount(activated=False)))


def test_options() -> None:
    with pytest.raises(ValueError, match="no duration"):
        StripeAccount(due_within="30")
    with pytest.raises(ValueError, match="leave it out"):
        StripeAccount(statement_descriptor=" ")
    assert list(StripeAccount().looks_at()) == ["$STRIPE_SECRET_KEY", "Stripe account"]
