"""What the service tells those who run it: figures, with labels that no client chooses."""

from __future__ import annotations

import json
import secrets
import socket
import sqlite3
from contextlib import closing

import httpx

from tests.reference.figures import figures, rises
from tests.reference.service import (
    CREATE,
    WEBHOOK,
    Service,
    event,
    order,
    production,
    running,
    settings,
    signature,
)
from tests.reference.stripe_events import Buyer, send

HANDLED = (
    *(f"checkout.session.{kind}" for kind in ("completed", "async_payment_succeeded", "async_payment_failed")),
    *(f"customer.subscription.{kind}" for kind in ("created", "updated", "deleted")),
    *(f"invoice.payment_{kind}" for kind in ("succeeded", "failed")),
)


def test_a_session_is_counted_when_it_is_made_and_when_it_is_read(shop: Service) -> None:
    with shop.client() as client:
        before = figures(client)
        made = client.post(CREATE, json=order(tier="team")).json()
        client.get(f"/api/billing/checkout-session/{made['session_id']}")
        rose = rises(before, figures(client))
    assert rose == {
        "checkout_sessions_created_total team": 1,
        "checkout_sessions_retrieved_total": 1,
        f"api_requests_total {CREATE} 200": 1,
        "api_requests_total /api/billing/checkout-session/{session_id} 200": 1,
        "api_requests_total /metrics 200": 1,
    }
    for name, request_id in (("checkout_session_created", None), ("checkout_session_retrieved", None)):
        line = shop.event(name, session_id=made["session_id"])
        assert line["request_id"] != request_id


def test_events_are_counted_by_type_and_outcome(shop: Service) -> None:
    paid, secret = Buyer().checkout(), shop.env["STRIPE_WEBHOOK_SECRET"]
    with shop.client() as client:
        before = figures(client)
        assert [send(client, shop, paid).status_code for _ in range(2)] == [200, 200]
        for kind in ("invented.kind", "customer.created"):
            body = json.dumps(event(kind, created=1_700_000_000)).encode()
            assert client.post(WEBHOOK, content=body, headers={"Stripe-Signature": signature(body, secret)}).is_success
        assert client.post(WEBHOOK, json={}).status_code == 400
        rose = rises(before, figures(client))
    assert {name: rise for name, rise in rose.items() if "webhook_events" in name} == {
        "webhook_events_total acknowledged checkout.session.completed": 1,
        "webhook_events_total duplicate checkout.session.completed": 1,
        "webhook_events_total ignored other": 2,
        "webhook_events_total refused unknown": 1,
    }


def test_who_sends_no_whole_body_is_no_failure_of_ours(shop: Service) -> None:
    begun = f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode()
    with shop.client() as client:
        before = figures(client)
        with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
            connection.sendall(begun)
        shop.event("request", route=WEBHOOK, status=0)
        oversized = client.post(WEBHOOK, content=(b"x" * 65536 for _ in range(17)))
        rose = rises(before, figures(client))
    assert oversized.status_code == 413
    assert {name: rise for name, rise in rose.items() if "webhook_events" in name} == {
        "webhook_events_total refused unknown": 2
    }
    assert "unexpected_error" not in {line["event"] for line in shop.log()}


def test_mails_in_wait_are_seen(shop: Service) -> None:
    with shop.client() as client:
        before = figures(client)["outbox_mails", (("status", "pending"),)]
        assert send(client, shop, Buyer().checkout()).status_code == 200
        after = figures(client)
    assert after["outbox_mails", (("status", "pending"),)] == before + 1
    assert after["outbox_oldest_pending_seconds", ()] > 0
    assert after["outbox_mails", (("status", "dead"),)] == 0
    assert after["database_up", ()] == 1


def test_what_an_alert_looks_for_begins_at_zero(client: httpx.Client) -> None:
    found = figures(client)
    for kind in HANDLED:
        assert ("webhook_events_total", (("outcome", "failed"), ("type", kind))) in found
    for operation in ("create_checkout", "checkout_state"):
        for status in ("none", "400", "401", "403", "429", "500"):
            assert ("stripe_errors_total", (("operation", operation), ("status", status))) in found


def test_a_database_that_hangs_is_told(shop: Service) -> None:
    file = shop.env["DATABASE_URL"].partition("///")[2]
    with closing(sqlite3.connect(file, isolation_level=None)) as busy, shop.client() as client:
        busy.execute("BEGIN IMMEDIATE")
        assert figures(client)["database_up", ()] == 0
        assert shop.event("database_error", fault="TimeoutError")["level"] == "error"
        busy.execute("ROLLBACK")
        assert figures(client)["database_up", ()] == 1


def test_no_client_can_make_new_labels(client: httpx.Client) -> None:
    client.get("/metrics")
    before = set(figures(client))
    for number in range(30):
        client.get(f"/invented/{number}")
        client.get(f"/api/invented{number}/x")
        client.get(f"/api/billing/checkout-session/{number}")
        client.request(f"M{number}", CREATE)
        client.post(f"{CREATE}/{number}")
    made = set(figures(client)) - before
    endpoints = {dict(labels).get("endpoint") for _, labels in made}
    assert endpoints <= {None, "unmatched", CREATE, "/api/billing/checkout-session/{session_id}"}
    assert len(made) < 60


def test_what_a_middleware_refuses_counts_for_its_endpoint() -> None:
    with running(settings(RATE_LIMIT_PER_MINUTE="1")) as service, service.client() as client:
        for _ in range(3):
            client.post(CREATE, json={})
        client.post(CREATE, json={}, headers={"Origin": "https://evil.example"})
        rose = rises({}, figures(client))
    assert rose[f"api_requests_total {CREATE} 400"] == 1
    assert rose[f"api_requests_total {CREATE} 429"] == 3


def test_figures_are_for_who_has_the_token() -> None:
    token = secrets.token_hex(12)
    with running(settings(METRICS_TOKEN=token, RATE_LIMIT_PER_MINUTE="1")) as service, service.client() as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
        for _ in range(3):  # and the rate limit does not hold Prometheus up
            found = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
            assert found.status_code == 200
            assert token not in found.text


def test_without_a_token_staging_and_production_show_none() -> None:
    with running(production()) as service, service.client() as client:
        assert client.get("/metrics").status_code == 404
