"""Tax settings and registrations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_price import StripePrice
from checks.stripe_tax import StripeTax
from readiness.api import CannotTell, Outcome
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk
from tests.wire import broken

SETTINGS = "tax_settings_test"
ADDRESS = {"city": None, "country": "US", "line1": None, "line2": None, "postal_code": "19801", "state": "DE"}
READY: dict[str, Any] = {
    "status": "active",
    "status_details": {"active": {}},
    "head_office": {"address": ADDRESS},
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        running.patch(SETTINGS, **READY)
        yield Desk(sandbox=running, folder=tmp_path)


def judge(desk: Desk, *regions: str, **options: Any) -> list[Outcome]:
    return desk.look(StripeTax(regions=regions, **options))


def test_ready_where_it_is_due(desk: Desk) -> None:
    desk.sandbox.add_tax_registration("US", "CA")
    desk.sandbox.add_tax_registration("US", "NY")
    outcomes = judge(desk, "US-CA", "US-NY", mode="test")
    assert not broken(outcomes)
    assert (len(outcomes), desk.asked()) == (5, 2)
    assert not broken(judge(desk))


def test_no_registration_at_all(desk: Desk) -> None:
    assert "the tax registrations: none registered, anywhere not" in broken(judge(desk))[0]


def test_a_region_that_is_missing(desk: Desk) -> None:
    desk.sandbox.add_tax_registration("US", "CA")
    found = broken(judge(desk, "US-CA", "US-NY", "DE"))
    assert len(found) == 2
    assert "US-CA registered, US-NY not" in found[0]


def test_expired_and_scheduled_ones_do_not_count(desk: Desk) -> None:
    expired = desk.sandbox.add_tax_registration("US", "CA")
    desk.sandbox.patch(expired, expires_at=int(time.time()) - 1)
    assert "US is expired" in broken(judge(desk, "US-CA"))[0]
    desk.sandbox.add_tax_registration("US", "NY", active_from=int(time.time()) + 86400)
    assert "US is scheduled" in broken(judge(desk, "US-NY"))[0]


def test_a_union_scheme_counts_for_all_of_the_union(desk: Desk) -> None:
    desk.sandbox.add_tax_registration("IE", None, country_options={"ie": {"type": "oss_union"}})
    assert not broken(judge(desk, "IE", "DE", "FR"))
    assert broken(judge(desk, "GB"))


def test_provinces(desk: Desk) -> None:
    options = {"ca": {"type": "province_standard", "province_standard": {"province": "QC"}}}
    desk.sandbox.add_tax_registration("CA", None, country_options=options)
    assert not broken(judge(desk, "CA-QC"))
    assert broken(judge(desk, "CA-BC"))


def test_another_tax_of_the_state_is_none(desk: Desk) -> None:
    options = {"us": {"state": "IL", "type": "local_amusement_tax", "local_amusement_tax": {"jurisdiction": "02154"}}}
    desk.sandbox.add_tax_registration("US", None, country_options=options)
    assert broken(judge(desk, "US-IL"))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (
            {"status": "pending", "status_details": {"pending": {"missing_fields": ["head_office"]}}},
            "status is pending, expected active; missing: head_office",
        ),
        ({"head_office": None}, "head office is not set"),
        ({"livemode": True}, "mode is live, expected test"),
    ],
)
def test_settings_that_are_not_complete(desk: Desk, fields: dict[str, Any], what: str) -> None:
    desk.sandbox.add_tax_registration()
    desk.sandbox.patch(SETTINGS, **fields)
    found = broken(judge(desk, mode="test"))
    assert len(found) == 1
    assert what in found[0]


def test_permissions(desk: Desk) -> None:
    key = desk.sandbox.restricted_key("rak_tax_settings_read")
    with pytest.raises(CannotTell, match="rak_tax_registrations_read"):
        desk.look(StripeTax(), key=key)


def test_a_price_may_leave_it_to_the_settings(desk: Desk) -> None:
    price = desk.sandbox.add_price(1900)
    check, strict = (
        StripePrice(price=price, amount=1900, tax_behavior="set"),
        StripePrice(price=price, amount=1900, tax_behavior="inclusive"),
    )
    defaults = {"provider": "stripe", "tax_behavior": None, "tax_code": "txcd_10000000"}
    desk.sandbox.patch(SETTINGS, defaults=defaults)
    assert "tax_behavior is unspecified, expected set" in broken(desk.look(check))[0]
    for behavior in ("exclusive", "inclusive", "inferred_by_currency"):
        desk.sandbox.patch(SETTINGS, defaults={**defaults, "tax_behavior": behavior})
        assert not broken(desk.look(check))
        assert bool(broken(desk.look(strict))) is (behavior != "inclusive")
    desk.sandbox.patch(price, tax_behavior="exclusive")
    assert not broken(desk.look(check))
    assert "expected inclusive" in broken(desk.look(strict))[0]


def test_options() -> None:
    with pytest.raises(ValueError, match="no region"):
        StripeTax(regions=("Germany",))
    with pytest.raises(ValueError, match="matter of the states"):
        StripeTax(regions=("US",))
