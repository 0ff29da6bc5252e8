from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect

URLS = {
    "success_url": "https://example.test/success?session_id={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://example.test/pricing",
}


@pytest.fixture
def team(sandbox: StripeSandbox) -> str:
    return sandbox.add_price(9900, product=sandbox.add_product("Team <b>"), tax_behavior="exclusive")


def subscription(price: str, **params: Any) -> dict[str, Any]:
    return {"mode": "subscription", "line_items": [{"price": price, "quantity": 1}], **URLS, **params}


def create(client: stripe.StripeClient, asked: dict[str, Any]) -> stripe.checkout.Session:
    session = client.deserialize(client.raw_request("post", "/v1/checkout/sessions", **asked), api_mode="V1")
    assert isinstance(session, stripe.checkout.Session)
    return session


def fetch(url: str | None) -> tuple[int, str, str]:
    assert url is not None
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def test_a_subscription_checkout_as_the_reference_service_asks_for_it(client: stripe.StripeClient, team: str) -> None:
    before = int(time.time())
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": team, "quantity": 2}],
            "success_url": URLS["success_url"],
            "cancel_url": URLS["cancel_url"],
            "customer_email": "buyer@example.test",
            "client_reference_id": "order-1",
            "metadata": {"tier": "team", "product_type": "mcp"},
            "subscription_data": {"metadata": {"tier": "team"}},
            "automatic_tax": {"enabled": True},
        }
    )
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (19800, 19800, "usd")
    assert (session.customer_email, session.client_reference_id) == ("buyer@example.test", "order-1")
    assert session.customer_details is not None
    assert session.customer_details.email == "buyer@example.test"
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"tier": "team", "product_type": "mcp"}
    assert session.automatic_tax.enabled is True
    assert before + 86_400 <= session.expires_at <= time.time() + 86_400
    assert session.success_url == URLS["success_url"]
    assert client.v1.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_line_items_are_there_when_asked_for(client: stripe.StripeClient, team: str) -> None:
    session = create(client, subscription(team))
    assert "line_items" not in session
    expanded = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["line_items", "line_items.data.price", "line_items.data.price.product", "customer"]}
    )
    assert expanded.line_items is not None
    (item,) = expanded.line_items.data
    assert item.price is not None
    assert (item.price.id, item.quantity, item.amount_total, item.description) == (team, 1, 9900, "Team <b>")
    assert isinstance(item.price.product, stripe.Product)
    (listed,) = client.v1.checkout.sessions.line_items.list(session.id)
    assert listed.price is not None
    assert (listed.id, listed.price.product) == (item.id, item.price.product.id)


def test_eleven_line_items_make_two_pages(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    prices = [sandbox.add_price(100 + number, "usd", None) for number in range(11)]
    asked = {"mode": "payment", "line_items": [{"price": price, "quantity": 1} for price in prices], **URLS}
    session = create(client, {**asked, "expand": ["line_items"]})
    assert session.line_items is not None
    assert (len(session.line_items.data), session.line_items.has_more) == (10, True)
    ids = [item.price.id for item in session.line_items.auto_paging_iter() if item.price is not None]
    assert ids == prices


def test_a_price_made_on_the_spot(client: stripe.StripeClient) -> None:
    data = {"currency": "eur", "unit_amount": 250, "product_data": {"name": "Coffee"}}
    asked = {"mode": "payment", "line_items": [{"price_data": data, "quantity": 3}], **URLS}
    session = create(client, asked)
    assert (session.amount_total, session.currency, session.customer_creation) == (750, "eur", "if_required")
    assert client.v1.prices.list({"active": True}).data == []


def test_setup_mode_and_embedded_pages(client: stripe.StripeClient, team: str) -> None:
    setup = create(client, {"mode": "setup", "currency": "usd", **URLS})
    assert (setup.payment_status, setup.amount_total) == ("no_payment_required", None)
    embedded = create(
        client,
        {
            "mode": "subscription",
            "ui_mode": "embedded_page",
            "return_url": "https://example.test/return",
            "line_items": [{"price": team, "quantity": 1}],
        },
    )
    assert embedded.url is None
    assert (embedded.client_secret or "").startswith(f"{embedded.id}_secret_")


def test_an_inline_price_of_a_known_product(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    data = {"currency": "usd", "unit_amount_decimal": "0.5", "product": sandbox.add_product("Call")}
    session = create(client, {"mode": "payment", "line_items": [{"price_data": data, "quantity": 5}], **URLS})
    assert session.amount_total == 3  # 2.5 cents, rounded


def test_an_existing_customer(client: stripe.StripeClient, team: str) -> None:
    customer = client.v1.customers.create({"email": "known@example.test"})
    session = create(client, subscription(team, customer=customer.id, expand=["customer"]))
    assert isinstance(session.customer, stripe.Customer)
    assert session.customer_details is not None
    assert session.customer_details.email == "known@example.test"


@pytest.mark.parametrize(
    ("change", "message", "code", "param"),
    [
        ({"mode": None}, "Missing required param: mode", "parameter_missing", "mode"),
        ({"mode": ""}, "You passed an empty string", "parameter_invalid_empty", "mode"),
        ({"mode": {"a": "b"}}, "Invalid mode: must be one of", None, "mode"),
        ({"mode": "setup"}, "You can not pass `line_items` in `setup` mode", None, "line_items"),
        (
            {"line_items": [{"price": "?", "price_data": {"currency": "usd"}}]},
            "only specify one",
            "parameters_exclusive",
            "line_items[0]",
        ),
        (
            {"line_items": [{"price_data": {"currency": "usd"}, "quantity": 1}]},
            "Missing required param",
            "parameter_missing",
            "line_items[0][price_data][product]",
        ),
        ({"automatic_tax": "true"}, "Invalid object", None, "automatic_tax"),
        ({"mode": "subscriptions"}, "Invalid mode: must be one of payment, setup, or subscription", None, "mode"),
        ({"line_items": None}, "Missing required param: line_items", "parameter_missing", "line_items"),
        ({"success_url": None}, "Missing required param: success_url", "parameter_missing", "success_url"),
        ({"success_url": "/thanks"}, "Not a valid URL", "url_invalid", "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "Not a valid URL", "url_invalid", "cancel_url"),
        ({"cancel_url": "https://[bad"}, "Not a valid URL", "url_invalid", "cancel_url"),
        ({"return_url": "https://example.test"}, "`return_url` can not be used", None, "return_url"),
        ({"ui_mode": "elements"}, "Missing required param: return_url", "parameter_missing", "return_url"),
        (
            {"ui_mode": "elements", "return_url": "https://example.test"},
            "`success_url` can not be used",
            None,
            "success_url",
        ),
        ({"customer_email": "nobody"}, "Invalid email address: nobody", "email_invalid", "customer_email"),
        ({"customer_email": ""}, "You passed an empty string", "parameter_invalid_empty", "customer_email"),
        ({"customer_email": "a@b.co", "customer": "cus_1"}, "only specify one", "parameters_exclusive", "customer"),
        ({"customer": "cus_none"}, "No such customer: 'cus_none'", "resource_missing", "customer"),
        (
            {"payment_intent_data": {"description": "x"}},
            "You can not pass `payment_intent_data`",
            None,
            "payment_intent_data",
        ),
        ({"expires_at": 1}, "at least 30 minutes", None, "expires_at"),
        ({"expires_at": 4_000_000_000}, "less than 24 hours", None, "expires_at"),
        ({"expires_at": "soon"}, "Invalid integer: soon", "parameter_invalid_integer", "expires_at"),
        (
            {"line_items": [{"price": "price_none", "quantity": 1}]},
            "No such price: 'price_none'",
            "resource_missing",
            "line_items[0][price]",
        ),
        ({"line_items": [{"quantity": 1}]}, "Missing required param", "parameter_missing", "line_items[0][price]"),
        ({"line_items": [{"price": "?"}]}, "Quantity is required", None, "line_items[0][quantity]"),
        (
            {"line_items": [{"price": "?", "quantity": 0}]},
            "greater than or equal to 1",
            "parameter_invalid_integer",
            "line_items[0][quantity]",
        ),
        (
            {"line_items": [{"price": "?", "quantity": 1, "colour": "red"}]},
            "Received unknown parameter: line_items",
            "parameter_unknown",
            "line_items[0][colour]",
        ),
        (
            {"line_items": [{"price": "?", "quantity": 1}], "mode": "payment"},
            "passed a recurring price",
            None,
            "line_items",
        ),
        ({"line_items": "price_1"}, "Invalid array", None, "line_items"),
        ({"automatic_tax": {"enabled": "yes"}}, "Invalid boolean: yes", None, "automatic_tax[enabled]"),
        (
            {"automatic_tax": {"liability": {"type": "self"}}},
            "Missing required param",
            "parameter_missing",
            "automatic_tax[enabled]",
        ),
        ({"metdata": {"a": "b"}}, "Did you mean metadata?", "parameter_unknown", "metdata"),
        ({"metadata": "x"}, "Invalid object", None, "metadata"),
        ({"metadata": {"k": "x" * 501}}, "up to 500 characters", None, "metadata[k]"),
        ({"metadata": {"k" * 41: "x"}}, "up to 40 characters", None, f"metadata[{'k' * 41}]"),
        ({"metadata": {str(number): "x" for number in range(51)}}, "up to 50 metadata keys", None, "metadata"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_sessions_that_stripe_refuses(
    client: stripe.StripeClient, team: str, *, change: dict[str, Any], message: str, code: str | None, param: str
) -> None:
    asked = {name: value for name, value in {**subscription(team), **change}.items() if value is not None}
    for item in asked.get("line_items", ()):
        if isinstance(item, dict) and item.get("price") == "?":
            item["price"] = team
    with pytest.raises(stripe.InvalidRequestError) as refused:
        create(client, asked)
    assert message in str(refused.value)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert client.v1.checkout.sessions.list().data == []


def test_what_is_archived_is_not_for_sale(sandbox: StripeSandbox, client: stripe.StripeClient, team: str) -> None:
    other = sandbox.add_price(1)
    sandbox.archive(other)
    with pytest.raises(stripe.InvalidRequestError, match="The price specified is inactive"):
        create(client, subscription(other))
    sandbox.archive(str(client.v1.prices.retrieve(team).product))
    with pytest.raises(stripe.InvalidRequestError, match="its product is not active"):
        create(client, subscription(team))


def test_one_time_prices_need_company_in_a_subscription(
    sandbox: StripeSandbox, client: stripe.StripeClient, team: str
) -> None:
    once, euro = sandbox.add_price(500, "usd", None), sandbox.add_price(1, "eur")
    with pytest.raises(stripe.InvalidRequestError, match="at least one recurring price"):
        create(client, subscription(once))
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        create(client, subscription(team, line_items=[{"price": price, "quantity": 1} for price in (team, euro)]))
    both = create(client, subscription(team, line_items=[{"price": price, "quantity": 1} for price in (team, once)]))
    assert both.amount_total == 10_400


def test_a_price_of_the_other_mode_is_named_as_such(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="a similar object exists in live mode") as refused:
        create(client, subscription(sandbox.add_price(1, livemode=True)))
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")


def test_sessions_are_listed_and_filtered(client: stripe.StripeClient, team: str) -> None:
    first, second, third = (create(client, subscription(team, customer_email=f"{name}@b.co")).id for name in "xyz")
    client.v1.checkout.sessions.expire(second)
    assert [session.id for session in client.v1.checkout.sessions.list()] == [third, second, first]
    assert [session.id for session in client.v1.checkout.sessions.list({"status": "expired"})] == [second]
    details = client.v1.checkout.sessions.list({"customer_details": {"email": "x@b.co"}})
    assert [session.id for session in details] == [first]


def test_an_expired_session_is_over(client: stripe.StripeClient, team: str) -> None:
    session = create(client, subscription(team))
    page = session.url
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match=r'status in .*"open".* can be expired'):
        client.v1.checkout.sessions.expire(session.id)
    assert "expired" in fetch(page)[2]


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestWithClock:
    @pytest.fixture
    def sandbox(self, clock: Clock) -> Iterator[StripeSandbox]:
        with StripeSandbox(clock=clock) as running:
            yield running

    def test_sessions_expire_by_themselves(self, clock: Clock, client: stripe.StripeClient, team: str) -> None:
        session = create(client, subscription(team, expires_at=int(clock.now) + 1800))
        assert (session.created, session.status) == (1_800_000_000, "open")
        clock.now += 1800
        assert "expired" in fetch(session.url)[2]
        assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
        assert [seen.url for seen in client.v1.checkout.sessions.list({"status": "expired"})] == [None]


def test_a_paid_session(sandbox: StripeSandbox, client: stripe.StripeClient, team: str) -> None:
    session = create(client, subscription(team, customer_email="buyer@b.co", automatic_tax={"enabled": True}))
    sandbox.complete(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert (paid.status, paid.payment_status, paid.url, paid.automatic_tax.status) == (
        "complete",
        "paid",
        None,
        "complete",
    )
    assert isinstance(paid.customer, stripe.Customer)
    assert paid.customer.email == "buyer@b.co"
    assert str(paid.subscription).startswith("sub_")
    assert "has been paid" in fetch(session.url)[2]


def test_live_sessions_say_so(connect: Connect, sandbox: StripeSandbox) -> None:
    live = connect(sandbox.live_secret_key)
    session = create(live, subscription(sandbox.add_price(100, livemode=True)))
    assert session.id.startswith("cs_live_")
    assert fetch(session.url)[0] == 200
    sandbox.complete(session.id)
    assert live.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_the_pay_page_shows_what_is_sold_and_escapes_it(client: stripe.StripeClient, team: str) -> None:
    session = create(client, subscription(team, cancel_url='https://example.test/?a="><script>'))
    status, kind, html = fetch(session.url)
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert "<dt>Team &lt;b&gt;</dt><dd>99.00 USD</dd>" in html
    assert "<script>" not in html


def test_a_pay_page_of_nothing(sandbox: StripeSandbox) -> None:
    status, kind, _ = fetch(f"{sandbox.url}/c/pay/cs_test_none")
    assert (status, kind) == (404, "text/html; charset=utf-8")


def test_no_such_session(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"No such checkout\.session: cs_test_none") as refused:
        client.v1.checkout.sessions.retrieve("cs_test_none")
    assert (refused.value.http_status, refused.value.param) == (404, "session")
