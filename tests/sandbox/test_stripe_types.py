"""Every answer of every call has the shape that the official SDK's types give it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import requests
import stripe

from readiness.sandbox.stripe import StripeSandbox
from readiness.sandbox.stripe.events import VERSION
from readiness.sandbox.stripe.resources import ROUTES
from readiness.sandbox.stripe.routes import find
from tests.sandbox.types.judge import complaints, document

pytestmark = pytest.mark.slow

URL = "https://shop.example/hook"


@dataclass
class Recorder:
    """The real SDK's client, whose answers are kept."""

    client: stripe.StripeClient
    answers: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def hear(self, response: requests.Response, *_: object, **__: object) -> None:
        path = response.request.path_url.partition("?")[0]
        self.answers.append((str(response.request.method), path, json.loads(response.content)))


@pytest.fixture
def recorder(sandbox: StripeSandbox) -> Iterator[Recorder]:
    with requests.Session() as session:
        session.trust_env = False
        client = stripe.StripeClient(
            sandbox.secret_key,
            base_addresses={"api": sandbox.url},
            http_client=stripe.RequestsClient(timeout=10, session=session),
        )
        recorder = Recorder(client)
        session.hooks["response"].append(recorder.hear)
        yield recorder


def test_the_types_are_of_the_version_that_the_sandbox_speaks() -> None:
    assert document()["x-api-version"] == VERSION == stripe.api_version


def test_every_call(recorder: Recorder, sandbox: StripeSandbox) -> None:
    tour(recorder.client, sandbox)
    wrong = [
        f"{method} {path}: {complaint}"
        for method, path, body in recorder.answers
        if "error" not in body
        for complaint in complaints(body)
    ]
    assert not wrong, "\n".join(wrong)
    refusals = [(path, body["error"]["message"]) for _, path, body in recorder.answers if "error" in body]
    assert [path for path, _ in refusals] == ["/v1/payment_intents"], refusals
    called = {find(ROUTES, method, path)[0].params for method, path, _ in recorder.answers}
    by_hand = {"payment_page.retrieve"}
    assert {route.params for route in ROUTES} - called == by_hand


def test_a_wrong_answer_is_seen() -> None:
    good = {"id": "we_1", "object": "webhook_endpoint", "deleted": True}
    assert not list(complaints(good))
    assert list(complaints({**good, "more": 1}))
    assert list(complaints({**good, "deleted": "yes"}))
    assert list(complaints({"object": "webhook_endpoint", "deleted": True}))
    assert list(complaints({"object": "nothing"}))


def test_the_page_of_a_session_by_hand(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(_purchase(sandbox.add_price(1900)))  # type: ignore[arg-type]
    with httpx.Client(base_url=sandbox.url, auth=(sandbox.secret_key, ""), trust_env=False) as http:
        assert http.get(f"/v1/payment_pages/{session.id}").json()["id"] == session.id
        confirm, asked = f"/v1/payment_pages/{session.id}/confirm", {"payment_method": "pm_card_visa"}
        assert http.post(confirm, data={**asked, "expected_amount": "1"}).status_code == 400
        paid = http.post(confirm, data={**asked, "expected_amount": "1900"})
    assert (paid.json()["status"], paid.json()["payment_status"]) == ("complete", "paid")
    assert not list(complaints(paid.json()))


def tour(client: stripe.StripeClient, sandbox: StripeSandbox) -> None:
    """Each call at least once."""
    v1 = client.v1
    v1.accounts.retrieve_current()
    product = v1.products.create({"name": "Team", "default_price_data": {"currency": "usd", "unit_amount": 500}})
    v1.products.retrieve(product.id, {"expand": ["default_price"]})
    v1.products.update(product.id, {"description": "for teams"})
    v1.products.list()
    v1.products.delete(v1.products.create({"name": "gone"}).id)
    price = v1.prices.create(
        {"product": product.id, "unit_amount": 9900, "currency": "usd", "recurring": {"interval": "month"}}
    )
    v1.prices.retrieve(price.id, {"expand": ["product", "currency_options"]})
    v1.prices.update(price.id, {"nickname": "monthly"})
    v1.prices.list()
    _people(client)
    _settings(client)
    _payments(client)
    _sessions(client, price.id)
    sandbox.complete(client.v1.checkout.sessions.create(_purchase(price.id)).id)  # type: ignore[arg-type]
    _subscriptions(client, price.id)
    for event in v1.events.list({"limit": 100}).auto_paging_iter():
        v1.events.retrieve(event.id)


def _people(client: stripe.StripeClient) -> None:
    customers = client.v1.customers
    buyer = customers.create({"email": "buyer@shop.example", "payment_method": "pm_card_visa"})
    customers.retrieve(buyer.id)
    customers.update(buyer.id, {"name": "A. Buyer"})
    customers.list()
    customers.payment_methods.list(buyer.id)
    customers.delete(buyer.id)


def _settings(client: stripe.StripeClient) -> None:
    v1, v2 = client.v1, client.v2
    endpoint = v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.update(endpoint.id, {"description": "all"})
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)
    destination = v2.core.event_destinations.create(
        {
            "name": "orders",
            "type": "webhook_endpoint",
            "event_payload": "snapshot",
            "enabled_events": ["invoice.paid"],
            "webhook_endpoint": {"url": URL},
        }
    )
    v2.core.event_destinations.retrieve(destination.id, {"include": ["webhook_endpoint.url"]})
    v2.core.event_destinations.disable(destination.id)
    v2.core.event_destinations.enable(destination.id)
    v2.core.event_destinations.list({"include": ["webhook_endpoint.url"]})
    v2.core.event_destinations.delete(destination.id)
    portal = v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    v1.billing_portal.configurations.retrieve(portal.id)
    v1.billing_portal.configurations.update(portal.id, {"name": "second"})
    v1.billing_portal.configurations.list()
    v1.billing_portal.sessions.create({"customer": v1.customers.create({}).id})
    v1.tax.settings.retrieve()
    v1.tax.settings.update({"defaults": {"tax_behavior": "inclusive"}})
    registration = v1.tax.registrations.create(
        {"country": "DE", "active_from": "now", "country_options": {"de": {"type": "oss_union"}}}
    )
    v1.tax.registrations.retrieve(registration.id)
    v1.tax.registrations.list({"status": "all"})


def _payments(client: stripe.StripeClient) -> None:
    v1 = client.v1
    customer = v1.customers.create({}).id
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
    v1.payment_methods.attach(method.id, {"customer": customer})
    v1.payment_methods.retrieve(method.id, {"expand": ["customer"]})
    v1.payment_methods.list({"customer": customer})
    v1.payment_methods.create({"type": "us_bank_account", "billing_details": {"name": "A. Buyer"}})
    intents = v1.payment_intents
    reserved = intents.create(
        {
            "amount": 1000,
            "currency": "usd",
            "capture_method": "manual",
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    intents.capture(reserved.id)
    waiting = intents.create({"amount": 1000, "currency": "usd", "customer": customer})
    intents.confirm(waiting.id, {"payment_method": "pm_card_authenticationRequired"})
    intents.cancel(waiting.id)
    with pytest.raises(stripe.CardError):
        intents.create({"amount": 1000, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True})
    intents.list()
    charges = v1.charges.list().data
    for charge in charges:
        v1.charges.retrieve(charge.id, {"expand": ["payment_intent", "customer"]})
    intents.retrieve(reserved.id, {"expand": ["latest_charge", "payment_method"]})
    v1.balance.retrieve()
    v1.invoice_items.create({"customer": customer, "amount": 2000, "currency": "usd"})
    invoice = v1.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    v1.invoices.finalize_invoice(invoice.id)
    v1.invoices.pay(invoice.id, {"payment_method": method.id})
    v1.invoices.retrieve(invoice.id, {"expand": ["customer"]})
    v1.invoices.list()
    other = v1.invoices.create({"customer": customer})
    v1.invoices.finalize_invoice(other.id)
    v1.invoices.void_invoice(other.id)


def _sessions(client: stripe.StripeClient, price: str) -> None:
    sessions = client.v1.checkout.sessions
    session = sessions.create(_purchase(price))  # type: ignore[arg-type]
    sessions.retrieve(session.id, {"expand": ["line_items"]})
    sessions.line_items.list(session.id)
    sessions.list()
    sessions.expire(session.id)
    setup = sessions.create({"mode": "setup", "currency": "usd", "success_url": URL})
    made = client.raw_request("post", f"/v1/payment_pages/{setup.id}/confirm", payment_method="pm_card_visa")
    client.v1.setup_intents.retrieve(json.loads(made.body)["setup_intent"], {"expand": ["payment_method"]})


def _subscriptions(client: stripe.StripeClient, price: str) -> None:
    v1 = client.v1
    customer = v1.customers.create(
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )
    made = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price}], "metadata": {"tier": "team"}})
    assert made.status == "active"
    v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice", "customer", "default_payment_method"]})
    v1.subscriptions.list()
    v1.subscriptions.cancel(made.id)
    v1.subscriptions.create({"customer": customer.id, "items": [{"price": price}], "trial_period_days": 14})


def _purchase(price: str) -> dict[str, Any]:
    return {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": URL,
        "automatic_tax": {"enabled": True},
        "customer_email": "buyer@shop.example",
    }
