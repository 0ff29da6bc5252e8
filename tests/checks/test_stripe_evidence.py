"""Purchases that somebody names, looked up at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_evidence import StripeEvidence
from readiness.api import CannotTell, Outcome, Reason
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk, sdk
from tests.wire import broken

CARRIED = {"tier": "personal", "product_type": "mcp"}
SUCCESS = "https://kamiyo.ai/ok"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        yield Desk(sandbox=running, folder=tmp_path)


def buy(desk: Desk, *, paid: bool = True, livemode: bool = False, **changes: Any) -> str:
    """A session of the personal tier, and its payment as on the hosted page. Returns the session's id."""
    key = desk.sandbox.live_secret_key if livemode else desk.sandbox.secret_key
    params: Any = {
        "mode": "subscription",
        "line_items": [{"price": desk.sandbox.add_price(1900, livemode=livemode), "quantity": 1}],
        "metadata": CARRIED,
        "subscription_data": {"metadata": CARRIED},
        "success_url": SUCCESS,
        **changes,
    }
    with sdk(desk.sandbox, key) as client:
        session = client.v1.checkout.sessions.create(params)
    if paid:
        desk.sandbox.complete(session.id)
    return str(session.id)


def parts(desk: Desk, session: str) -> tuple[str, str]:
    """Subscription of a session, and the latest payment."""
    with sdk(desk.sandbox) as client:
        found = client.v1.checkout.sessions.retrieve(session)
        return str(found.subscription), str(client.v1.payment_intents.list({"limit": 1}).data[0].id)


def judge(desk: Desk, text: str, key: str | None = None, **options: Any) -> list[Outcome]:
    return desk.look(StripeEvidence(**{"text": text, "amounts": (1900, 9900), "currency": "usd", **options}), key=key)


def test_a_paid_session_with_its_subscription(desk: Desk) -> None:
    session = buy(desk)
    before = desk.asked()
    outcomes = judge(desk, session, mode="test", metadata=tuple(CARRIED))
    assert not broken(outcomes)
    assert len(outcomes) == 5 + 2 + 2 + 2
    assert desk.asked() - before == 1


def test_a_live_purchase(desk: Desk) -> None:
    session = buy(desk, livemode=True)
    assert not broken(judge(desk, session, desk.sandbox.live_secret_key, mode="live"))
    assert "exists in live mode, but" in broken(judge(desk, session))[0]
    assert "mode is live, expected test" in broken(judge(desk, session, desk.sandbox.live_secret_key, mode="test"))[0]


def test_a_test_purchase_is_no_live_one(desk: Desk) -> None:
    found = broken(judge(desk, buy(desk), mode="live"))
    assert len(found) == 1
    assert "mode is test, expected live" in found[0]


def test_subscriptions_and_payments(desk: Desk) -> None:
    subscription, payment = parts(desk, buy(desk))
    assert not broken(judge(desk, subscription, metadata=("tier",)))
    assert not broken(judge(desk, payment))
    assert "amount is 1900, expected 9900" in broken(judge(desk, payment, amounts=(9900,)))[0]
    assert "amount is 1900, expected 9900" in broken(judge(desk, subscription, amounts=(9900,)))[0]


def test_several_among_words(desk: Desk) -> None:
    first, second = buy(desk), buy(desk)
    text = f"Ann bought {first}, Bob: https://dashboard.example/test/checkout/{second}. Again {first}!"
    assert {outcome.subject for outcome in judge(desk, text, at_least=2) if outcome.subject} >= {first, second}
    assert not broken(judge(desk, text, at_least=2))
    found = broken(judge(desk, f"twice the same: {first} {first}", at_least=2))
    assert found == ["the evidence names 1 of 2 purchases: note the ids (cs_..., pi_..., sub_...)"]


def test_words_without_an_id(desk: Desk) -> None:
    outcomes = judge(desk, "it worked, I promise")
    assert "names 0 of 1 purchases" in broken(outcomes)[0]
    assert outcomes[0].reason is Reason.MISSING


@pytest.mark.parametrize("identity", ["cs_test_a1b2c3d4e5f6", "pi_3QabcdefGHIJ", "sub_1QabcdefGHIJ"])
def test_an_id_that_stripe_does_not_have(desk: Desk, identity: str) -> None:
    assert f"{identity} in test mode of this account" in broken(judge(desk, identity))[0]


def test_a_session_that_nobody_paid(desk: Desk) -> None:
    session = buy(desk, paid=False)
    found = broken(judge(desk, session))
    assert "status is open, expected complete; nobody has paid it" in found[0]
    assert "payment_status is unpaid, expected paid" in found[1]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"payment_status": "unpaid"}, "payment_status is unpaid, expected paid"),
        ({"payment_status": "no_payment_required"}, "payment_status is no_payment_required, expected paid"),
        ({"amount_total": 100}, "amount is 100, expected 1900 or 9900"),
        ({"currency": "eur"}, "currency is eur, expected usd"),
        ({"metadata": {"tier": "personal"}}, "metadata.product_type is not set"),
    ],
)
def test_what_differs(desk: Desk, fields: dict[str, Any], what: str) -> None:
    session = buy(desk)
    desk.sandbox.patch(session, **fields)
    found = broken(judge(desk, session, metadata=tuple(CARRIED)))
    assert len(found) == 1
    assert what in found[0]


def test_a_free_purchase_only_where_nothing_is_an_amount(desk: Desk) -> None:
    session = buy(desk)
    desk.sandbox.patch(session, payment_status="no_payment_required", amount_total=0)
    assert len(broken(judge(desk, session, amounts=()))) == 2
    assert not broken(judge(desk, session, amounts=(0,)))


def test_a_subscription_that_carries_nothing(desk: Desk) -> None:
    session = buy(desk, subscription_data={})
    found = broken(judge(desk, session, metadata=tuple(CARRIED)))
    assert [message.partition(": its subscription sub_")[1] != "" for message in found] == [True, True]
    assert "subscription_data[metadata] is for subscriptions" in found[0]


@pytest.mark.parametrize(
    ("status", "active", "started"),
    [
        ("active", True, True),
        ("trialing", True, True),
        ("past_due", False, True),
        ("canceled", False, True),
        ("incomplete", False, False),
        ("incomplete_expired", False, False),
        ("unpaid", False, False),
    ],
)
def test_states_of_the_subscription(desk: Desk, status: str, active: bool, started: bool) -> None:
    session = buy(desk)
    subscription, _ = parts(desk, session)
    desk.sandbox.patch(subscription, status=status)
    assert bool(broken(judge(desk, session))) is not active
    assert bool(broken(judge(desk, session, subscription="started"))) is not started
    assert not broken(judge(desk, session, subscription="any"))


def test_a_payment_that_is_not_there_yet(desk: Desk) -> None:
    _, payment = parts(desk, buy(desk))
    desk.sandbox.patch(payment, status="processing", amount_received=0)
    assert "status is processing, expected succeeded; the money is not there" in broken(judge(desk, payment))[0]


def test_permissions(desk: Desk) -> None:
    session = buy(desk)
    with pytest.raises(CannotTell, match="rak_checkout_session_read"):
        judge(desk, session, desk.sandbox.restricted_key())
    with pytest.raises(CannotTell, match="is not set"):
        judge(desk, session, "")


def test_options() -> None:
    assert list(StripeEvidence(text="evidence").looks_at()) == ["Stripe purchases that the evidence names"]
    assert list(StripeEvidence(text="x pi_12345678").looks_at()) == ["Stripe pi_12345678"]
    with pytest.raises(ValueError, match="begins at 1"):
        StripeEvidence(text="x", at_least=0)
    with pytest.raises(ValueError, match="negative"):
        StripeEvidence(text="x", amounts=(-1,))
