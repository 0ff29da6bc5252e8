"""Sessions that a service makes with the real SDK, read and expired again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_checkout_session import Order, StripeCheckoutSession
from readiness.api import CannotTell, Effect, Outcome, Reason
from readiness.billing.sessions import Wanted
from readiness.expect.request import Request
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk, Shop, sdk
from tests.wire import Answer, WebServer, broken

TIERS = {"personal": 1900, "team": 9900}
WISHES = Wanted(
    mode="subscription",
    quantity=1,
    metadata={"product_type": "mcp"},
    success_url="https://kamiyo.ai/ok?session_id={CHECKOUT_SESSION_ID}",
    cancel_url="https://kamiyo.ai/pricing",
    expires_within="24h",
    currency="usd",
)
CASES = tuple(
    Order(
        name=tier,
        request=Request(json={"tier": tier}),
        expect=Wanted(price_env=tier.upper(), metadata={"tier": tier}, amount_total=amount),
    )
    for tier, amount in TIERS.items()
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        prices = {tier.upper(): running.add_price(amount) for tier, amount in TIERS.items()}
        yield Desk(sandbox=running, folder=tmp_path, extra=prices)


def check(url: str, **options: Any) -> StripeCheckoutSession:
    body = {"success_url": WISHES.success_url, "cancel_url": WISHES.cancel_url}
    request = Request(url=f"{url}/buy", json=body)
    return StripeCheckoutSession(**{"request": request, "expect": WISHES, "cases": CASES, **options})


def prices(desk: Desk) -> dict[str, str]:
    return {tier: desk.extra[tier.upper()] for tier in TIERS}


def judge(desk: Desk, changes: Mapping[str, Any] | None = None, **options: Any) -> list[Outcome]:
    with Shop(sandbox=desk.sandbox, prices=prices(desk), changes=changes or {}).open() as web:
        return desk.look(check(web.url, **options))


def states(desk: Desk) -> list[str]:
    with sdk(desk.sandbox) as client:
        return [str(session.status) for session in client.v1.checkout.sessions.list()]


def test_every_tier_is_what_was_ordered_and_is_expired_again(desk: Desk) -> None:
    outcomes = judge(desk)
    assert not broken(outcomes)
    assert len(outcomes) == 2 * 11
    assert (desk.asked("GET"), states(desk)) == (2, ["expired", "expired"])


def test_sessions_may_be_left_open(desk: Desk) -> None:
    assert not broken(judge(desk, expire=False))
    assert states(desk) == ["open", "open"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"metadata": {"tier": "personal"}}, "metadata.product_type is not set, expected mcp"),
        ({"metadata": {"tier": "gold", "product_type": "mcp"}}, "metadata.tier is gold, expected"),
        ({"metadata": {}}, "metadata.tier is not set"),
        ({"success_url": "https://kamiyo.ai/ok"}, "success_url is https://kamiyo.ai/ok, expected"),
        ({"cancel_url": "https://kamiyo.ai/"}, "cancel_url is https://kamiyo.ai/, expected"),
    ],
)
def test_what_differs_is_told_for_each_tier(desk: Desk, changes: dict[str, Any], what: str) -> None:
    found = broken(judge(desk, changes))
    assert any(what in message and "(personal)" in message for message in found)
    assert states(desk) == ["expired", "expired"]


def test_the_price_of_another_tier(desk: Desk) -> None:
    swapped = {"personal": desk.extra["TEAM"], "team": desk.extra["PERSONAL"]}
    with Shop(sandbox=desk.sandbox, prices=swapped).open() as web:
        found = broken(desk.look(check(web.url)))
    assert f"sells {desk.extra['TEAM']}, expected {desk.extra['PERSONAL']} (in $PERSONAL)" in found[0]
    assert "amount_total is 9900, expected 1900" in found[1]


def test_quantity_mode_and_what_else_is_sold(desk: Desk) -> None:
    two = {"line_items": [{"price": desk.extra["TEAM"], "quantity": 2}]}
    assert any("quantity is 2, expected 1" in message for message in broken(judge(desk, two)))
    more = {"line_items": [{"price": price, "quantity": 1} for price in prices(desk).values()]}
    assert any("quantity is 1, 1" in message for message in broken(judge(desk, more)))


def test_tax_and_address(desk: Desk) -> None:
    taxed, address = Wanted(automatic_tax=True), Wanted(email="buyer@example.com")
    with_tax = {"automatic_tax": {"enabled": True}}
    assert not broken(judge(desk, with_tax, expect=WISHES.patched(taxed)))
    assert "automatic_tax.enabled is false, expected true" in broken(judge(desk, expect=WISHES.patched(taxed)))[0]
    assert "customer_email is not set" in broken(judge(desk, expect=WISHES.patched(address)))[0]
    assert not broken(judge(desk, {"customer_email": "buyer@example.com"}, expect=WISHES.patched(address)))


def test_an_end_that_is_too_far(desk: Desk) -> None:
    soon = WISHES.patched(Wanted(expires_within="30m"))
    assert "expected an end within 30m" in broken(judge(desk, expect=soon))[0]


def test_a_price_variable_that_is_not_set(desk: Desk) -> None:
    known = prices(desk)
    del desk.extra["TEAM"]
    with Shop(sandbox=desk.sandbox, prices=known).open() as web:
        found = broken(desk.look(check(web.url)))
    assert "expected nothing (in $TEAM)" in found[0]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer.json({"session_id": 7}), "not in a 200 OK"),
        (Answer.json({"id": "cs_test_a1b2c3d4"}), "not in a 200 OK"),
        (Answer.json({"session_id": "cs_test_a1b2c3d4"}, 500), "not in a 500 Internal Server Error"),
        (Answer(body=b"<html>"), "not in a 200 OK"),
        (Answer.json({"session_id": "cs_test_a1b2c3d4"}), "Stripe has no session cs_test_a1b2c3d4 in test mode"),
    ],
)
def test_an_answer_without_a_session(desk: Desk, answer: Answer, what: str) -> None:
    with WebServer(scripts={"POST /buy": answer}) as web:
        found = broken(desk.look(check(web.url, cases=CASES[:1])))
    assert len(found) == 1
    assert what in found[0]


def test_the_id_may_stand_elsewhere(desk: Desk) -> None:
    with Shop(sandbox=desk.sandbox, prices=prices(desk), answer="id").open() as web:
        assert not broken(desk.look(check(web.url, session="$.id")))


def test_a_service_that_sells_in_live_mode(desk: Desk) -> None:
    live = {tier: desk.sandbox.add_price(amount, livemode=True) for tier, amount in TIERS.items()}
    with Shop(sandbox=desk.sandbox, prices=live, key=desk.sandbox.live_secret_key).open() as web:
        found = broken(desk.look(check(web.url, cases=CASES[:1])))
    assert "exists in live mode, but STRIPE_SECRET_KEY is a test mode key" in found[0]


def test_nothing_is_made_in_live_mode_unasked(desk: Desk) -> None:
    live = {tier: desk.sandbox.add_price(amount, livemode=True) for tier, amount in TIERS.items()}
    desk.extra.update({tier.upper(): price for tier, price in live.items()})
    key = desk.sandbox.live_secret_key
    with Shop(sandbox=desk.sandbox, prices=live, key=key).open() as web:
        with pytest.raises(CannotTell, match="changes in live mode were not allowed") as error:
            desk.look(check(web.url), key=key)
        assert error.value.reason is Reason.EFFECT_REFUSED
        assert "--allow live-writes" in str(error.value.fix)
        assert not web.asked
        assert not desk.sandbox.requests
        assert not broken(desk.look(check(web.url), key=key, allow=frozenset({"live-writes"})))


def test_without_a_key_nothing_is_made(desk: Desk) -> None:
    with Shop(sandbox=desk.sandbox, prices=prices(desk)).open() as web:
        with pytest.raises(CannotTell, match="is not set"):
            desk.look(check(web.url), key="")
        assert not web.asked


def test_a_session_that_stays_open_is_told(desk: Desk) -> None:
    key = desk.sandbox.restricted_key("rak_checkout_session_read")
    with (
        Shop(sandbox=desk.sandbox, prices=prices(desk)).open() as web,
        pytest.raises(CannotTell, match=r"cs_test_\w+, cs_test_\w+ stays open: .*rak_checkout_session_write"),
    ):
        desk.look(check(web.url), key=key)


def test_too_many_requests_say_nothing(desk: Desk) -> None:
    with WebServer(scripts={"POST /buy": Answer(status=429)}) as web, pytest.raises(CannotTell, match="429"):
        desk.look(check(web.url))


def test_options() -> None:
    near = check("http://127.0.0.1:1")
    assert near.effect is Effect.READ
    assert list(near.looks_at())[:3] == ["POST http://127.0.0.1:1/buy", "$PERSONAL", "$TEAM"]
    assert check("https://api.example.com").effect is Effect.WRITE
    for options, what in (
        ({"expect": Wanted(), "cases": ()}, "nothing would be asserted"),
        ({"cases": (CASES[0], CASES[0])}, "same name"),
        ({"session": "session_id"}, "no JSONPath"),
    ):
        with pytest.raises(ValueError, match=what):
            check("http://127.0.0.1:1", **options)
    with pytest.raises(ValueError, match="24 hours"):
        Wanted(expires_within="25h")
    with pytest.raises(ValueError, match="either"):
        Wanted(price="price_1", price_env="A")
