"""The client for Stripe, against the sandbox, by the real SDK."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness.api import CannotTell, OtherMode, Reason
from readiness.redact import Redactor
from readiness.sandbox.stripe import Hangup, StripeSandbox
from readiness.world.env import Env
from readiness.world.stripe import StripeClient
from tests.ports import free_port
from tests.wire import Answer, WebServer

Connect = Callable[..., StripeClient]


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        yield running


@pytest.fixture
def connect(sandbox: StripeSandbox) -> Iterator[Connect]:
    made: list[StripeClient] = []

    def make(key: str | None = None, base: str | None = None) -> StripeClient:
        values = {
            "STRIPE_SECRET_KEY": sandbox.secret_key if key is None else key,
            "STRIPE_API_BASE": base or sandbox.url,
        }
        made.append(StripeClient(Env(values, None, Redactor()), retries=0))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_an_object_as_plain_data_fetched_once(sandbox: StripeSandbox, connect: Connect) -> None:
    price, client = sandbox.add_price(9900), connect()
    found = client.retrieve("prices", price, expand=("product", "currency_options")).object
    assert found is not None
    assert json.loads(json.dumps(found)) == found
    assert (found["unit_amount"], found["product"]["active"]) == (9900, True)
    client.retrieve("prices", price, expand=("currency_options", "product"))
    assert len([*sandbox.requests]) == 1
    client.attempt(5.0, fresh=True).retrieve("prices", price, expand=("currency_options", "product"))
    assert len([*sandbox.requests]) == 2
    assert client.source() == f"{sandbox.url}, test mode"


def test_what_is_not_there_is_none(connect: Connect) -> None:
    assert connect().retrieve("prices", "price_missing").object is None


def test_the_other_mode_is_said(sandbox: StripeSandbox, connect: Connect) -> None:
    live = sandbox.add_price(9900, livemode=True)
    with pytest.raises(OtherMode, match="exists in live mode, but STRIPE_SECRET_KEY is a test mode key"):
        connect().retrieve("prices", live)


def test_a_key_that_is_not_accepted(sandbox: StripeSandbox, connect: Connect) -> None:
    sandbox.revoke(sandbox.secret_key)
    with pytest.raises(CannotTell, match="has expired or was rolled") as error:
        connect().retrieve("prices", "price_1")
    assert error.value.reason is Reason.DENIED
    assert sandbox.secret_key not in str(error.value)


def test_a_missing_permission_is_named(sandbox: StripeSandbox, connect: Connect) -> None:
    price = sandbox.add_price(9900)
    with pytest.raises(CannotTell, match=r"lacks the permission rak_\w+") as error:
        connect(sandbox.restricted_key()).retrieve("prices", price)
    assert error.value.reason is Reason.DENIED
    assert "rak_" in str(error.value.fix)


@pytest.mark.parametrize(
    ("status", "reason"), [(429, Reason.RATE_LIMITED), (500, Reason.UNAVAILABLE), (503, Reason.UNAVAILABLE)]
)
def test_a_stripe_that_cannot_answer(sandbox: StripeSandbox, connect: Connect, status: int, reason: Reason) -> None:
    price, client = sandbox.add_price(9900), connect()
    sandbox.fault("*", status=status)
    with pytest.raises(CannotTell) as error:
        client.retrieve("prices", price)
    assert error.value.reason is reason
    sandbox.heal()
    assert client.retrieve("prices", price).object is not None


def test_rubbish_and_broken_connections(sandbox: StripeSandbox, connect: Connect) -> None:
    sandbox.fault("*", body=b"<html>")
    with pytest.raises(CannotTell, match="no usable answer"):
        connect().retrieve("prices", "price_1")
    sandbox.fault("*", hangup=Hangup.BEFORE)
    with pytest.raises(CannotTell, match="out of reach"):
        connect().retrieve("prices", "price_1")


def test_html_with_status_200_is_no_object(connect: Connect) -> None:
    answer = Answer(body=b"<html>portal</html>")
    with (
        WebServer(scripts={"/v1/prices/price_1": answer}) as portal,
        pytest.raises(CannotTell, match="no usable answer"),
    ):
        connect(base=portal.url).retrieve("prices", "price_1")


def test_nobody_there(connect: Connect) -> None:
    with pytest.raises(CannotTell, match="out of reach"):
        connect(base=f"http://127.0.0.1:{free_port()}").retrieve("prices", "price_1")


def test_a_redirect_is_not_followed(sandbox: StripeSandbox, connect: Connect) -> None:
    answer = Answer(status=302, headers=(("Location", f"{sandbox.url}/v1/prices/price_1"),))
    with WebServer(scripts={"/v1/prices/price_1": answer}) as other, pytest.raises(CannotTell):
        connect(base=other.url).retrieve("prices", "price_1")
    assert not sandbox.requests


def test_no_key() -> None:
    with pytest.raises(CannotTell, match="STRIPE_SECRET_KEY is not set") as error:
        StripeClient(Env({}, None, Redactor())).retrieve("prices", "price_1")
    assert error.value.reason is Reason.MISSING


@pytest.mark.parametrize("wrap", ["{}\n", " {}", "'{}'", "pk_{}", "x{}"])
def test_what_is_no_key_is_not_sent_and_not_shown(sandbox: StripeSandbox, connect: Connect, wrap: str) -> None:
    key = "sk_" + "test_" + secrets.token_hex(12)
    with pytest.raises(CannotTell, match="was not sent") as error:
        connect(wrap.format(key)).retrieve("prices", "price_1")
    assert key not in f"{error.value}{error.value.fix}"
    assert not sandbox.requests


@pytest.mark.parametrize(
    "base",
    [
        "https://api.stripe.example",
        "https://api.stripe.com.example",
        "http://api.stripe.com",
        "https://api.stripe.com:8443",
        "http://127.0.0.1@example.com",
        "http://127.0.0.1.example.com",
        "http://192.168.0.1",
        "http://127.0.0.1/proxy",
        "ftp://127.0.0.1",
        "http://[broken",
        "127.0.0.1:80",
    ],
)
def test_the_key_goes_to_stripe_or_to_loopback_only(connect: Connect, base: str) -> None:
    with pytest.raises(CannotTell, match="STRIPE_API_BASE is neither") as error:
        connect(base=base).retrieve("prices", "price_1")
    assert error.value.reason is Reason.DENIED


def test_the_real_address_is_the_default() -> None:
    env = Env({"STRIPE_SECRET_KEY": "rk_" + "live_" + secrets.token_hex(12)}, None, Redactor())
    assert StripeClient(env).source() == "https://api.stripe.com, live mode"


def test_nothing_is_written_into_the_home(
    sandbox: StripeSandbox, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    connect().retrieve("prices", sandbox.add_price(9900))
    assert not list(tmp_path.iterdir())
