"""What Stripe delivered lately, and what it could not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.stripe_webhook_deliveries import StripeWebhookDeliveries
from readiness.api import CannotTell, Outcome, Reason
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import Desk, sdk
from tests.wire import broken

URL = "https://api.kamiyo.ai/api/v1/webhooks/stripe"
CREATED, UPDATED = "billing_portal.configuration.created", "billing_portal.configuration.updated"
HOUR = 3600


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with StripeSandbox() as running:
        running.add_webhook_endpoint(URL)
        yield Desk(sandbox=running, folder=tmp_path)


def judge(desk: Desk, *events: str, key: str | None = None, **options: Any) -> list[Outcome]:
    check = StripeWebhookDeliveries(**{"url": URL, "events": events or (CREATED, UPDATED), **options})
    return desk.look(check, key=key)


def happen(desk: Desk, *, age: float = HOUR, pending: int = 0, taken: bool = True) -> str:
    """Something happens at Stripe, so long ago, and an endpoint takes it or not. Returns the event's id."""
    with sdk(desk.sandbox) as client:
        client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
        event = str(client.v1.events.list({"type": CREATED, "limit": 1}).data[0].id)
    desk.sandbox.patch(event, created=int(time.time() - age), pending_webhooks=pending)
    desk.sandbox._api.store(livemode=False).deliveries[event] = taken
    return event


def test_everything_was_delivered(desk: Desk) -> None:
    happen(desk)
    happen(desk)
    outcomes = judge(desk)
    assert not broken(outcomes)
    assert f"{CREATED}: 2 of the last 7d were delivered" in outcomes[1].message
    lists = [request.path for request in desk.sandbox.requests if request.api_version and request.method == "GET"]
    assert lists[-4:].count("/v1/events") == 2


@pytest.mark.parametrize("state", [{"taken": False, "pending": 0}, {"taken": False, "pending": 1}, {"pending": 2}])
def test_a_delivery_that_failed_or_waits(desk: Desk, state: dict[str, Any]) -> None:
    happen(desk)
    lost = happen(desk, **state)
    found = broken(judge(desk))
    assert len(found) == 1
    assert f"{CREATED}: 1 of the last 7d could not be delivered, among them {lost}" in found[0]


def test_a_delivery_may_take_its_time(desk: Desk) -> None:
    happen(desk, age=60, taken=False, pending=1)
    with pytest.raises(CannotTell, match="was delivered in the last 7d, so nothing is known of it"):
        judge(desk)
    happen(desk)
    outcomes = judge(desk)
    assert not broken(outcomes)
    assert "1 of the last 7d were delivered, 1 may still wait" in outcomes[1].message
    assert broken(judge(desk, grace="30s"))


def test_what_is_long_ago_does_not_count(desk: Desk) -> None:
    happen(desk, age=30 * HOUR, taken=False)
    happen(desk)
    assert not broken(judge(desk, window="1d"))
    assert broken(judge(desk, window="2d"))


def test_nothing_happened_so_nothing_is_known(desk: Desk) -> None:
    with pytest.raises(CannotTell, match="in the last 7d, so nothing is known") as error:
        judge(desk)
    assert error.value.reason is Reason.NOTHING_CHECKED
    happen(desk, age=30 * HOUR)
    with pytest.raises(CannotTell):
        judge(desk, window="1d")


def test_one_of_each_type_where_it_is_asked(desk: Desk) -> None:
    happen(desk)
    assert not broken(judge(desk))
    with pytest.raises(CannotTell, match=f"no {UPDATED} was delivered in the last 7d"):
        judge(desk, each=True)
    assert not broken(judge(desk, CREATED, each=True))


def test_without_a_listener_nothing_can_fail(desk: Desk) -> None:
    happen(desk)
    assert (
        "no enabled endpoint for https://shop.kamiyo.ai/hook hears these"
        in broken(judge(desk, url="https://shop.kamiyo.ai/hook"))[0]
    )
    desk.sandbox.add_webhook_endpoint("https://shop.kamiyo.ai/hook", ["invoice.paid"])
    assert broken(judge(desk, url="https://shop.kamiyo.ai/hook"))
    desk.sandbox.add_event_destination("https://shop.kamiyo.ai/hook", [CREATED])
    assert not broken(judge(desk, url="https://shop.kamiyo.ai/hook"))


def test_permissions(desk: Desk) -> None:
    key = desk.sandbox.restricted_key("rak_webhook_read")
    with pytest.raises(CannotTell, match="rak_event_read"):
        judge(desk, key=key)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"events": ()}, "1 to 20"),
        ({"events": tuple(map(str, range(21)))}, "1 to 20"),
        ({"events": ("a",), "window": "31d"}, "30 days"),
        ({"events": ("a",), "window": "5m"}, "shorter than"),
        ({"events": ("a",), "window": "7"}, "no duration"),
    ],
)
def test_options(options: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        StripeWebhookDeliveries(**{"url": URL, **options})


def test_looks_at() -> None:
    lines = list(StripeWebhookDeliveries(url=URL, events=(CREATED,)).looks_at())
    assert lines[0] == f"Stripe events of the last 7d: {CREATED}"
    assert "https://" not in "".join(lines)
