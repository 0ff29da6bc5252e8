"""What a paid checkout session leaves behind: customer, subscription, invoice, payment and their events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox, buying
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.resources import sessions

ALL: list[Any] = ["customer", "invoice", "line_items", "payment_intent", "subscription"]


def open_session(client: stripe.StripeClient, *prices: str, **more: Any) -> str:
    asked: Any = {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 2} for price in prices],
        "success_url": "https://example.test",
        **more,
    }
    return client.v1.checkout.sessions.create(asked).id


def after(client: stripe.StripeClient, session: str) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.retrieve(session, {"expand": ALL})


def kinds(client: stripe.StripeClient) -> list[str]:
    """Of events, oldest first."""
    return [str(event.type) for event in client.v1.events.list({"limit": 100}).data][::-1]


def test_a_subscription_is_there_and_paid(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    data = {"metadata": {"tenant": "7"}}
    session = open_session(client, sandbox.add_price(9_900), subscription_data=data, customer_email="a@b.co")
    sandbox.complete(session)
    paid = after(client, session)
    subscription, invoice, customer = paid.subscription, paid.invoice, paid.customer
    assert isinstance(subscription, stripe.Subscription)
    assert isinstance(invoice, stripe.Invoice)
    assert isinstance(customer, stripe.Customer)
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 19_800)
    assert (subscription.status, subscription.metadata.to_dict()) == ("active", {"tenant": "7"})
    assert (invoice.status, invoice.amount_paid, customer.email) == ("paid", 19_800, "a@b.co")
    assert [line.amount for line in invoice.lines.data] == [19_800]


def test_events_come_in_an_order_that_stripe_uses(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.complete(open_session(client, sandbox.add_price(9_900)))
    told = kinds(client)
    wanted = ["customer.created", "invoice.finalized", "payment_intent.succeeded", "invoice.paid"]
    assert [kind for kind in told if kind in wanted] == wanted
    assert told[-2:] == ["customer.subscription.created", "checkout.session.completed"]


def test_a_trial_is_free_today(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    session = open_session(client, sandbox.add_price(9_900), subscription_data={"trial_period_days": 14})
    sandbox.complete(session)
    begun = after(client, session)
    assert isinstance(begun.subscription, stripe.Subscription)
    assert isinstance(begun.invoice, stripe.Invoice)
    assert (begun.amount_total, begun.payment_status) == (0, "no_payment_required")
    assert (begun.subscription.status, begun.invoice.total) == ("trialing", 0)
    assert "payment_intent.created" not in kinds(client)


def test_a_fee_beside_the_subscription_is_on_its_first_invoice_only(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    session = open_session(client, sandbox.add_price(9_900), sandbox.add_price(500, interval=None))
    sandbox.complete(session)
    paid = after(client, session)
    assert isinstance(paid.subscription, stripe.Subscription)
    assert isinstance(paid.invoice, stripe.Invoice)
    assert (paid.amount_total, paid.invoice.amount_paid) == (20_800, 20_800)
    assert len(paid.subscription["items"].data) == 1


def test_fractions_of_a_cent_are_rounded_alike(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    product = sandbox.add_product("Tokens")
    asked: Any = {"currency": "usd", "unit_amount_decimal": "100.3", "product": product}
    asked["recurring"] = {"interval": "month"}
    price = client.v1.prices.create(asked).id
    session = open_session(client, price)
    sandbox.complete(session)
    paid = after(client, session)
    assert isinstance(paid.invoice, stripe.Invoice)
    assert paid.amount_total == paid.invoice.total == 201


def test_a_payment_has_an_intent_with_its_charge(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    session = open_session(client, sandbox.add_price(500, interval=None), mode="payment")
    sandbox.complete(session)
    intent = after(client, session).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.latest_charge, str)
    assert client.v1.charges.retrieve(intent.latest_charge).amount_captured == 1_000
    assert client.v1.balance.retrieve().pending[0].amount == 1_000


def test_ten_payments_at_once_make_one_subscription(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    session = open_session(client, sandbox.add_price(9_900))

    def pay(_: int) -> bool:
        try:
            sandbox.complete(session)
        except ApiError:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(pay, range(10))) == 1
    assert len(client.v1.subscriptions.list().data) == 1
    assert kinds(client).count("checkout.session.completed") == 1


@pytest.mark.parametrize("interval", ["month", None])
@pytest.mark.parametrize(("answer", "status"), [("succeeded", "paid"), ("failed", "unpaid")])
def test_a_bank_answers_days_later(
    sandbox: StripeSandbox, client: stripe.StripeClient, interval: str | None, answer: str, status: str
) -> None:
    mode = "subscription" if interval else "payment"
    session = open_session(client, sandbox.add_price(9_900, interval=interval), mode=mode)
    bank: Any = {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "individual"}
    asked: Any = {"type": "us_bank_account", "us_bank_account": bank, "billing_details": {"name": "Ada"}}
    account = client.v1.payment_methods.create(asked).id
    client.raw_request("post", f"/v1/payment_pages/{session}/confirm", payment_method=account)
    assert after(client, session).payment_status == "unpaid"
    assert client.v1.payment_intents.list().data[0].status == "processing"
    call = sandbox._api.call({}, livemode=False, id=session)
    sandbox._api.perform(call, lambda call: buying.settle(call, sessions.retrieve(call), paid=status == "paid"))
    assert after(client, session).payment_status == status
    assert f"checkout.session.async_payment_{answer}" in kinds(client)
    assert ("payment_intent.succeeded" in kinds(client)) is (status == "paid")
    assert ("payment_intent.payment_failed" in kinds(client)) is (status == "unpaid")


def test_a_declined_card_leaves_the_session_open(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    session = open_session(client, sandbox.add_price(9_900))
    with pytest.raises(stripe.CardError) as refused:
        client.raw_request(
            "post", f"/v1/payment_pages/{session}/confirm", payment_method="pm_card_chargeDeclinedInsufficientFunds"
        )
    assert refused.value.error is not None
    assert refused.value.error.decline_code == "insufficient_funds"
    assert after(client, session).status == "open"
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    sandbox.complete(session)
    assert after(client, session).status == "complete"
