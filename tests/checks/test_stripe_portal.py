"""The customer portal's default configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_portal import Feature, StripePortal
from readiness.api import CannotTell, Reason
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk, sdk
from tests.wire import broken

FEATURES: tuple[Feature, ...] = ("invoice_history", "payment_method_update", "subscription_cancel")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        yield Desk(sandbox=running, folder=tmp_path)


def test_all_three(desk: Desk) -> None:
    outcomes = desk.look(StripePortal(features=FEATURES, mode="test"))
    assert not broken(outcomes)
    assert (len(outcomes), desk.asked()) == (5, 1)


def test_none_asked_is_still_an_assertion(desk: Desk) -> None:
    assert len(desk.look(StripePortal())) == 1


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_that_is_off(desk: Desk, feature: Feature) -> None:
    with sdk(desk.sandbox) as client:
        params: Any = {"features": {feature: {"enabled": False}}}
        client.v1.billing_portal.configurations.update(desk.sandbox.portal_id(), params)
    found = broken(desk.look(StripePortal(features=FEATURES)))
    assert len(found) == 1
    assert f"{feature}.enabled is false, expected true" in found[0]
    others: tuple[Feature, ...] = tuple(name for name in FEATURES if name != feature)
    assert not broken(desk.look(StripePortal(features=others)))


def test_modes_are_apart(desk: Desk) -> None:
    assert not broken(desk.look(StripePortal(mode="live"), key=desk.sandbox.live_secret_key))
    assert "mode is test, expected live" in broken(desk.look(StripePortal(mode="live")))[0]


def test_inactive_or_never_saved(desk: Desk) -> None:
    portal = desk.sandbox.portal_id()
    desk.sandbox.patch(portal, active=False)
    assert "active is false" in broken(desk.look(StripePortal()))[0]
    desk.sandbox.patch(portal, is_default=False)
    outcomes = desk.look(StripePortal(features=FEATURES))
    assert "has no default configuration in test mode" in broken(outcomes)[0]
    assert outcomes[0].reason is Reason.MISSING


def test_a_further_configuration_does_not_count(desk: Desk) -> None:
    with sdk(desk.sandbox) as client:
        client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": False}}})
    assert not broken(desk.look(StripePortal(features=FEATURES)))


def test_a_key_without_the_permission(desk: Desk) -> None:
    with pytest.raises(CannotTell, match="rak_customer_portal_read"):
        desk.look(StripePortal(), key=desk.sandbox.restricted_key())
