"""Endpoints and event destinations that hear, do not hear, or hear twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_webhook_endpoint import StripeWebhookEndpoint
from readiness.api import CannotTell, Outcome, Reason
from readiness.billing.versions import installed
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import SIX, Desk, sdk
from tests.wire import broken

URL = "https://api.kamiyo.ai/api/v1/webhooks/stripe"
OTHER = "https://hooks.zapier.com/hooks/1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        yield Desk(sandbox=running, folder=tmp_path)


def judge(desk: Desk, key: str | None = None, **options: Any) -> list[Outcome]:
    return desk.look(StripeWebhookEndpoint(**{"url": URL, "events": SIX, **options}), key=key)


def test_one_endpoint_with_the_six_events(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL, SIX, api_version=installed())
    desk.sandbox.add_webhook_endpoint(OTHER)
    outcomes = judge(desk, mode="test", api_version="sdk")
    assert not broken(outcomes)
    assert len(outcomes) == 6 + 6
    assert desk.asked() == 2
    assert "hears invoice.payment_failed, among 6 types of events" in outcomes[-1].message


def test_all_events_pass_and_are_reported(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    outcomes = judge(desk)
    assert not broken(outcomes)
    assert "among all events (*)" in outcomes[-1].message


@pytest.mark.parametrize("missing", SIX)
def test_each_event_that_is_missing_is_told_by_its_name(desk: Desk, missing: str) -> None:
    desk.sandbox.add_webhook_endpoint(URL, [event for event in SIX if event != missing])
    found = broken(judge(desk))
    assert len(found) == 1
    assert f"does not hear {missing}" in found[0]
    assert [outcome.ok for outcome in judge(desk, events=(missing,))][-1] is False
    assert not broken(judge(desk, events=[event for event in SIX if event != missing][:1]))


@pytest.mark.parametrize(
    "registered", ["https://API.Kamiyo.AI/api/v1/webhooks/stripe", "https://api.kamiyo.ai:443/api/v1/webhooks/stripe"]
)
def test_the_same_url_written_otherwise(desk: Desk, registered: str) -> None:
    desk.sandbox.add_webhook_endpoint(registered)
    assert not broken(judge(desk))


@pytest.mark.parametrize(
    "registered", [f"{URL}/", "http://api.kamiyo.ai/api/v1/webhooks/stripe", f"{URL.replace('webhooks', 'Webhooks')}"]
)
def test_a_url_that_nearly_fits(desk: Desk, registered: str) -> None:
    desk.sandbox.add_webhook_endpoint(registered)
    outcomes = judge(desk)
    assert len(outcomes) == 1
    assert f"({registered}), but Stripe follows no redirect" in broken(outcomes)[0]
    assert outcomes[0].reason is Reason.MISSING


def test_no_endpoint(desk: Desk) -> None:
    assert "has no webhook endpoint" in broken(judge(desk))[0]
    desk.sandbox.add_webhook_endpoint(OTHER)
    assert OTHER in broken(judge(desk))[0]


def test_an_endpoint_of_the_other_mode_is_none(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL, livemode=True)
    assert "in test mode" in broken(judge(desk))[0]
    assert not broken(judge(desk, desk.sandbox.live_secret_key, mode="live"))
    desk.sandbox.add_webhook_endpoint(URL)
    assert any("mode is test, expected live" in message for message in broken(judge(desk, mode="live")))


def test_a_disabled_endpoint(desk: Desk) -> None:
    endpoint, _ = desk.sandbox.add_webhook_endpoint(URL)
    desk.sandbox.patch(endpoint, status="disabled")
    found = broken(judge(desk))
    assert len(found) == 1
    assert "status is disabled, expected enabled" in found[0]
    desk.sandbox.add_webhook_endpoint(URL)
    assert not broken(judge(desk))


@pytest.mark.parametrize("second", [URL, f"{URL}/", f"{URL}?v=2", "https://API.kamiyo.ai/api/v1/webhooks/stripe"])
def test_two_that_lead_to_one_handler(desk: Desk, second: str) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    desk.sandbox.add_webhook_endpoint(second)
    found = broken(judge(desk))
    assert len(found) == 1
    assert "1 other enabled endpoints lead to the same handler" in found[0]


def test_an_endpoint_for_connected_accounts(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL, connect=True)
    assert any("hears of is connected accounts" in message for message in broken(judge(desk)))


def test_the_shape_follows_the_endpoint(desk: Desk) -> None:
    endpoint, _ = desk.sandbox.add_webhook_endpoint(URL, api_version="2024-06-20")
    assert not broken(judge(desk, api_version="2024-06-20"))
    assert f"api_version is 2024-06-20, expected {installed()}" in broken(judge(desk, api_version="sdk"))[0]
    desk.sandbox.patch(endpoint, api_version=None)
    assert "api_version is the account's default" in broken(judge(desk, api_version="sdk"))[0]
    desk.sandbox.patch(endpoint, api_version=f"2020-01-01.{installed().partition('.')[2]}")
    assert not broken(judge(desk, api_version="sdk"))


def test_delayed_payments_have_events_of_their_own(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL, SIX)
    found = broken(judge(desk, delayed_payments=True))
    assert [message.partition(" does not hear ")[2].partition(",")[0] for message in found] == [
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    ]


def test_event_destinations_count(desk: Desk) -> None:
    desk.sandbox.add_event_destination(URL, SIX)
    assert not broken(judge(desk, api_version="sdk"))
    assert "has no webhook endpoint" in broken(judge(desk, event_destinations=False))[0]


def test_a_destination_beside_the_endpoint_doubles_events(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL, SIX)
    desk.sandbox.add_event_destination(URL, SIX[:2])
    found = broken(judge(desk))
    assert len(found) == 1
    assert "lead to the same handler" in found[0]


def test_thin_events_are_not_read(desk: Desk) -> None:
    desk.sandbox.add_event_destination(URL, ["v1.billing.meter.error_report_triggered"], payload="thin")
    found = broken(judge(desk, events=()))
    assert len(found) == 1
    assert "payload is thin, expected snapshot" in found[0]


def test_all_pages_are_read(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    for number in range(105):
        desk.sandbox.add_webhook_endpoint(f"{OTHER}/{number}")
        desk.sandbox.add_event_destination(f"{OTHER}/d{number}")
    assert not broken(judge(desk))
    desk.sandbox.add_event_destination(f"{URL}?late=1")
    for number in range(105):
        desk.sandbox.add_event_destination(f"{OTHER}/e{number}")
    assert len(broken(judge(desk))) == 1


@pytest.mark.parametrize(
    "stranger",
    ["https://ab12.ngrok-free.app/hook", "https://localhost:8443/hook", "https://api.staging.kamiyo.ai/hook"],
)
def test_strangers_in_live_mode(desk: Desk, stranger: str) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    desk.sandbox.add_webhook_endpoint(OTHER)
    assert not broken(judge(desk, production_only=True))
    endpoint, _ = desk.sandbox.add_webhook_endpoint(stranger)
    found = broken(judge(desk, production_only=True))
    assert len(found) == 1
    assert stranger in found[0]
    assert not broken(judge(desk))
    desk.sandbox.patch(endpoint, status="disabled")
    assert not broken(judge(desk, production_only=True))


def test_a_key_without_the_permission(desk: Desk) -> None:
    with pytest.raises(CannotTell, match="rak_webhook_read"):
        judge(desk, desk.sandbox.restricted_key("rak_event_read"))
    desk.sandbox.add_webhook_endpoint(URL)
    assert not broken(judge(desk, desk.sandbox.restricted_key("rak_webhook_read")))


@pytest.mark.parametrize("status", [429, 500])
def test_half_of_the_answer_is_none(desk: Desk, status: int) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    desk.sandbox.fault("GET /v2/*", status=status)
    with pytest.raises(CannotTell):
        judge(desk)
    assert not broken(judge(desk, event_destinations=False))


def test_a_destination_whose_url_is_hidden_is_an_error(desk: Desk) -> None:
    desk.sandbox.add_webhook_endpoint(URL)
    hidden = (
        b'{"data": [{"id": "ed_1", "object": "v2.core.event_destination", "type": "webhook_endpoint",'
        b' "webhook_endpoint": {}}], "next_page_url": null, "previous_page_url": null}'
    )
    desk.sandbox.fault("GET /v2/*", status=200, body=hidden)
    with pytest.raises(CannotTell, match="does not show where the event destination ed_1 leads"):
        judge(desk)


def test_the_real_sdk_registers_it(desk: Desk) -> None:
    with sdk(desk.sandbox) as client:
        client.v1.webhook_endpoints.create({"url": URL, "enabled_events": ["*"]})
    assert not broken(judge(desk))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"url": "kamiyo.ai/hook"}, "no http or https URL"),
        ({"url": "https://[x"}, "no http or https URL"),
        ({"url": URL, "events": ("*",)}, r"name the `events`"),
        ({"url": URL, "api_version": "newest"}, "no version"),
    ],
)
def test_options(options: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        StripeWebhookEndpoint(**options)


def test_looks_at_names_no_url_that_is_contacted() -> None:
    lines = list(StripeWebhookEndpoint(url=URL).looks_at())
    assert lines == [
        f"Stripe webhook endpoints that lead to {URL.removeprefix('https://')}",
        "Stripe event destinations",
    ]
    assert len(list(StripeWebhookEndpoint(url=URL, event_destinations=False).looks_at())) == 1
