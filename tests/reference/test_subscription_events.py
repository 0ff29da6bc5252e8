"""The events of subscriptions, in every order and often: one right end, on both databases."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.reference.databases import Database
from tests.reference.mail_server import MailServer, mail_server
from tests.reference.service import Service, running, settings
from tests.reference.stripe_events import Buyer, Event, deliver, send

Life = Callable[[Buyer], list[Event]]


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def shop(database: Database, mails: MailServer) -> Iterator[Service]:
    mails.mails.clear()
    env = settings(DATABASE_URL=database.url, **mails.settings())
    with running(env) as service:
        yield service


@pytest.fixture
def client(shop: Service) -> Iterator[httpx.Client]:
    with shop.client() as client:
        yield client


def state(database: Database, buyer: Buyer) -> tuple[Any, ...]:
    """Tier, status, and numbers of live tokens and of mails."""
    found: tuple[Any, ...] = database.one(
        f"""SELECT s.tier, s.status,
            (SELECT count(*) FROM mcp_tokens t WHERE t.subscription_id = s.id AND t.revoked_at IS NULL),
            (SELECT count(*) FROM email_outbox m WHERE m.subscription_id = s.id AND m.status <> 'dropped')
        FROM subscriptions s WHERE s.stripe_subscription_id = '{buyer.subscription}'"""  # noqa: S608 - our own id
    )
    return found


def ended(buyer: Buyer) -> list[Event]:
    """A subscription that was paid, and canceled later."""
    return [*buyer.paid_flow(), buyer.changed("deleted", "canceled", 300)]


def in_debt(buyer: Buyer) -> list[Event]:
    """A subscription whose second payment failed, all within the same second."""
    return [
        buyer.changed("created", "incomplete"),
        buyer.changed("updated", "active"),
        buyer.checkout(),
        buyer.invoice(paid=False),
        buyer.changed("updated", "past_due"),
    ]


ORDERS = {"ended": 1, "in_debt": int(os.environ.get("READINESS_EVERY", "5"))}
"""Every order of the first life, every fifth of the second one."""


@pytest.mark.parametrize(("life", "end"), [(ended, ("team", "canceled", 0)), (in_debt, ("team", "past_due", 1))])
def test_every_order_of_five_events_sent_twice_ends_right(
    request: pytest.FixtureRequest, shop: Service, database: Database, life: Life, end: tuple[str, str, int]
) -> None:
    mails: MailServer = request.getfixturevalue("mails")
    orders = list(itertools.permutations(range(5)))[:: ORDERS[life.__name__]]
    buyers = [
        Buyer(email=f"{life.__name__}-{number}@example.com", old_shape=number % 2 == 1) for number in range(len(orders))
    ]
    series = []
    for buyer, order in zip(buyers, orders, strict=True):
        events = life(buyer)
        # twice in a row, or all of them once more
        series.append([events[n] for n in (order * 2 if buyer.old_shape else sorted(order * 2, key=order.index))])
    assert set(deliver(shop, series)) == {200}
    for buyer in buyers:
        if end[2]:
            mails.wait(buyer.email)
        assert state(database, buyer)[:3] == end
        assert len(mails.to(buyer.email)) <= 1


def test_one_event_fifty_times_at_once_makes_one_token(shop: Service, database: Database, mails: MailServer) -> None:
    buyer = Buyer(email="fifty@example.com")
    event = buyer.checkout()
    assert deliver(shop, [[event]] * 50, at_once=50) == [200] * 50
    mails.wait(buyer.email)
    assert state(database, buyer) == ("team", "active", 1, 1)
    assert database.one(f"SELECT count(*) FROM webhook_events WHERE stripe_event_id = '{event['id']}'") == 1  # noqa: S608 - our own id


def test_500_shuffled_events_at_once_are_taken_at_the_first_try(
    shop: Service, database: Database, mails: MailServer
) -> None:
    buyers = [Buyer(email=f"rush-{number}@example.com") for number in range(125)]
    events = [event for buyer in buyers for event in buyer.paid_flow()]
    random.Random(7).shuffle(events)  # noqa: S311 - an order, no secret
    assert deliver(shop, [[event] for event in events], at_once=100) == [200] * 500
    for buyer in buyers:
        mails.wait(buyer.email)
        assert state(database, buyer) == ("team", "active", 1, 1)


def test_a_mail_server_that_fails_costs_no_event_and_gets_the_mail_later(
    shop: Service, database: Database, mails: MailServer
) -> None:
    buyer = Buyer(email="later@example.com")
    mails.answer = "451 try later"
    try:
        assert deliver(shop, [buyer.paid_flow()]) == [200] * 4
        shop.event("mail_handled", mail_id=database.one("SELECT max(id) FROM email_outbox"), result="retry")
    finally:
        mails.answer = "250 OK"
    assert not mails.to(buyer.email)
    database.hours_pass()
    mails.wait(buyer.email)
    assert state(database, buyer) == ("team", "active", 1, 1)


@pytest.mark.parametrize("old_shape", [False, True])
def test_both_shapes_of_the_api_tell_the_same(shop: Service, database: Database, old_shape: bool) -> None:
    buyer = Buyer(email="shape@example.com", old_shape=old_shape, noted={})
    deliver(shop, [buyer.paid_flow()])
    found = database.one(
        f"""SELECT s.tier, s.stripe_price_id, s.current_period_end IS NOT NULL, s.paid_at IS NOT NULL,
            c.stripe_customer_id, c.email FROM subscriptions s JOIN customers c ON c.id = s.customer_id
        WHERE s.stripe_subscription_id = '{buyer.subscription}'"""  # noqa: S608 - our own id
    )
    assert found == ("team", "price_team", 1, 1, buyer.customer, "shape@example.com")


def test_a_delayed_payment_grants_nothing_before_it_succeeds(
    client: httpx.Client, shop: Service, database: Database
) -> None:
    for proof in ("session", "invoice", "failure"):
        buyer = Buyer(email=f"debit-{proof}@example.com")
        # with a bank debit Stripe calls the subscription active while the money is on its way
        unpaid = [buyer.checkout(payment_status="unpaid"), buyer.changed("created", "active")]
        deliver(shop, [unpaid])
        assert state(database, buyer) == ("team", "active", 0, 0)
        later = {
            "session": buyer.checkout(9, "async_payment_succeeded", "paid"),
            "invoice": buyer.invoice(9),
            "failure": buyer.checkout(9, "async_payment_failed", "unpaid"),
        }
        assert send(client, shop, later[proof]).json() == {"status": "acknowledged"}
        assert state(database, buyer)[3] == (proof != "failure")


def test_states_follow_their_events_and_the_last_one_stays(
    client: httpx.Client, shop: Service, database: Database
) -> None:
    buyer = Buyer(email="states@example.com")
    deliver(shop, [buyer.paid_flow()])
    for at, status in enumerate(["past_due", "unpaid", "active", "paused", "trialing", "past_due"], start=10):
        send(client, shop, buyer.changed("updated", status, at))
        assert state(database, buyer)[1] == status
    late = buyer.changed("updated", "active", 12)
    send(client, shop, late)
    assert state(database, buyer)[1] == "past_due"
    send(client, shop, buyer.changed("deleted", "canceled", 20))
    send(client, shop, buyer.changed("updated", "active", 99))
    assert state(database, buyer)[1:3] == ("canceled", 0)


def test_what_says_nothing_for_us_changes_nothing(client: httpx.Client, shop: Service, database: Database) -> None:
    buyer = Buyer(email="nothing@example.com")
    strange = [
        Buyer(noted={"product_type": "shirts"}).checkout(),  # another product of the same account
        buyer.changed("updated", "on_the_moon"),
        buyer.checkout() | {"data": {"object": {}}},
        buyer.checkout() | {"data": None},
        buyer.checkout() | {"data": {"object": {"customer": 7, "subscription": ["x"]}}},
        buyer.changed("updated", "active", items={"data": None}, customer=None),
    ]
    before = database.one("SELECT count(*) FROM subscriptions")
    assert {send(client, shop, event).json()["status"] for event in strange} == {"acknowledged"}
    assert database.one("SELECT count(*) FROM subscriptions") == before


def test_an_unknown_price_gives_no_token_until_a_tier_is_known(
    client: httpx.Client, shop: Service, database: Database
) -> None:
    buyer = Buyer(email="unknown@example.com", price="price_of_another_year", noted={"product_type": "mcp"})
    deliver(shop, [buyer.paid_flow()])
    assert state(database, buyer) == (None, "active", 0, 0)
    known = [{"price": {"id": "price_personal"}}]
    send(client, shop, buyer.changed("updated", "active", 5, items={"data": known}))
    assert state(database, buyer)[0] == "personal"
    assert state(database, buyer)[3] == 1


def test_who_buys_something_else_in_the_account_is_none_of_ours(shop: Service, database: Database) -> None:
    others = [
        Buyer(email="else@example.com", price="price_of_another_shop", noted=noted) for noted in ({"tier": "team"}, {})
    ]
    deliver(shop, [buyer.paid_flow() for buyer in others])
    stored = database.text()
    for buyer in others:
        assert shop.event("webhook_of_another_product", object_id=buyer.subscription)["level"] == "info"
        assert buyer.subscription not in stored
    assert "else@example.com" not in stored


def test_a_price_of_ours_is_enough_and_what_is_stored_stays_ours(
    client: httpx.Client, shop: Service, database: Database
) -> None:
    buyer = Buyer(email="by-hand@example.com", noted={"tier": "enterprise"})
    created, invoice, updated, checkout = buyer.paid_flow()
    deliver(shop, [[checkout, created, invoice, updated]])  # the session itself names no price
    assert state(database, buyer)[:2] == ("team", "active")
    assert state(database, buyer)[3] == 1
    elsewhere = [{"price": {"id": "price_of_another_year"}}]
    send(client, shop, buyer.changed("updated", "past_due", 9, items={"data": elsewhere}))
    assert state(database, buyer)[:2] == ("team", "past_due")


def test_a_change_of_the_plan_changes_the_tier_and_an_old_event_does_not_change_it_back(
    client: httpx.Client, shop: Service, database: Database
) -> None:
    buyer = Buyer(email="upgrade@example.com")
    old = buyer.changed("updated", "active", 3)
    deliver(shop, [buyer.paid_flow()])
    # the metadata of the checkout still says team
    send(client, shop, buyer.changed("updated", "active", 5, items={"data": [{"price": {"id": "price_enterprise"}}]}))
    send(client, shop, old)
    assert state(database, buyer)[0] == "enterprise"


def test_an_address_with_a_card_number_is_not_stored(shop: Service, database: Database) -> None:
    card = "4242424242424242"
    deliver(shop, [Buyer(email=f"{card}@example.com", noted={"tier": card}).paid_flow()])
    deliver(shop, [Buyer(email="a\u0000b@example.com").paid_flow()])
    assert card not in database.text()
