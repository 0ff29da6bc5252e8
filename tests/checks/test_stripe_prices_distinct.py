"""Prices of different tiers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_prices_distinct import StripePricesDistinct
from readiness.api import CannotTell
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk
from tests.wire import broken

NAMES = ("PERSONAL", "TEAM", "ENTERPRISE")
ALL = StripePricesDistinct(env=NAMES, distinct=("id", "product", "amount"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        prices = {name: running.add_price(amount) for name, amount in zip(NAMES, (1900, 9900, 29900), strict=True)}
        yield Desk(sandbox=running, folder=tmp_path, extra=prices)


def test_three_different_prices(desk: Desk) -> None:
    outcomes = desk.look(ALL)
    assert not broken(outcomes)
    assert [outcome.subject for outcome in outcomes] == ["ids", "products", "amounts"]
    assert desk.asked() == 3


def test_ids_alone_need_no_question(desk: Desk) -> None:
    assert not broken(desk.look(StripePricesDistinct(env=NAMES), key=""))
    assert desk.asked() == 0


def test_one_id_for_two_tiers(desk: Desk) -> None:
    desk.extra["TEAM"] = desk.extra["PERSONAL"]
    found = broken(desk.look(StripePricesDistinct(env=NAMES)))
    assert found == [f"PERSONAL and TEAM share {desk.extra['PERSONAL']}: one tier is sold as another"]


def test_prices_of_one_product(desk: Desk) -> None:
    product = desk.sandbox.add_product("All tiers")
    desk.extra.update(TEAM=desk.sandbox.add_price(9900, product=product))
    desk.extra.update(ENTERPRISE=desk.sandbox.add_price(29900, product=product))
    assert not broken(desk.look(StripePricesDistinct(env=NAMES, distinct=("id", "amount"))))
    assert broken(desk.look(ALL)) == [f"TEAM and ENTERPRISE share {product}: one tier is sold as another"]


def test_two_prices_of_one_amount(desk: Desk) -> None:
    desk.extra["TEAM"] = desk.sandbox.add_price(1900)
    assert "share 1900 usd every 1 month" in broken(desk.look(ALL))[0]
    desk.extra["TEAM"] = desk.sandbox.add_price(1900, interval="year")
    assert not broken(desk.look(ALL))


@pytest.mark.parametrize(("value", "what"), [("", "is empty"), ("prod_123", "a product"), ("price_gone", "no price")])
def test_what_is_no_price(desk: Desk, value: str, what: str) -> None:
    desk.extra["TEAM"] = value
    assert any(what in message for message in broken(desk.look(ALL)))


def test_a_variable_that_is_not_set(desk: Desk) -> None:
    del desk.extra["TEAM"]
    assert broken(desk.look(ALL)) == ["the variable TEAM is not set"]


def test_a_price_of_the_other_mode(desk: Desk) -> None:
    desk.extra["TEAM"] = desk.sandbox.add_price(9900, livemode=True)
    assert "exists in live mode" in broken(desk.look(ALL))[0]


def test_a_key_without_the_permission(desk: Desk) -> None:
    with pytest.raises(CannotTell, match="rak_plan_read"):
        desk.look(ALL, key=desk.sandbox.restricted_key())


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"env": ("A",)}, "at least two"),
        ({"env": ("A", "A", "B")}, "twice"),
        ({"env": NAMES, "distinct": ()}, "nothing would be asserted"),
    ],
)
def test_options(options: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        StripePricesDistinct(**options)


def test_looks_at() -> None:
    assert list(StripePricesDistinct(env=("A", "B")).looks_at()) == ["$A", "$B"]
    assert "Stripe price in $TEAM" in ALL.looks_at()
