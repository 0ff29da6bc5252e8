"""Stripe fails in its ways: the buyer gets our words, the log gets the facts, health tells."""

from __future__ import annotations

import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.reference.broken_stripe import BrokenStripe, broken_stripe
from tests.reference.service import CREATE, HEALTH, Service, order, random_key, running, settings

ATTEMPT_SECONDS = 3
"""A service that waits for one Stripe call answers nothing else for so long."""
TEXT = "No such price: internal-text-of-stripe"
SESSION = "/api/billing/checkout-session/cs_test_" + "a1" * 20


def with_stripe(url: str) -> dict[str, str]:
    return settings(STRIPE_SECRET_KEY=random_key("sk_" + "test_"), STRIPE_API_BASE=url)


@pytest.fixture(scope="module")
def at_fault() -> Iterator[tuple[BrokenStripe, Service]]:
    with broken_stripe(message=TEXT) as stripe, running(with_stripe(stripe.url)) as service:
        yield stripe, service


@pytest.fixture
def stripe(at_fault: tuple[BrokenStripe, Service]) -> BrokenStripe:
    """A Stripe whose status the test chooses."""
    at_fault[0].asked.clear()
    return at_fault[0]


@pytest.fixture
def service(at_fault: tuple[BrokenStripe, Service]) -> Service:
    return at_fault[1]


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    with service.client() as client:
        yield client


def assert_silent(answer: httpx.Response) -> None:
    assert answer.status_code == 500, answer.text
    assert answer.json()["error"] == "payment_provider_error"
    assert "internal-text" not in answer.text


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (503, 3), (401, 1), (403, 1), (400, 1), (404, 1), (429, 1)])
def test_a_failing_stripe_is_500_without_its_text(
    stripe: BrokenStripe, service: Service, client: httpx.Client, status: int, attempts: int
) -> None:
    stripe.status = status
    answer = client.post(CREATE, json=order())
    assert_silent(answer)
    assert len(stripe.asked) == attempts
    assert len({asked["idempotency-key"] for asked in stripe.asked}) == 1
    assert "x-stripe-client-telemetry" not in stripe.asked[-1]
    line = service.event("stripe_error", request_id=answer.headers["x-request-id"])
    assert (line["operation"], line["stripe_status"]) == ("create_checkout", status)


def test_two_orders_have_two_idempotency_keys(stripe: BrokenStripe, client: httpx.Client) -> None:
    stripe.status = 400
    for _ in range(2):
        client.post(CREATE, json=order())
    assert len({asked["idempotency-key"] for asked in stripe.asked}) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_a_failing_stripe_makes_a_lookup_500(stripe: BrokenStripe, client: httpx.Client, status: int) -> None:
    stripe.status = status
    assert_silent(client.get(SESSION))


def test_a_session_that_stripe_does_not_know_is_404(stripe: BrokenStripe, client: httpx.Client) -> None:
    stripe.status = 404
    answer = client.get(SESSION)
    assert (answer.status_code, answer.json()["error"]) == (404, "session_not_found")


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_health_is_503_when_stripe_refuses_or_fails(stripe: BrokenStripe, client: httpx.Client, status: int) -> None:
    stripe.status = status
    answer = client.get(HEALTH)
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert answer.json()["problems"] == ["Stripe does not answer, or refuses the secret key"]
    assert client.get("/health").status_code == 200


def test_a_storm_of_probes_is_no_storm_at_stripe(stripe: BrokenStripe, client: httpx.Client) -> None:
    stripe.status = 500
    started = time.monotonic()
    for _ in range(100):
        client.get(HEALTH)
    assert len(stripe.asked) <= 2 + (time.monotonic() - started)


def test_a_silent_stripe_costs_at_most_ten_seconds_and_holds_up_nobody() -> None:
    with broken_stripe(silent=True) as stripe, running(with_stripe(stripe.url)) as service:
        answers: list[httpx.Response] = []

        def buy() -> None:
            with service.client() as client:
                answers.append(client.post(CREATE, json=order()))

        buyers = [threading.Thread(target=buy) for _ in range(20)]
        for buyer in buyers:
            buyer.start()
        assert stripe.arrived.acquire(timeout=40)
        with service.client() as client:
            asked = time.monotonic()
            assert client.get("/health").status_code == 200
            assert time.monotonic() - asked < ATTEMPT_SECONDS
        for buyer in buyers:
            buyer.join()
        assert len(answers) == 20
        for answer in answers:
            assert_silent(answer)
            line = service.event("request", request_id=answer.headers["x-request-id"])
            assert line["duration_ms"] < 12_000


def test_sigterm_lets_the_request_in_flight_end() -> None:
    with broken_stripe(silent=True) as stripe, running(with_stripe(stripe.url)) as service:
        answers: list[httpx.Response] = []

        def buy() -> None:
            with service.client() as client:
                answers.append(client.post(CREATE, json=order()))

        buyer = threading.Thread(target=buy)
        buyer.start()
        assert stripe.arrived.acquire(timeout=40)
        os.kill(service.process.pid, signal.SIGTERM)
        stripe.ended.set()
        buyer.join()
        assert service.process.wait(40) in {0, -signal.SIGTERM}
        assert_silent(answers[0])
        assert service.event("Application shutdown complete.")


def test_secrets_and_cards_never_reach_the_log() -> None:
    card = "4242 4242 4242 4242"
    cvc = secrets.token_hex(8)  # three digits of a real one also stand in times and in ports
    with broken_stripe(status=401, message=f"Invalid key {random_key('sk_' + 'test_')} {card}") as stripe:
        env = with_stripe(stripe.url)
        with running(env | {"LOG_LEVEL": "DEBUG"}) as service, service.client() as client:
            key = random_key("rk_" + "live_")
            digits = card.replace(" ", "")
            client.get(f"/{digits}?card={digits}&cvc={cvc}&key={key}", headers={"X-Request-ID": digits})
            client.get(f"/api/billing/checkout-session/{digits}", headers={"User-Agent": key, "Cookie": digits})
            client.post(CREATE, json=order(user_email=f"{digits}@example.com", card=digits, cvv=cvc, key=key))
            client.post(CREATE, json=order(card=digits, cvv=cvc, key=key))
            client.post(CREATE, json=order(tier=digits, success_url=f"https://{key}.example/{digits}"))
            last = client.post(CREATE, content=json.dumps({"number": card}), headers={"Authorization": f"Bearer {key}"})
            service.event("request", request_id=last.headers["x-request-id"])
        told = "".join(service.lines)
        for secret in (
            card,
            digits,
            key,
            cvc,
            *(env[name] for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")),
        ):
            assert secret not in told
        assert service.event("stripe_error")["stripe_message"] == "Invalid key [redacted] [redacted]"
