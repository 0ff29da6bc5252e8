"""The client for Stripe: lists, objects that an account has once, changes, and what is asked how often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from readiness.api import CannotTell, KeyRefused, Reason
from readiness.redact import Redactor
from readiness.sandbox.stripe import StripeSandbox
from readiness.world.env import Env
from readiness.world.stripe import StripeClient
from tests.checks.stripe_desk import sdk
from tests.wire import Answer, WebServer

HOOK = "https://shop.example/hook"


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: StripeSandbox) -> Iterator[StripeClient]:
    made = connect(sandbox, sandbox.secret_key)
    yield made
    made.close()


def connect(sandbox: StripeSandbox, key: str, *, base: str = "", live_writes: bool = False) -> StripeClient:
    values = {"STRIPE_SECRET_KEY": key, "STRIPE_API_BASE": base or sandbox.url}
    return StripeClient(Env(values, None, Redactor()), live_writes=live_writes, retries=0)


def session(sandbox: StripeSandbox, *, livemode: bool = False) -> str:
    key = sandbox.live_secret_key if livemode else sandbox.secret_key
    price = sandbox.add_price(1900, livemode=livemode)
    with sdk(sandbox, key) as shop:
        made = shop.v1.checkout.sessions.create(
            {"mode": "subscription", "line_items": [{"price": price, "quantity": 1}], "success_url": HOOK}
        )
    return str(made.id)


def test_all_pages_once_a_run(sandbox: StripeSandbox, client: StripeClient) -> None:
    ids = {sandbox.add_webhook_endpoint(f"{HOOK}/{number}")[0] for number in range(205)}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.list("webhook_endpoints"), range(8)))
    assert {thing["id"] for thing in found[0].objects} == ids
    assert all(answer is found[0] for answer in found)
    assert len(sandbox.requests) == 3
    assert found[0].source.startswith(f"GET /v1/webhook_endpoints at {sandbox.url}, test mode, Stripe-Version 20")
    assert found[0].source.count("req_") == 3
    assert all(request.request_id in found[0].source for request in sandbox.requests)


def test_no_more_than_is_asked_for(sandbox: StripeSandbox, client: StripeClient) -> None:
    for number in range(205):
        sandbox.add_webhook_endpoint(f"{HOOK}/{number}")
    assert len(client.list("webhook_endpoints", most=3).objects) == 3
    assert len(client.list("webhook_endpoints", most=100).objects) == 100
    assert len(sandbox.requests) == 2


def test_pages_of_the_second_version(sandbox: StripeSandbox, client: StripeClient) -> None:
    for number in range(120):
        sandbox.add_event_destination(f"{HOOK}/{number}")
    plain = client.list("v2.core.event_destinations")
    whole = client.list("v2.core.event_destinations", include=["webhook_endpoint.url"])
    assert len(plain.objects) == len(whole.objects) == 120
    assert plain.objects[0]["webhook_endpoint"].get("url") is None
    assert whole.objects[0]["webhook_endpoint"]["url"].startswith(HOOK)


def test_what_an_account_has_once(sandbox: StripeSandbox, client: StripeClient) -> None:
    account = client.retrieve("accounts")
    assert account.object is not None
    assert account.object["id"] == sandbox.account_id
    assert "GET /v1/account at" in account.source
    assert client.retrieve("tax.settings").object is not None
    client.retrieve("accounts")
    assert len(sandbox.requests) == 2


def test_a_failure_is_not_kept(sandbox: StripeSandbox, client: StripeClient) -> None:
    sandbox.fault("GET /v1/account", status=429, times=1)
    with pytest.raises(CannotTell, match="429"):
        client.retrieve("accounts")
    assert client.retrieve("accounts").object is not None


def test_half_of_a_list_is_none(sandbox: StripeSandbox, client: StripeClient) -> None:
    for number in range(105):
        sandbox.add_webhook_endpoint(f"{HOOK}/{number}")
    sandbox.fault("GET /v1/webhook_endpoints", status=500)
    sandbox.fault("GET /v1/webhook_endpoints", latency=0.001, times=1)
    with pytest.raises(CannotTell, match="no usable answer"):
        client.list("webhook_endpoints")
    assert [request.status for request in sandbox.requests] == [200, 500]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'"x"', b"null", b"<html>", b""])
def test_an_answer_of_another_shape_is_none(sandbox: StripeSandbox, body: bytes) -> None:
    answer = Answer(headers=(("Content-Type", "application/json"),), body=body)
    with WebServer(scripts={"/v1/webhook_endpoints": answer}) as portal:
        client = connect(sandbox, sandbox.secret_key, base=portal.url)
        with pytest.raises(CannotTell, match="no usable answer"):
            client.list("webhook_endpoints")
        portal.scripts["/v1/account"] = answer
        with pytest.raises(CannotTell, match="no usable answer"):
            client.retrieve("accounts")
        client.close()


def test_a_list_that_is_not_there_is_no_empty_one(sandbox: StripeSandbox) -> None:
    answer = Answer.json({"error": {"code": "not_found", "message": "no such thing", "type": "invalid"}}, 404)
    with WebServer(scripts={"/v2/core/event_destinations": answer}) as other:
        client = connect(sandbox, sandbox.secret_key, base=other.url)
        with pytest.raises(CannotTell, match="no usable answer"):
            client.list("v2.core.event_destinations")
        client.close()
    with pytest.raises(CannotTell, match="no usable answer"):
        connect(sandbox, sandbox.secret_key).write("checkout.sessions.expire", "cs_test_unknown")


def test_a_change_in_test_mode(sandbox: StripeSandbox, client: StripeClient) -> None:
    identity = session(sandbox)
    assert (client.write("checkout.sessions.expire", identity).object or {})["status"] == "expired"
    with pytest.raises(CannotTell, match="refuses"):
        client.write("checkout.sessions.expire", identity)


def test_no_change_in_live_mode_unasked(sandbox: StripeSandbox) -> None:
    identity = session(sandbox, livemode=True)
    before = len(sandbox.requests)
    careful = connect(sandbox, sandbox.live_secret_key)
    for change in (careful.allow_writing, lambda: careful.write("checkout.sessions.expire", identity)):
        with pytest.raises(CannotTell, match="were not allowed") as error:
            change()
        assert error.value.reason is Reason.EFFECT_REFUSED
    assert len(sandbox.requests) == before
    restricted = connect(sandbox, sandbox.restricted_key("rak_checkout_session_write", livemode=True))
    with pytest.raises(CannotTell, match="were not allowed"):
        restricted.allow_writing()
    bold = connect(sandbox, sandbox.live_secret_key, live_writes=True)
    assert (bold.write("checkout.sessions.expire", identity).object or {})["status"] == "expired"
    bold.close()


def test_no_change_without_a_key(sandbox: StripeSandbox) -> None:
    with pytest.raises(KeyRefused):
        connect(sandbox, "").allow_writing()
