"""What time and payments make of subscriptions, driven by the official SDK over a clock that the test turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import stripe

from readiness.sandbox.stripe import StripeSandbox

HOUR, DAY = 3600, 86_400


class World:
    """A sandbox, its client, a customer with a good card, and the time."""

    def __init__(self, sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
        self.sandbox, self.client = sandbox, client
        self.price = sandbox.add_price(9_900)
        self.customer = client.v1.customers.create(
            {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
        ).id

    def subscribe(self, **params: Any) -> stripe.Subscription:
        asked: Any = {"customer": self.customer, "items": [{"price": self.price}], **params}
        return self.client.v1.subscriptions.create(asked)

    def again(self, subscription: stripe.Subscription) -> stripe.Subscription:
        return self.client.v1.subscriptions.retrieve(subscription.id)

    def use_card(self, token: str) -> None:
        card = self.client.v1.payment_methods.attach(f"pm_card_{token}", {"customer": self.customer}).id
        self.client.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": card}})

    def happened(self, kind: str) -> list[Any]:
        return [event.data.object for event in self.client.v1.events.list({"type": kind, "limit": 100}).data]


@pytest.fixture
def now() -> list[float]:
    return [time.time()]


@pytest.fixture
def world(now: list[float]) -> Iterator[World]:
    with StripeSandbox(clock=lambda: now[0]) as sandbox, requests.Session() as session:
        session.trust_env = False
        http = stripe.RequestsClient(timeout=10, session=session)
        yield World(
            sandbox,
            stripe.StripeClient(sandbox.secret_key, base_addresses={"api": sandbox.url}, http_client=http),
        )


def test_time_that_passes_is_told_without_being_asked_for(world: World) -> None:
    begun = world.subscribe()
    heard: list[str] = []
    world.sandbox._api.subscribers.append(lambda event: heard.append(event["type"]))
    world.sandbox.advance(32 * DAY)
    assert heard[-1] == "invoice.payment_succeeded"
    paid = world.client.v1.invoices.list({"subscription": begun.id}).data[0]
    assert (paid.billing_reason, paid.status) == ("subscription_cycle", "paid")
    told = world.client.v1.events.list({"type": "invoice.paid"}).data[0].request
    assert told is not None
    assert told.id is None
    with pytest.raises(ValueError, match="forward only"):
        world.sandbox.advance(-1)


def test_a_month_later_it_is_renewed_and_paid(world: World, now: list[float]) -> None:
    begun = world.subscribe()
    ends = begun["items"].data[0].current_period_end
    now[0] = ends + 1
    renewed = world.again(begun)
    assert renewed.status == "active"
    assert renewed["items"].data[0].current_period_start == ends
    reasons = [invoice["billing_reason"] for invoice in world.happened("invoice.paid")]
    assert reasons == ["subscription_cycle", "subscription_create"]


def test_a_card_that_fails_makes_it_past_due_and_ends_it_after_the_last_try(world: World, now: list[float]) -> None:
    begun = world.subscribe()
    world.use_card("chargeCustomerFail")
    now[0] += 32 * DAY
    assert world.again(begun).status == "past_due"
    for wait in (3, 5, 7):
        now[0] += wait * DAY
        world.again(begun)
    assert world.again(begun).status == "canceled"
    assert len(world.happened("invoice.payment_failed")) == 4
    assert [ended["status"] for ended in world.happened("customer.subscription.deleted")] == ["canceled"]


def test_a_late_payment_brings_it_back(world: World, now: list[float]) -> None:
    begun = world.subscribe()
    world.use_card("chargeCustomerFail")
    now[0] += 32 * DAY
    owed = world.again(begun).latest_invoice
    assert isinstance(owed, str)
    assert world.client.v1.invoices.pay(owed, {"payment_method": "pm_card_visa"}).status == "paid"
    assert world.again(begun).status == "active"
    assert world.happened("customer.subscription.updated")[0]["status"] == "active"


def test_the_first_invoice_paid_in_time_makes_it_active(world: World, now: list[float]) -> None:
    begun = world.subscribe(payment_behavior="default_incomplete")
    assert begun.status == "incomplete"
    now[0] += 22 * HOUR
    assert isinstance(begun.latest_invoice, str)
    world.client.v1.invoices.pay(begun.latest_invoice)
    assert world.again(begun).status == "active"


def test_the_first_invoice_not_paid_within_23_hours_is_void(world: World, now: list[float]) -> None:
    begun = world.subscribe(payment_behavior="default_incomplete")
    now[0] += 23 * HOUR
    assert world.again(begun).status == "incomplete_expired"
    assert isinstance(begun.latest_invoice, str)
    assert world.client.v1.invoices.retrieve(begun.latest_invoice).status == "void"


def test_a_trial_costs_nothing_and_then_the_price(world: World, now: list[float]) -> None:
    begun = world.subscribe(trial_period_days=7)
    assert begun.status == "trialing"
    now[0] += 8 * DAY
    assert world.again(begun).status == "active"
    assert [invoice["amount_paid"] for invoice in world.happened("invoice.paid")] == [9_900, 0]


def test_it_ends_at_the_time_that_was_set(world: World, now: list[float]) -> None:
    begun = world.subscribe()
    at = int(now[0]) + 2 * DAY
    set_to_end = world.client.v1.subscriptions.update(begun.id, {"cancel_at": at})
    assert (set_to_end.cancel_at, set_to_end.canceled_at) == (at, int(now[0]))
    now[0] += DAY
    assert world.again(begun).status == "active"
    now[0] += DAY
    ended = world.again(begun)
    assert (ended.status, ended.canceled_at) == ("canceled", set_to_end.canceled_at)


def test_it_ends_with_its_period_unless_that_is_taken_back(world: World, now: list[float]) -> None:
    ending, kept = world.subscribe(), world.subscribe()
    for one in (ending, kept):
        assert world.client.v1.subscriptions.update(one.id, {"cancel_at_period_end": True}).cancel_at
    assert world.client.v1.subscriptions.update(kept.id, {"cancel_at_period_end": False}).cancel_at is None
    now[0] += 32 * DAY
    assert (world.again(ending).status, world.again(kept).status) == ("canceled", "active")


def test_the_31st_renews_on_the_last_day_of_a_shorter_month_and_then_on_the_31st(
    world: World, now: list[float]
) -> None:
    now[0] = 1_801_353_600.0  # 31 January 2027
    begun = world.subscribe()
    february = begun["items"].data[0].current_period_end
    now[0] = february + 1
    march = world.again(begun)["items"].data[0].current_period_end
    assert [time.gmtime(end)[:3] for end in (february, march)] == [(2027, 2, 28), (2027, 3, 31)]
