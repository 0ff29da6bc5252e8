"""Prices at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_price import StripePrice
from readiness.api import CannotTell, Outcome, Reason
from readiness.sandbox.stripe import StripeSandbox
from tests.wire import broken, look, outside

NAME = "STRIPE_PRICE_MCP_TEAM"


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        yield running


def judge(
    sandbox: StripeSandbox, folder: Path, value: str | None, key: str | None = None, **options: Any
) -> list[Outcome]:
    values = {"STRIPE_SECRET_KEY": key or sandbox.secret_key, "STRIPE_API_BASE": sandbox.url}
    if value is not None:
        values[NAME] = value
    check = StripePrice(**{"env": NAME, "amount": 9900, **options})
    with outside(folder, env=values) as world:
        return look(check, world)


def test_pass(sandbox: StripeSandbox, tmp_path: Path) -> None:
    outcomes = judge(sandbox, tmp_path, sandbox.add_price(9900), mode="test")
    assert not broken(outcomes)
    assert len(outcomes) == 12
    assert all("test mode" in outcome.evidence[0].source for outcome in outcomes)


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ({"amount": 1000, "currency": "jpy"}, {"amount": 1000, "currency": "JPY"}),
        ({"amount": 9900, "interval": "year"}, {"interval": "year"}),
        ({"amount": 9900, "interval": "month", "interval_count": 3}, {"interval_count": 3}),
        ({"amount": 9900, "interval": None}, {"interval": None}),
        ({"amount": 9900, "tax_behavior": "exclusive"}, {"tax_behavior": "set"}),
        ({"amount": 0}, {"amount": 0}),
    ],
)
def test_other_prices_that_are_meant_pass(
    sandbox: StripeSandbox, tmp_path: Path, made: dict[str, Any], asked: dict[str, Any]
) -> None:
    assert not broken(judge(sandbox, tmp_path, sandbox.add_price(**made), **asked))


def test_live_prices_pass_with_a_live_key(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900, livemode=True)
    assert not broken(judge(sandbox, tmp_path, price, sandbox.live_secret_key, mode="live"))


@pytest.mark.parametrize(
    ("made", "what"),
    [
        ({"amount": 990}, "unit_amount is 990, expected 9900"),
        ({"amount": 9900, "currency": "eur"}, "currency is eur, expected usd"),
        ({"amount": 9900, "interval": "year"}, "interval is year, expected month"),
        ({"amount": 9900, "interval_count": 3}, "interval_count is 3, expected 1"),
        ({"amount": 9900, "interval": None}, "type is one_time, expected recurring"),
        ({"amount": 9900, "recurring": {"usage_type": "metered"}}, "usage_type is metered, expected licensed"),
    ],
)
def test_another_price_fails(sandbox: StripeSandbox, tmp_path: Path, made: dict[str, Any], what: str) -> None:
    messages = broken(judge(sandbox, tmp_path, sandbox.add_price(**made)))
    assert any(what in message for message in messages)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"active": False}, ": active is false, expected true"),
        ({"unit_amount": None, "unit_amount_decimal": "9900.5"}, "unit_amount is 9900.5 (a fraction)"),
        ({"billing_scheme": "tiered", "unit_amount": None, "unit_amount_decimal": None}, "billing_scheme is tiered"),
        ({"transform_quantity": {"divide_by": 10, "round": "up"}}, "transform_quantity is"),
        ({"livemode": True}, "mode is live, expected test"),
    ],
)
def test_a_changed_price_fails(sandbox: StripeSandbox, tmp_path: Path, fields: dict[str, Any], what: str) -> None:
    price = sandbox.add_price(9900, tax_behavior="exclusive")
    sandbox.patch(price, **fields)
    messages = broken(judge(sandbox, tmp_path, price, mode="test", tax_behavior="set"))
    assert any(what in message for message in messages)


def test_an_archived_product_fails(sandbox: StripeSandbox, tmp_path: Path) -> None:
    product = sandbox.add_product("Team")
    price = sandbox.add_price(9900, product=product)
    sandbox.archive(product)
    assert broken(judge(sandbox, tmp_path, price)) == [f"{price}: its product's active is false, expected true"]


def test_a_surprising_second_currency_fails(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900)
    sandbox.patch(price, currency_options={"usd": {"unit_amount": 9900}, "eur": {"unit_amount": 100}})
    assert broken(judge(sandbox, tmp_path, price)) == [f"{price}: other currencies is eur, expected none"]


def test_a_second_currency_that_is_meant_passes(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900)
    sandbox.patch(price, currency_options={"usd": {"unit_amount": 9900}, "eur": {"unit_amount": 9500}})
    assert not broken(judge(sandbox, tmp_path, price, other_currencies=("EUR",)))


@pytest.mark.parametrize(
    ("made", "asked", "hint"),
    [
        ({"amount": 1000, "currency": "jpy"}, {"amount": 100000, "currency": "jpy"}, "jpy has no cents"),
        ({"amount": 100000, "currency": "jpy"}, {"amount": 1000, "currency": "jpy"}, "jpy has no cents"),
        ({"amount": 99}, {}, "amounts are in cents: 19 USD are 1900"),
        ({"amount": 1000}, {}, "unit_amount is 1000, expected 9900"),
    ],
)
def test_the_likely_cause_of_a_hundredfold(
    sandbox: StripeSandbox, tmp_path: Path, made: dict[str, Any], asked: dict[str, Any], hint: str
) -> None:
    (message,) = broken(judge(sandbox, tmp_path, sandbox.add_price(**made), **asked))
    assert hint in message


def test_a_metered_price_that_is_meant_passes(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900)
    recurring = {"interval": "month", "interval_count": 1, "usage_type": "metered", "trial_period_days": None}
    sandbox.patch(price, recurring=recurring)
    assert not broken(judge(sandbox, tmp_path, price, usage="metered"))


@pytest.mark.parametrize(
    ("value", "said", "reason"),
    [
        (None, "is not set", Reason.MISSING),
        ("", "is empty", Reason.MISSING),
        ("  ", "is empty", Reason.MISSING),
        ("price_abc\n", "white space", Reason.MISMATCH),
        ("prod_abc", "the id of a product", Reason.MISMATCH),
        ("plan_abc", "the id of a plan", Reason.MISMATCH),
        ("9900", "the id of something else", Reason.MISMATCH),
        ("price_", "the id of something else", Reason.MISMATCH),
        ("price_a/../../account", "the id of something else", Reason.MISMATCH),
        ("price_unknown", "Stripe has no price price_unknown", Reason.MISSING),
    ],
)
def test_an_id_that_is_none_fails(
    sandbox: StripeSandbox, tmp_path: Path, value: str | None, said: str, reason: Reason
) -> None:
    (outcome,) = judge(sandbox, tmp_path, value)
    assert (outcome.ok, outcome.reason) == (False, reason)
    assert said in outcome.message
    assert outcome.subject


def test_a_key_pasted_as_the_id_is_not_shown(sandbox: StripeSandbox, tmp_path: Path) -> None:
    (outcome,) = judge(sandbox, tmp_path, sandbox.secret_key)
    assert sandbox.secret_key not in repr(outcome)


def test_the_other_mode_fails(sandbox: StripeSandbox, tmp_path: Path) -> None:
    (outcome,) = judge(sandbox, tmp_path, sandbox.add_price(9900, livemode=True))
    assert not outcome.ok
    assert "exists in live mode" in outcome.message


def test_an_id_in_the_checklist(sandbox: StripeSandbox, tmp_path: Path) -> None:
    assert not broken(judge(sandbox, tmp_path, None, env=None, price=sandbox.add_price(9900)))


def test_error_where_the_key_may_not_read(sandbox: StripeSandbox, tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="rak_"):
        judge(sandbox, tmp_path, sandbox.add_price(9900), sandbox.restricted_key())


def test_error_where_stripe_is_limited(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900)
    sandbox.fault("*", status=429)
    with pytest.raises(CannotTell) as error:
        judge(sandbox, tmp_path, price)
    assert error.value.reason is Reason.RATE_LIMITED


def test_error_where_the_product_is_not_shown(sandbox: StripeSandbox, tmp_path: Path) -> None:
    price = sandbox.add_price(9900)
    body = b'{"id": "price_1", "object": "price", "active": true, "product": "prod_1"}'
    sandbox.fault("GET /v1/prices/*", status=200, body=body)
    with pytest.raises(CannotTell, match="product"):
        judge(sandbox, tmp_path, price)


@pytest.mark.parametrize(
    "options",
    [
        {"amount": 1},
        {"amount": 1, "env": "A", "price": "price_1"},
        {"amount": -1, "env": "A"},
        {"amount": 1, "env": "A", "interval_count": 0},
        {"amount": 1, "env": "A", "currency": "dollar"},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        StripePrice(**options)


def test_says_what_it_looks_at() -> None:
    assert list(StripePrice(env=NAME, amount=1).looks_at()) == [f"${NAME}", f"Stripe price in ${NAME}"]
    assert list(StripePrice(price="price_1", amount=1).looks_at()) == ["Stripe price price_1"]
