"""The service dies, or its database goes away: nothing is lost, nothing is sold that nobody knows of."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from email.message import EmailMessage
from hashlib import sha256

import httpx

from readiness.sandbox.stripe import StripeSandbox
from tests.postgres import made_cluster
from tests.reference.databases import Database, on_postgres
from tests.reference.mail_server import mail_server, token_of
from tests.reference.service import CREATE, HEALTH, ORIGIN, Service, order, running, settings
from tests.reference.shop import connected
from tests.reference.stripe_events import Buyer, Event, deliver, send

KILLS = int(os.environ.get("READINESS_KILLS", "10"))
FLOW_SECONDS = 0.25
"""A purchase takes about as long, from the first event to the mail."""
WAIT = 30.0


def unanswered(service: Service, events: list[Event]) -> list[Event]:
    """Deliver events until the service is gone; those that Stripe will send again."""
    left = list(events)
    with suppress(httpx.TransportError), service.client() as client:
        while left and send(client, service, left[0]).status_code == 200:
            left.pop(0)
    return left


def killed_within_a_purchase(service: Service, buyer: Buyer, chance: random.Random) -> list[Event]:
    """The events that were not answered when the service was killed, at any moment."""
    left: list[Event] = []
    thread = threading.Thread(target=lambda: left.extend(unanswered(service, buyer.paid_flow())))
    thread.start()
    time.sleep(chance.uniform(0, FLOW_SECONDS))
    service.process.kill()
    thread.join()
    return left


def test_a_kill_at_any_moment_loses_nothing(database: Database) -> None:
    seed = random.randrange(1 << 32)  # noqa: S311 - moments, no secrets
    chance = random.Random(seed)  # noqa: S311 - the same
    buyers = [Buyer(email=f"kill-{number}@example.com") for number in range(KILLS)]
    left: list[Event] = []
    with mail_server() as mails:
        env = settings(DATABASE_URL=database.url, **mails.settings())
        for buyer in buyers:
            with running(env) as service:
                assert deliver(service, [left]) == [200] * len(left)
                left = killed_within_a_purchase(service, buyer, chance)
        database.hours_pass()  # the claims end
        with running(env) as service:
            assert deliver(service, [left]) == [200] * len(left)
            _until_all_are_sent(database, len(buyers))
        for buyer in buyers:
            _assert_whole(database, buyer, mails.to(buyer.email), seed)


def _until_all_are_sent(database: Database, number: int) -> None:
    deadline = time.monotonic() + WAIT
    while database.one("SELECT count(*) FROM email_outbox WHERE status = 'sent'") < number:
        assert time.monotonic() < deadline, database.rows("SELECT * FROM email_outbox")
        time.sleep(0.05)  # another process works; there is nothing to wait on


def _assert_whole(database: Database, buyer: Buyer, mails: list[EmailMessage], seed: int) -> None:
    found = database.rows(
        f"""SELECT s.tier, s.status, t.token_hash FROM subscriptions s JOIN mcp_tokens t ON t.subscription_id = s.id
        WHERE t.revoked_at IS NULL AND s.stripe_subscription_id = '{buyer.subscription}'"""  # noqa: S608 - our own id
    )
    assert found == [("team", "active", sha256(token_of(mails[-1]).encode()).hexdigest())], seed


def test_a_database_that_goes_away_stops_the_sale_and_events_come_again() -> None:
    buyer = Buyer()
    with ExitStack() as stack:
        cluster, stripe = stack.enter_context(made_cluster()), stack.enter_context(StripeSandbox())
        database = on_postgres(cluster, "checkout")
        with cluster.started():
            cluster.run("CREATE DATABASE checkout")
            service = stack.enter_context(running(connected(stripe, DATABASE_URL=database.url)))
        client = stack.enter_context(service.client())
        _assert_down(client, service, stripe, buyer)
        with cluster.started():
            assert [send(client, service, event).status_code for event in buyer.paid_flow()] == [200] * 4
            assert client.post(CREATE, json=order()).status_code == 200
            service.wait_for(lambda _: client.get(HEALTH).status_code == 200)
        assert _loud(service) == 1
        assert client.get("/api/mcp/whoami", headers={"Authorization": "Bearer x"}).status_code == 500
        assert _loud(service) == 2, "another outage"


def _loud(service: Service) -> int:
    """How often the database was reported: an outage is one matter, however many requests fail."""
    return sum(line["event"] == "database_error" and line["level"] == "error" for line in service.log())


def _assert_down(client: httpx.Client, service: Service, stripe: StripeSandbox, buyer: Buyer) -> None:
    asked = len(stripe.requests)
    for event in buyer.paid_flow():
        answer = send(client, service, event)
        assert (answer.status_code, answer.json()["error"]) == (500, "database_error")
    answer = client.post(CREATE, json=order())
    assert (answer.status_code, answer.json()["error"]) == (500, "database_error")
    assert client.get("/api/mcp/whoami", headers={"Authorization": "Bearer x"}).status_code == 500
    assert len(stripe.requests) == asked
    health = client.get(HEALTH)
    assert (health.status_code, health.json()["problems"]) == (503, ["The database does not answer"])
    assert client.get("/health").status_code == 200
    told = "".join(service.lines)
    assert "Traceback" not in told
    assert buyer.email not in told
    assert service.event("database_error")["level"] == "error"


def test_a_file_that_somebody_holds_stops_the_sale_and_events_come_again(empty_file: Database) -> None:
    buyer = Buyer()
    with shop_on(empty_file) as (_, service), service.client() as client:
        with closing(sqlite3.connect(empty_file.address, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            health = client.get(HEALTH)
            assert (health.status_code, health.json()["problems"]) == (503, ["The database does not answer"])
            answer = send(client, service, buyer.checkout())
            assert (answer.status_code, answer.json()["error"]) == (500, "database_error")
        assert [send(client, service, event).status_code for event in buyer.paid_flow()] == [200] * 4
        assert client.post(CREATE, json=order()).status_code == 200
        service.wait_for(lambda _: client.get(HEALTH).status_code == 200)


@contextmanager
def shop_on(database: Database) -> Iterator[tuple[StripeSandbox, Service]]:
    """A service that sells."""
    with StripeSandbox() as stripe, running(connected(stripe, DATABASE_URL=database.url)) as service:
        yield stripe, service


def test_a_checkout_is_in_the_database_before_stripe_and_told_apart_by_its_id(empty_file: Database) -> None:
    with shop_on(empty_file) as (stripe, service), service.client() as client:
        stripe.fault("POST /v1/checkout/sessions", status=400, times=1)
        assert client.post(CREATE, json=order()).status_code == 500
        assert empty_file.one("SELECT status, stripe_session_id FROM checkout_sessions") == ("failed", None)
        session_id = client.post(CREATE, json=order(tier="personal")).json()["session_id"]
        row = empty_file.rows("SELECT id, tier, status, stripe_session_id FROM checkout_sessions ORDER BY created_at")[
            1
        ]
        assert row[1:] == ("personal", "open", session_id)
        request = [r for r in stripe.requests if r.path == "/v1/checkout/sessions" and r.method == "POST"][-1]
        assert request.params["client_reference_id"] == row[0]
        # the service died before it knew Stripe's id
        empty_file.rows("UPDATE checkout_sessions SET status = 'creating', stripe_session_id = NULL")
        buyer = Buyer()
        assert send(client, service, buyer.checkout(client_reference_id=row[0])).status_code == 200
        done = empty_file.rows("SELECT status, payment_status, stripe_subscription_id FROM checkout_sessions")
        assert done[1] == ("complete", "paid", buyer.subscription)


def test_cards_and_keys_reach_neither_database_nor_log(empty_file: Database) -> None:
    card, key = "4000056655665556", "sk_" + "live_" + os.urandom(12).hex()
    with shop_on(empty_file) as (_, service), service.client() as client:
        answers = [
            client.post(CREATE, json=order(user_email=f"{card}@example.com")),
            client.post(CREATE, json=order(tier=card, card=card, success_url=f"https://{key}.example/{card}")),
            client.post(CREATE, json=order(cancel_url=f"{ORIGIN}/pricing?card={card}&key={key}")),
            client.get("/api/mcp/whoami", headers={"Authorization": f"Bearer {key}{card}"}),
            client.get(f"/api/mcp/whoami?card={card}", headers={"Authorization": f"Basic {key}"}),
        ]
        noted = {"tier": card, "product_type": "mcp", "note": key}
        for buyer in (Buyer(noted=noted), Buyer(email=f"{card}@example.com"), Buyer(price=f"price_{card}_{key}")):
            answers += [send(client, service, event) for event in buyer.paid_flow()]
        strange = Buyer().checkout(payment_method_details={"card": {"number": card}}, note=key)
        answers.append(send(client, service, strange))
        answers.append(
            client.post("/api/v1/webhooks/stripe", content=f"{card}{key}", headers={"Stripe-Signature": key})
        )
        assert answers[0].status_code == 400
        written = empty_file.text() + "".join(service.lines) + "".join(a.text + str(a.headers) for a in answers)
        assert card not in written
        assert key not in written
