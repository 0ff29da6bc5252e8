from __future__ import annotations

import pytest
import requests
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect


def code(error: stripe.StripeError) -> str | None:
    """Stripe's code; the SDK's own `code` is None for errors of these kinds."""
    return error.error.code if error.error is not None else None


def test_keys_look_like_stripes_and_are_new_each_time(sandbox: StripeSandbox) -> None:
    with StripeSandbox() as other:
        assert other.secret_key != sandbox.secret_key
    for value, prefix in (
        (sandbox.secret_key, "sk_test_"),
        (sandbox.live_secret_key, "sk_live_"),
        (sandbox.publishable_key, "pk_test_"),
        (sandbox.live_publishable_key, "pk_live_"),
        (sandbox.restricted_key(livemode=True), "rk_live_"),
        (sandbox.webhook_secret, "whsec_"),
    ):
        assert value.startswith(prefix)
        assert value.removeprefix(prefix).isalnum()
        assert len(value) >= 38


def test_basic_authentication_works_too(sandbox: StripeSandbox) -> None:
    answer = requests.get(f"{sandbox.url}/v1/account", auth=(sandbox.secret_key, ""), timeout=10)
    assert (answer.status_code, answer.json()["object"]) == (200, "account")


@pytest.mark.parametrize("header", [None, "", "Bearer ", "Basic !!!", "Basic /w==", "Token abc", "Bearer"])
def test_no_key(sandbox: StripeSandbox, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"{sandbox.url}/v1/account", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Stripe"'
    assert answer.headers["Request-Id"].startswith("req_")


def test_a_key_that_nobody_has(connect: Connect, sandbox: StripeSandbox) -> None:
    wrong = sandbox.secret_key[:-4] + "zzz!"
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: sk_test_\*+zzz!$") as refused:
        connect(wrong).v1.accounts.retrieve_current()
    assert refused.value.http_status == 401
    assert wrong not in str(refused.value)


@pytest.mark.parametrize("wrong", ["x", "changeme", "sk_test_x", "your-secret-key"])
def test_placeholders_are_masked_as_well(connect: Connect, wrong: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        connect(wrong).v1.accounts.retrieve_current()
    assert wrong not in str(refused.value.user_message)


def test_a_revoked_key(connect: Connect, sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    client.v1.accounts.retrieve_current()
    sandbox.revoke(sandbox.secret_key)
    with pytest.raises(stripe.AuthenticationError, match="Expired API Key provided") as refused:
        client.v1.accounts.retrieve_current()
    assert (refused.value.http_status, code(refused.value)) == (401, "api_key_expired")
    connect(sandbox.live_secret_key).v1.accounts.retrieve_current()
    with pytest.raises(KeyError):
        sandbox.revoke("sk_test_" + "unknown")


def test_a_publishable_key_reads_nothing(connect: Connect, sandbox: StripeSandbox) -> None:
    with pytest.raises(stripe.PermissionError, match="cannot be made with a publishable API key") as refused:
        connect(sandbox.publishable_key).v1.prices.list()
    assert (refused.value.http_status, code(refused.value)) == (403, "secret_key_required")


def test_a_restricted_key_does_what_it_may(connect: Connect, sandbox: StripeSandbox) -> None:
    price = sandbox.add_price(100)
    restricted = sandbox.restricted_key("rak_plan_read", "rak_product_write")
    client = connect(restricted)
    assert client.v1.prices.retrieve(price).id == price
    assert client.v1.products.list().data  # writing includes reading
    with pytest.raises(stripe.PermissionError) as refused:
        client.v1.prices.update(price, {"active": False})
    message = str(refused.value)
    assert refused.value.http_status == 403
    assert f"on account '{sandbox.account_id}'. Having the 'rak_plan_write' permission would allow" in message
    assert restricted not in message
    assert restricted[-4:] in message


def test_another_account_is_out_of_reach(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    own: stripe.RequestOptions = {"stripe_account": sandbox.account_id}
    assert client.v1.accounts.retrieve_current(None, own).id == sandbox.account_id
    with pytest.raises(stripe.PermissionError, match="does not have access to account 'acct_other'"):
        client.v1.accounts.retrieve_current(None, {"stripe_account": "acct_other"})


def test_a_permission_that_no_call_needs_is_a_mistake(sandbox: StripeSandbox) -> None:
    with pytest.raises(ValueError, match=r"no call needs rak_price_read; known: .*rak_plan_read"):
        sandbox.restricted_key("rak_price_read")


def test_the_log_names_the_kind_of_key_and_never_the_key(connect: Connect, sandbox: StripeSandbox) -> None:
    restricted = sandbox.restricted_key("rak_plan_read", livemode=True)
    connect(restricted).v1.prices.list({"limit": 3})
    with pytest.raises(stripe.AuthenticationError):
        connect("sk_test_" + "stranger").v1.prices.list()
    known, unknown = sandbox.requests
    assert (known.method, known.path, known.key_kind, known.status) == ("GET", "/v1/prices", "rk_live", 200)
    assert known.params == {"limit": 3}
    assert known.api_version == stripe.api_version
    assert (unknown.key_kind, unknown.status, unknown.params) == (None, 401, {})
    assert restricted not in repr(sandbox.requests)
    assert restricted[12:] not in repr(sandbox.requests)
