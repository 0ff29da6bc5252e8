"""Payment intents, payment methods and customers, driven by the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from readiness.sandbox.stripe.cards import CARDS, Fate

DECLINED = [card for card in CARDS if card.fate is Fate.DECLINED]


def pay(client: stripe.StripeClient, method: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
    asked: Any = {"amount": 2_000, "currency": "usd", "confirm": True, "payment_method": method, **more}
    return client.v1.payment_intents.create(asked)


def newest(client: stripe.StripeClient) -> list[str]:
    """Kinds of the last events, oldest first."""
    return [str(event.type) for event in client.v1.events.list({"limit": 3}).data][::-1]


def test_a_payment_succeeds(client: stripe.StripeClient) -> None:
    paid = pay(client)
    assert (paid.status, paid.amount_received) == ("succeeded", 2_000)
    assert newest(client) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize("card", DECLINED, ids=lambda card: str(card.alias))
def test_a_declined_card_says_why(client: stripe.StripeClient, card: Any) -> None:
    with pytest.raises(stripe.CardError) as refused:
        pay(client, f"pm_card_{card.alias}")
    error = refused.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert (refused.value.http_status, error.code, error.decline_code) == (402, card.code, card.decline_code)
    waiting = client.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (waiting.status, waiting.payment_method) == ("requires_payment_method", None)
    assert newest(client) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_another_card_pays_what_the_first_did_not(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError):
        pay(client, "pm_card_chargeDeclined")
    (waiting,) = client.v1.payment_intents.list().data
    assert client.v1.payment_intents.confirm(waiting.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert [charge.status for charge in client.v1.charges.list().data] == ["succeeded", "failed"]


def test_a_card_that_wants_authentication_waits_for_it(client: stripe.StripeClient) -> None:
    waiting = pay(client, "pm_card_authenticationRequired")
    assert waiting.status == "requires_action"
    assert waiting.next_action is not None
    assert client.v1.payment_intents.cancel(waiting.id).status == "canceled"


def test_what_is_reserved_is_captured_in_part(client: stripe.StripeClient) -> None:
    reserved = pay(client, capture_method="manual")
    assert (reserved.status, reserved.amount_capturable) == ("requires_capture", 2_000)
    with pytest.raises(stripe.InvalidRequestError, match="no more than"):
        client.v1.payment_intents.capture(reserved.id, {"amount_to_capture": 2_001})
    captured = client.v1.payment_intents.capture(reserved.id, {"amount_to_capture": 1_500})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 1_500, 0)


@pytest.mark.parametrize("amount", [-1, 0, 49, 100_000_000])
def test_amounts_that_stripe_does_not_take(client: stripe.StripeClient, amount: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Amount must be"):
        client.v1.payment_intents.create({"amount": amount, "currency": "usd"})


def test_a_currency_that_is_none(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: zzz"):
        client.v1.payment_intents.create({"amount": 500, "currency": "zzz"})


@pytest.mark.parametrize("operation", ["cancel", "capture", "confirm"])
def test_what_is_paid_stays_paid(client: stripe.StripeClient, operation: str) -> None:
    paid = pay(client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(client.v1.payment_intents, operation)(paid.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_card_belongs_to_one_customer(client: stripe.StripeClient) -> None:
    first, second = client.v1.customers.create(), client.v1.customers.create()
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": first.id})
    assert [one.id for one in client.v1.customers.payment_methods.list(first.id).data] == [card.id]
    assert client.v1.customers.payment_methods.list(second.id).data == []
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(card.id, {"customer": second.id})


def test_a_real_card_number_is_declined(client: stripe.StripeClient) -> None:
    number = "4111" + "1" * 12
    asked: Any = {"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": 2034, "cvc": "123"}}
    with pytest.raises(stripe.CardError, match="test mode"):
        client.v1.payment_methods.create(asked)


def test_a_deleted_customer_is_told_to_be_deleted(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"payment_method": "pm_card_visa"})
    paid = pay(client, customer=customer.id)
    assert client.v1.customers.delete(customer.id).deleted
    assert client.v1.customers.retrieve(customer.id).deleted
    seen = client.v1.payment_intents.retrieve(paid.id, {"expand": ["customer"]}).customer
    assert isinstance(seen, stripe.Customer)
    assert seen.deleted
    assert client.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(customer.id, {"name": "Ada"})


def test_a_new_price_and_its_change_are_told(client: stripe.StripeClient) -> None:
    asked: Any = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Team"}}
    price = client.v1.prices.create(asked)
    client.v1.prices.update(price.id, {"nickname": "team"})
    told = client.v1.events.list({"type": "price.*"}).data
    assert [event.type for event in told] == ["price.updated", "price.created"]
    assert told[0].data.to_dict()["previous_attributes"] == {"nickname": None}
