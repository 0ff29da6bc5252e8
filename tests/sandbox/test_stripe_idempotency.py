from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from readiness.sandbox.stripe import Hangup, StripeSandbox
from tests.sandbox.conftest import Connect


def test_the_same_request_is_answered_once(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    first = client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
    again = client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
    other = client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-2"})
    assert first.id == again.id != other.id
    assert len(client.v1.products.list().data) == 2
    headers = again.last_response.headers  # type: ignore[union-attr]  # an answered object has one
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id  # type: ignore[union-attr]  # as above
    assert headers["Request-Id"] != headers["Original-Request"]
    assert [(entry.idempotency_key, entry.replayed) for entry in sandbox.requests[:3]] == [
        ("key-1", False),
        ("key-1", True),
        ("key-2", False),
    ]


def test_another_body_or_place_is_refused(client: stripe.StripeClient) -> None:
    made = client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with") as refused:
        client.v1.products.create({"name": "Other"}, {"idempotency_key": "key-1"})
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match=rf"\('/v1/products/{made.id}' vs '/v1/products'\)"):
        client.v1.products.update(made.id, {"name": "Team"}, {"idempotency_key": "key-1"})
    assert len(client.v1.products.list().data) == 1


def test_keys_are_apart_for_each_mode(connect: Connect, sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    test = client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
    live = connect(sandbox.live_secret_key).v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
    assert (test.livemode, live.livemode) == (False, True)


def test_a_refusal_of_the_parameters_is_not_kept(client: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "key-1"}
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param: name"):
        client.v1.products.create({}, options)  # type: ignore[typeddict-item]  # that is the point
    assert client.v1.products.create({"name": "Team"}, options).name == "Team"


def test_a_refusal_of_the_work_is_kept(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = sandbox.add_price(100)
    sandbox.archive(price)
    asked: stripe.params.checkout.SessionCreateParams = {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": "https://example.test",
    }
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="inactive"):
            client.v1.checkout.sessions.create(asked, {"idempotency_key": "key-1"})
        sandbox.patch(price, active=True)
    assert sandbox.requests[-1].replayed


def test_a_lost_answer_makes_one_object_with_retries(connect: Connect, sandbox: StripeSandbox) -> None:
    sandbox.fault("POST /v1/products", hangup=Hangup.AFTER, times=1)
    made = connect(max_network_retries=2).v1.products.create({"name": "Team"})
    first, second = sandbox.requests
    assert (first.status, second.status, second.replayed) == (None, 200, True)
    assert first.idempotency_key == second.idempotency_key
    assert [product.id for product in connect().v1.products.list()] == [made.id]


def test_a_key_is_in_use_while_its_request_runs(connect: Connect, sandbox: StripeSandbox) -> None:
    sandbox.fault("POST /v1/products", latency=1)
    clients = [connect(), connect()]

    def create(client: stripe.StripeClient) -> int:
        try:
            client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"})
        except stripe.StripeError as error:
            return error.http_status or 0
        return 200

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, clients)) == [200, 409]
    assert len(connect().v1.products.list().data) == 1


def test_an_endless_key_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="at most 255 characters"):
        client.v1.products.create({"name": "Team"}, {"idempotency_key": "k" * 256})


def test_fifty_at_once_make_one_object(connect: Connect, sandbox: StripeSandbox) -> None:
    clients = [connect(max_network_retries=5) for _ in range(50)]

    def create(client: stripe.StripeClient) -> str:
        return client.v1.products.create({"name": "Team"}, {"idempotency_key": "key-1"}).id

    with ThreadPoolExecutor(50) as pool:
        ids = set(pool.map(create, clients))
    assert ids == {product.id for product in connect().v1.products.list()}
    assert len(ids) == 1
    assert {entry.status for entry in sandbox.requests} <= {200, 409}
