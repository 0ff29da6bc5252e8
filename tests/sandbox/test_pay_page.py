"""The hosted pay page, driven by its forms."""

from __future__ import annotations

import threading
import time

import httpx
import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox

SUCCESS = "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}"


@pytest.fixture
def session(sandbox: StripeSandbox, client: stripe.StripeClient) -> stripe.checkout.Session:
    params: stripe.params.checkout.SessionCreateParams = {
        "mode": "subscription",
        "line_items": [{"price": sandbox.add_price(9900), "quantity": 2}],
        "success_url": SUCCESS,
        "cancel_url": "http://127.0.0.1:9/no",
    }
    return client.v1.checkout.sessions.create(params)


def submit(session: stripe.checkout.Session, **form: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as http:
        return http.post(str(session.url), data={"email": "zoe@example.test", **form})


def state(client: stripe.StripeClient, session: stripe.checkout.Session) -> tuple[str | None, str]:
    now = client.v1.checkout.sessions.retrieve(session.id)
    return now.status, now.payment_status


def test_it_shows_what_is_bought(session: stripe.checkout.Session) -> None:
    html = httpx.get(str(session.url), trust_env=False).text
    assert "198.00 USD" in html
    assert "<dt>Tax</dt><dd>0.00 USD</dd>" in html
    assert 'href="http://127.0.0.1:9/no"' in html
    assert "http" not in html.replace("http://127.0.0.1:9/no", "")


@pytest.mark.parametrize("form", [{"way": "visa"}, {"way": "number", "number": "5555 5555 5555 4444"}])
def test_paid(client: stripe.StripeClient, session: stripe.checkout.Session, form: dict[str, str]) -> None:
    answer = submit(session, **form)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://127.0.0.1:9/done?session={session.id}")
    assert state(client, session) == ("complete", "paid")
    assert "has been paid" in submit(session, **form).text


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"way": "chargeDeclined"}, "Your card was declined."),
        ({"way": "number", "number": "4111111111111111"}, "only the test card numbers that Stripe publishes"),
        ({}, "only the test card numbers that Stripe publishes"),
        ({"authentication": "fail"}, "unable to authenticate"),
    ],
)
def test_refused(
    client: stripe.StripeClient, session: stripe.checkout.Session, form: dict[str, str], reason: str
) -> None:
    answer = submit(session, **form)
    assert answer.status_code == 402
    assert reason in answer.text
    assert "4111" not in answer.text
    assert state(client, session) == ("open", "unpaid")


def test_authenticated(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    bank = submit(session, way="authenticationRequired")
    assert "3-D Secure" in bank.text
    assert state(client, session) == ("open", "unpaid")
    method = bank.text.split('name="method" value="')[1].split('"')[0]
    assert submit(session, method=method, authentication="complete").status_code == 303
    assert state(client, session) == ("complete", "paid")


@pytest.mark.parametrize(("way", "outcome"), [("debit", "succeeded"), ("debit_fails", "failed")])
def test_a_bank_debit(
    sandbox: StripeSandbox, client: stripe.StripeClient, session: stripe.checkout.Session, way: str, outcome: str
) -> None:
    told = threading.Event()
    sandbox._api.subscribers.append(
        lambda event: told.set() if event["type"] == f"checkout.session.async_payment_{outcome}" else None
    )
    sandbox.webhooks.manners.compression = 4 * 24 * 3600 / 0.5
    begun = time.monotonic()
    assert submit(session, way=way).status_code == 303
    assert state(client, session) == ("complete", "unpaid")
    assert told.wait(10)
    assert time.monotonic() - begun >= 0.4


def test_expired(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    client.v1.checkout.sessions.expire(session.id)
    assert "has expired" in submit(session, way="visa").text
