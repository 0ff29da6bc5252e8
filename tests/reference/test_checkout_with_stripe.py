"""The checkout against a local Stripe, read back with the real SDK."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from readiness.sandbox.stripe import StripeSandbox
from tests.reference.databases import Database
from tests.reference.service import CREATE, HEALTH, ORIGIN, WEBHOOK, Service, event, order, running, signature
from tests.reference.shop import AMOUNTS, connected, sold


def asked(stripe: StripeSandbox, session_id: str) -> dict[str, Any]:
    """The session as the SDK sees it."""
    import stripe as sdk

    client = sdk.StripeClient(stripe.secret_key, base_addresses={"api": stripe.url})
    session = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["line_items"]})
    return session.to_dict(recursive=True)


@pytest.fixture
def buyer(shop: Service) -> Iterator[httpx.Client]:
    with shop.client(Origin=ORIGIN) as client:
        yield client


@pytest.mark.parametrize("tier", AMOUNTS)
def test_each_tier_is_sold_at_its_price(stripe: StripeSandbox, shop: Service, buyer: httpx.Client, tier: str) -> None:
    answer = buyer.post(CREATE, json=order(tier=tier))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"checkout_url", "session_id", "expires_at"}
    assert body["checkout_url"].startswith("http")
    assert isinstance(body["expires_at"], int)
    assert body["expires_at"] > time.time()
    session = asked(stripe, body["session_id"])
    (item,) = session["line_items"]["data"]
    assert (item["price"]["id"], item["quantity"]) == (shop.env[f"STRIPE_PRICE_MCP_{tier.upper()}"], 1)
    assert (session["amount_total"], session["currency"], session["mode"]) == (AMOUNTS[tier], "usd", "subscription")
    assert session["metadata"] == {"tier": tier, "product_type": "mcp"}
    assert session["customer_email"] == "ada@example.com"
    assert session["success_url"].endswith("session_id={CHECKOUT_SESSION_ID}")
    assert session["automatic_tax"]["enabled"] is False
    line = shop.event("checkout_session_created", session_id=body["session_id"])
    assert (line["tier"], line["request_id"]) == (tier, answer.headers["x-request-id"])


def test_the_subscription_gets_the_metadata_too(stripe: StripeSandbox, buyer: httpx.Client) -> None:
    buyer.post(CREATE, json=order())
    request = [r for r in stripe.requests if r.method == "POST" and r.path == "/v1/checkout/sessions"][-1]
    assert request.params["subscription_data"] == {"metadata": {"tier": "team", "product_type": "mcp"}}


def test_the_email_may_be_left_out(stripe: StripeSandbox, buyer: httpx.Client) -> None:
    for email in ({}, {"user_email": None}):
        body = {k: v for k, v in order().items() if k != "user_email"} | email
        answer = buyer.post(CREATE, json=body)
        assert answer.status_code == 200
        assert asked(stripe, answer.json()["session_id"])["customer_email"] is None


@pytest.mark.parametrize("email", ["a@b.io", "o'brien+tag@sub.example.co.uk", "a.b_c-d@xn--bcher-kva.example"])
def test_unusual_addresses_are_fine(buyer: httpx.Client, email: str) -> None:
    assert buyer.post(CREATE, json=order(user_email=email)).status_code == 200


def test_origins_compare_in_their_canonical_form(buyer: httpx.Client) -> None:
    assert buyer.post(CREATE, json=order(cancel_url="HTTPS://Kamiyo.Example:443/pricing?a=b#c")).status_code == 200


def test_an_open_session_and_then_a_paid_one_can_be_read(
    stripe: StripeSandbox, shop: Service, buyer: httpx.Client
) -> None:
    session_id = buyer.post(CREATE, json=order()).json()["session_id"]
    with shop.client() as stranger:  # no cookie, no header
        answer = stranger.get(f"/api/billing/checkout-session/{session_id}")
    assert answer.status_code == 200
    assert answer.json() == {
        "session_id": session_id,
        "status": "open",
        "payment_status": "unpaid",
        "tier": "team",
        "amount_total": 9900,
        "currency": "usd",
        "customer_email": "a***@example.com",
    }
    stripe.complete(session_id)
    paid = buyer.get(f"/api/billing/checkout-session/{session_id}").json()
    assert (paid["status"], paid["payment_status"]) == ("complete", "paid")
    line = shop.event("checkout_session_retrieved", session_id=session_id, status="complete")
    assert "ada@" not in json.dumps(line)


def test_an_unknown_session_is_404(buyer: httpx.Client) -> None:
    answer = buyer.get("/api/billing/checkout-session/cs_test_" + "a1" * 29)
    assert (answer.status_code, answer.json()["error"]) == (404, "session_not_found")


def test_malformed_ids_make_no_call(stripe: StripeSandbox, buyer: httpx.Client) -> None:
    before = len(stripe.requests)
    for session_id in ("x", "cs_test_%0a", "cs_live_" + "a1" * 29, "..%2faccount"):
        assert buyer.get(f"/api/billing/checkout-session/{session_id}").status_code == 404
    assert len(stripe.requests) == before


def test_a_working_checkout_is_healthy(buyer: httpx.Client) -> None:
    answer = buyer.get(HEALTH)
    assert answer.status_code == 200
    assert answer.json() | {"timestamp": ""} == {
        "status": "healthy",
        "service": "checkout",
        "configured_tiers": ["personal", "team", "enterprise"],
        "problems": [],
        "timestamp": "",
    }


def test_health_names_the_tier_without_a_price(stripe: StripeSandbox) -> None:
    with running(connected(stripe, STRIPE_PRICE_MCP_TEAM="")) as service, service.client() as client:
        answer = client.get(HEALTH)
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert answer.json()["problems"] == ["Missing price IDs for tiers: team"]
        assert answer.json()["configured_tiers"] == ["personal", "enterprise"]


def test_health_and_sales_follow_a_fault_and_its_end(stripe: StripeSandbox, buyer: httpx.Client) -> None:
    stripe.fault("*", status=500)
    try:
        assert _eventually(buyer, 503)
        assert buyer.post(CREATE, json=order()).json()["error"] == "payment_provider_error"
    finally:
        stripe.heal()
    assert _eventually(buyer, 200)
    assert buyer.post(CREATE, json=order()).status_code == 200


def _eventually(client: httpx.Client, status: int) -> bool:
    """Whether health answers so within twenty seconds; what was seen is kept for one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if client.get(HEALTH).status_code == status:
            return True
    return False


def test_a_revoked_key_is_unhealthy_and_sells_nothing() -> None:
    with StripeSandbox() as stripe, running(connected(stripe)) as service, service.client() as client:
        stripe.revoke(stripe.secret_key)
        assert client.get(HEALTH).status_code == 503
        answer = client.post(CREATE, json=order())
        assert (answer.status_code, answer.json()["error"]) == (500, "payment_provider_error")


def test_the_least_privileged_key_is_enough() -> None:
    with StripeSandbox() as stripe:
        key = stripe.restricted_key("rak_checkout_session_write")
        with running(connected(stripe, STRIPE_SECRET_KEY=key)) as service, service.client() as client:
            session_id = client.post(CREATE, json=order()).json()["session_id"]
            assert client.get(f"/api/billing/checkout-session/{session_id}").status_code == 200
            assert client.get(HEALTH).status_code == 200


def test_one_fault_of_stripe_is_repeated_with_the_same_key(stripe: StripeSandbox, buyer: httpx.Client) -> None:
    stripe.fault("POST /v1/checkout/sessions", status=500, times=1)
    assert buyer.post(CREATE, json=order()).status_code == 200


def test_an_archived_price_is_our_fault(stripe: StripeSandbox) -> None:
    env = connected(stripe)
    stripe.archive(env["STRIPE_PRICE_MCP_TEAM"])
    with running(env) as service, service.client() as client:
        answer = client.post(CREATE, json=order())
        assert (answer.status_code, answer.json()["error"]) == (500, "payment_provider_error")
        assert "price" not in answer.json()["detail"]


def test_automatic_tax_follows_its_setting(stripe: StripeSandbox) -> None:
    with running(connected(stripe, STRIPE_AUTOMATIC_TAX="true")) as service, service.client() as client:
        client.post(CREATE, json=order())
        request = [r for r in stripe.requests if r.method == "POST" and r.path == "/v1/checkout/sessions"][-1]
        assert request.params["automatic_tax"]["enabled"] in {True, "true"}


def test_production_sells_in_live_mode(stripe: StripeSandbox, postgres_database: Database) -> None:
    env = connected(
        stripe,
        ENVIRONMENT="production",
        DATABASE_URL=postgres_database.url,
        SMTP_HOST="127.0.0.1",
        STRIPE_SECRET_KEY=stripe.live_secret_key,
        STRIPE_PUBLISHABLE_KEY=stripe.live_publishable_key,
        **sold(stripe, livemode=True),
    )
    with running(env) as service, service.client() as client:
        session_id = client.post(CREATE, json=order()).json()["session_id"]
        assert session_id.startswith("cs_live_")
        assert client.get(f"/api/billing/checkout-session/{session_id}").status_code == 200
        payload = json.dumps(event("checkout.session.completed", livemode=True)).encode()
        header = {"Stripe-Signature": signature(payload, env["STRIPE_WEBHOOK_SECRET"])}
        assert client.post(WEBHOOK, content=payload, headers=header).json() == {"status": "acknowledged"}


def test_a_slow_stripe_is_waited_for_side_by_side() -> None:
    with StripeSandbox() as stripe, running(connected(stripe)) as service:
        stripe.fault("POST /v1/checkout/sessions", latency=1.5)
        codes: list[int] = []

        def buy() -> None:
            with service.client() as client:
                codes.append(client.post(CREATE, json=order()).status_code)

        started = time.monotonic()
        buyers = [threading.Thread(target=buy) for _ in range(20)]
        for each in buyers:
            each.start()
        for each in buyers:
            each.join()
        assert codes == [200] * 20
        assert time.monotonic() - started < 20  # one after the other: more than 30
