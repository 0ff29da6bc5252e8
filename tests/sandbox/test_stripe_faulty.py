from __future__ import annotations

import time

import pytest
import stripe

from readiness.sandbox.stripe import Hangup, StripeSandbox
from tests.sandbox.conftest import Connect


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, stripe.InvalidRequestError),
        (401, stripe.AuthenticationError),
        (403, stripe.PermissionError),
        (429, stripe.RateLimitError),
        (500, stripe.APIError),
        (503, stripe.APIError),
    ],
)
def test_statuses_become_the_errors_of_the_sdk(
    sandbox: StripeSandbox, client: stripe.StripeClient, status: int, error: type[stripe.StripeError]
) -> None:
    sandbox.fault("*", status=status)
    with pytest.raises(error) as refused:
        client.v1.products.create({"name": "Team"})
    assert (refused.value.http_status, type(refused.value)) == (status, error)
    assert (refused.value.request_id or "").startswith("req_")
    sandbox.heal()
    assert client.v1.products.list().data == []


def test_a_fault_is_for_one_call_and_so_many_times(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    price = sandbox.add_price(100)
    sandbox.fault("GET /v1/prices/*", status=500, times=1)
    assert client.v1.prices.list().data
    with pytest.raises(stripe.APIError):
        client.v1.prices.retrieve(price)
    assert client.v1.prices.retrieve(price).id == price


def test_the_newest_fault_comes_first(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("*", status=500)
    sandbox.fault("GET /v1/account", status=429, times=1)
    with pytest.raises(stripe.RateLimitError) as limited:
        client.v1.accounts.retrieve_current()
    assert limited.value.error is not None
    assert limited.value.error.code == "rate_limit"
    with pytest.raises(stripe.APIError):
        client.v1.accounts.retrieve_current()


def test_retries_of_the_sdk_survive_two_bad_answers(connect: Connect, sandbox: StripeSandbox) -> None:
    sandbox.fault("*", status=503, times=2)
    assert connect(max_network_retries=2).v1.accounts.retrieve_current().id == sandbox.account_id
    assert [entry.status for entry in sandbox.requests] == [503, 503, 200]


def test_an_answer_that_is_no_json(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("*", body=b"<html>Bad gateway</html>", times=1)
    with pytest.raises(stripe.APIError, match="Invalid response body from API") as refused:
        client.v1.accounts.retrieve_current()
    assert refused.value.http_status == 502
    sandbox.fault("*", status=200, body=b'{"id": "acct', times=1)
    with pytest.raises(stripe.APIError, match="Invalid response body from API"):
        client.v1.accounts.retrieve_current()


def test_a_closed_connection(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("POST *", hangup=Hangup.BEFORE, times=1)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.products.create({"name": "Team"})
    assert client.v1.products.list().data == []


def test_latency(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("GET /v1/account", latency=0.2, times=1)
    begun = time.monotonic()
    client.v1.accounts.retrieve_current()
    assert time.monotonic() - begun >= 0.2
