"""What is set in the dashboard and shows in the API: the portal and tax."""

from __future__ import annotations

import time

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect


def test_the_portal_has_a_default_configuration_in_each_mode(sandbox: StripeSandbox, connect: Connect) -> None:
    for key, livemode in ((sandbox.secret_key, False), (sandbox.live_secret_key, True)):
        (default,) = connect(key).v1.billing_portal.configurations.list({"is_default": True, "active": True}).data
        assert (default.id, default.livemode) == (sandbox.portal_id(livemode=livemode), livemode)
        assert default.features.invoice_history.enabled
        assert default.features.payment_method_update.enabled
        assert default.features.subscription_cancel.enabled


def test_a_configuration_has_what_it_asks_for(client: stripe.StripeClient) -> None:
    portal = client.v1.billing_portal
    made = portal.configurations.create(
        {"features": {"invoice_history": {"enabled": True}}, "login_page": {"enabled": True}}
    )
    assert (made.is_default, made.active, made.features.subscription_cancel.enabled) == (False, True, False)
    assert str(made.login_page.url).startswith("http://127.0.0.1:")
    changed = portal.configurations.update(
        made.id,
        {
            "features": {
                "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["other"]}}
            }
        },
    )
    assert changed.features.subscription_cancel.cancellation_reason.options == ["other"]
    assert changed.features.invoice_history.enabled
    (event,) = client.v1.events.list({"type": "billing_portal.configuration.updated"}).data
    assert "features" in event.data.to_dict()["previous_attributes"]


def test_a_portal_session_needs_an_active_default(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "buyer@shop.example"})
    session = client.v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "https://shop.example/"})
    assert (session.configuration, session.customer) == (sandbox.portal_id(), customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="default configuration"):
        client.v1.billing_portal.configurations.update(sandbox.portal_id(), {"active": False})
    sandbox.patch(sandbox.portal_id(), active=False)
    with pytest.raises(stripe.InvalidRequestError, match="until you save"):
        client.v1.billing_portal.sessions.create({"customer": customer.id})


def test_tax_settings_are_pending_until_they_are_whole(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    assert client.v1.tax.settings.retrieve().status == "active"
    sandbox.patch("tax_settings_test", head_office=None)
    pending = client.v1.tax.settings.update({"defaults": {"tax_behavior": "exclusive"}})
    assert pending.status == "pending"
    assert pending.to_dict()["status_details"] == {"pending": {"missing_fields": ["head_office"]}}
    whole = client.v1.tax.settings.update({"head_office": {"address": {"country": "DE", "city": "Berlin"}}})
    assert whole.status == "active"
    assert whole.head_office is not None
    assert (whole.head_office.address.country, whole.head_office.address.line1) == ("DE", None)


def test_registrations_follow_the_clock(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    now = int(time.time())
    made = client.v1.tax.registrations.create(
        {
            "country": "US",
            "active_from": "now",
            "country_options": {"us": {"state": "CA", "type": "state_sales_tax"}},
        }
    )
    assert (made.status, made.country) == ("active", "US")
    later = client.v1.tax.registrations.create(
        {"country": "DE", "active_from": now + 10_000, "country_options": {"de": {"type": "oss_union"}}}
    )
    assert later.status == "scheduled"
    ended = sandbox.add_tax_registration("US", "NY", active_from=now - 100, expires_at=now - 10)
    assert [one.id for one in client.v1.tax.registrations.list({"status": "active"}).data] == [made.id]
    assert {one.id for one in client.v1.tax.registrations.list({"status": "all"}).data} == {made.id, later.id, ended}
    assert client.v1.tax.registrations.retrieve(ended).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="after active_from"):
        client.v1.tax.registrations.create(
            {"country": "DE", "active_from": now, "expires_at": now, "country_options": {"de": {"type": "oss_union"}}}
        )
