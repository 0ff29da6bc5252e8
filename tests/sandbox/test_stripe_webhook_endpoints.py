"""Where events are sent: webhook endpoints and event destinations, driven by the real SDK."""

from __future__ import annotations

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect

URL = "https://shop.example/api/v1/webhooks/stripe"
LOCAL = "http://127.0.0.1:9/hook"


def test_the_secret_is_told_once(client: stripe.StripeClient) -> None:
    made = client.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["invoice.paid"], "metadata": {"a": "b"}})
    assert str(made.secret).startswith("whsec_")
    again = client.v1.webhook_endpoints.retrieve(made.id).to_dict()
    assert "secret" not in again
    assert (again["url"], again["enabled_events"], again["status"]) == (URL, ["invoice.paid"], "enabled")
    assert (again["application"], again["api_version"], again["metadata"]) == (None, None, {"a": "b"})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.webhook_endpoints.retrieve(made.id, {"expand": ["secret"]})


def test_an_endpoint_changes_and_goes(client: stripe.StripeClient) -> None:
    endpoint = client.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]}).id
    changed = client.v1.webhook_endpoints.update(
        endpoint, {"disabled": True, "url": LOCAL, "enabled_events": ["charge.failed"]}
    )
    assert (changed.status, changed.url, changed.enabled_events) == ("disabled", LOCAL, ["charge.failed"])
    assert client.v1.webhook_endpoints.update(endpoint, {"disabled": False}).status == "enabled"
    assert client.v1.webhook_endpoints.delete(endpoint).deleted is True
    with pytest.raises(stripe.InvalidRequestError, match="No such webhook endpoint") as refusal:
        client.v1.webhook_endpoints.retrieve(endpoint)
    assert refusal.value.http_status == 404


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"url": URL}, "enabled_events"),
        ({"enabled_events": ["*"]}, "url"),
        ({"url": "shop.example/hook", "enabled_events": ["*"]}, "url"),
        ({"url": URL, "enabled_events": ["invoice.payed"]}, "enabled_events[0]"),
        ({"url": URL, "enabled_events": ["*"], "api_version": "2026-10-28"}, "api_version"),
        ({"url": URL, "enabled_events": ["*"], "events": ["*"]}, "events"),
    ],
)
def test_what_stripe_refuses(client: stripe.StripeClient, params: dict[str, object], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.webhook_endpoints.create(params)  # type: ignore[arg-type]  # wrong on purpose
    assert refusal.value.param == param


def test_live_mode_has_its_own_and_wants_https(sandbox: StripeSandbox, connect: Connect) -> None:
    live = connect(sandbox.live_secret_key)
    with pytest.raises(stripe.InvalidRequestError, match="publicly accessible"):
        live.v1.webhook_endpoints.create({"url": LOCAL, "enabled_events": ["*"]})
    made = live.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]})
    assert made.livemode is True
    assert not connect().v1.webhook_endpoints.list().data
    with pytest.raises(stripe.InvalidRequestError, match="exists in live mode"):
        connect().v1.webhook_endpoints.retrieve(made.id)


def test_sixteen_by_calls_any_number_of_old_ones_and_pages_of_ten(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    for number in range(16):
        client.v1.webhook_endpoints.create({"url": f"{URL}/{number}", "enabled_events": ["*"]})
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16"):
        client.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]})
    sandbox.add_webhook_endpoint(f"{URL}/16")
    first = client.v1.webhook_endpoints.list()
    assert (len(first.data), first.has_more) == (10, True)
    assert [one.url for one in first.auto_paging_iter()] == [f"{URL}/{number}" for number in reversed(range(17))]
    assert len(client.v1.webhook_endpoints.list({"limit": 100}).data) == 17


def test_destinations_hide_their_url_unless_it_is_asked_for(
    sandbox: StripeSandbox, client: stripe.StripeClient
) -> None:
    made = client.v2.core.event_destinations.create(
        {
            "name": "orders",
            "type": "webhook_endpoint",
            "event_payload": "snapshot",
            "enabled_events": ["invoice.paid"],
            "webhook_endpoint": {"url": URL},
            "include": ["webhook_endpoint.signing_secret"],
        }
    )
    assert made.webhook_endpoint is not None
    assert str(made.webhook_endpoint.signing_secret).startswith("whsec_")
    assert made.snapshot_api_version == "2026-10-28.endive"
    bare = client.v2.core.event_destinations.retrieve(made.id)
    assert bare.webhook_endpoint is not None
    assert bare.webhook_endpoint.to_dict() == {}
    whole = client.v2.core.event_destinations.retrieve(made.id, {"include": ["webhook_endpoint.url"]})
    assert whole.webhook_endpoint is not None
    assert whole.webhook_endpoint.to_dict() == {"url": URL}
    for number in range(24):
        sandbox.add_event_destination(f"{URL}/{number}")
    pages = client.v2.core.event_destinations.list({"include": ["webhook_endpoint.url"], "limit": 10})
    assert len(pages.data) == 10
    urls = [one.webhook_endpoint.url for one in pages.auto_paging_iter() if one.webhook_endpoint]
    assert urls == [*(f"{URL}/{number}" for number in reversed(range(24))), URL]


def test_destinations_are_switched_off_and_on_and_go(client: stripe.StripeClient, sandbox: StripeSandbox) -> None:
    destination, secret = sandbox.add_event_destination(
        URL, ["v1.billing.meter.error_report_triggered"], payload="thin"
    )
    assert secret.startswith("whsec_")
    off = client.v2.core.event_destinations.disable(destination)
    assert off.status == "disabled"
    assert off.status_details is not None
    assert off.status_details.to_dict() == {"disabled": {"reason": "user"}}
    assert client.v2.core.event_destinations.enable(destination).status == "enabled"
    assert client.v2.core.event_destinations.delete(destination).id == destination
    with pytest.raises(stripe.InvalidRequestError):
        client.v2.core.event_destinations.retrieve(destination)


def test_destinations_need_the_permission(sandbox: StripeSandbox, connect: Connect) -> None:
    with pytest.raises(stripe.PermissionError, match="rak_webhook_read"):
        connect(sandbox.restricted_key("rak_plan_read")).v2.core.event_destinations.list()
