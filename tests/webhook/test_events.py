"""What is sent looks like what Stripe sends: by the official SDK's verification and its types."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import stripe

from readiness.webhook.endpoint import Endpoint, Mode
from readiness.webhook.events import compact, harmless, indented, spaced
from readiness.webhook.purchase import Goods, Purchase
from readiness.webhook.signing import header, signature
from readiness.webhook.stories import life, orders, paid
from tests.webhook.handlers import new_secret

NEW, OLD = "2026-10-28.endive", "2024-06-20"
CLASSES: dict[str, type[stripe.StripeObject]] = {
    "event": stripe.Event,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "price": stripe.Price,
    "checkout.session": stripe.checkout.Session,
    "invoice": stripe.Invoice,
}


def purchase(api_version: str = NEW) -> Purchase:
    goods = Goods(
        price="price_1", amount=1900, currency="usd", metadata={"tier": "team"}, api_version=api_version, live=False
    )
    return Purchase(goods=goods, at=int(time.time()) - 600)


def endpoint(mode: Mode = "test") -> Endpoint:
    return Endpoint(url="https://a.example/", secret=new_secret(), mode=mode, api_version=NEW)


def unknown(value: Any) -> list[str]:
    """Fields that the SDK's class of an object does not have, at every depth."""
    if isinstance(value, list):
        return [name for part in value for name in unknown(part)]
    if not isinstance(value, dict):
        return []
    kind = CLASSES.get(str(value.get("object")))
    known = set(kind.__annotations__) if kind else set(value)
    return [*(set(value) - known), *(name for part in value.values() for name in unknown(part))]


def test_every_field_is_one_of_stripes() -> None:
    for event in (*paid(purchase()), *life(purchase()), purchase().of_session("unpaid", 0)):
        assert unknown(event) == []
        assert event["id"].startswith("evt_readiness")
        assert event["api_version"] == NEW


def test_the_older_shape() -> None:
    created, _, _, invoice = (event["data"]["object"] for event in paid(purchase(OLD)))
    assert created["current_period_end"] > created["current_period_start"]
    assert "current_period_end" not in created["items"]["data"][0]
    assert invoice["subscription"] == created["id"]
    assert "parent" not in invoice
    created, _, _, invoice = (event["data"]["object"] for event in paid(purchase(NEW)))
    assert "current_period_end" not in created
    assert created["items"]["data"][0]["current_period_end"]
    assert invoice["parent"]["subscription_details"]["subscription"] == created["id"]
    assert "subscription" not in invoice


def test_ids_differ_in_every_purchase() -> None:
    one, other = purchase().names, purchase().names
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())
    assert one["session"].startswith("cs_test_readiness")
    assert one["email"].endswith("@example.com")


@pytest.mark.parametrize("write", [indented, compact, spaced])
@pytest.mark.parametrize("mode", ["test", "live"])
def test_the_sdk_takes_what_is_signed(write: Any, mode: Mode) -> None:
    target = endpoint(mode)
    letter = target.letter(int(time.time()))
    body = write(harmless(live=target.live, at=letter.at, api_version=NEW, text="Zo\u00eb"))
    event = stripe.Webhook.construct_event(body, letter.signed(body), target.key)
    assert event.livemode is (mode == "live")
    assert event.type == "readiness.probe"
    assert json.loads(body)["data"]["object"]["text"] == "Zo\u00eb"


def test_the_signature_is_that_of_the_sdk() -> None:
    secret, at = new_secret(), 1_790_000_000
    made = stripe.WebhookSignature.generate_signature_header('{"a": "é"}', secret, at)
    assert header(at, signature('{"a": "é"}'.encode(), secret, at)) == made


def test_white_space_around_the_secret_does_not_sign() -> None:
    target = Endpoint(url="https://a.example/", secret=" whsec_x\n", mode="test", api_version=OLD)
    assert (target.key, target.padded) == ("whsec_x", True)


def test_orders_are_the_same_in_every_run_and_none_ends_with_the_end() -> None:
    assert [*orders()] == [*orders()]
    assert len({*orders()}) == 6
    assert all(sorted(order) == [0, 1, 2, 3, 4] and order[-1] != 4 for order in orders())
    assert next(orders()) == (4, 3, 2, 1, 0)
