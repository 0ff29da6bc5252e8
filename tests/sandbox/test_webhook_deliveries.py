"""Events arrive at real receivers, and the real SDK verifies what was signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
import requests
import stripe

from readiness.sandbox.stripe import StripeSandbox
from readiness.sandbox.stripe.webhooks.signing import sign
from readiness.sandbox.stripe.webhooks.transport import is_loopback
from tests.threads import no_thread_stays

CREATED = "customer.created"


@dataclass
class Receiver:
    """Answers with the statuses in turn, then 200, and keeps what came."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: queue.Queue[tuple[bytes, str]] = field(default_factory=queue.Queue)
    hold: threading.Event | None = None

    def events(self, number: int, secret: str) -> list[dict[str, Any]]:
        """The next so many, verified by the SDK."""
        found = [self.got.get(timeout=10) for _ in range(number)]
        for body, header in found:
            stripe.Webhook.construct_event(body, header, secret)
        return [json.loads(body) for body, _ in found]


class Server(ThreadingHTTPServer):
    receiver: Receiver


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = cast("Server", self.server).receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.got.put((body, self.headers["Stripe-Signature"]))
        if receiver.hold is not None:
            receiver.hold.wait(30)
        self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
        self.send_header("Location", receiver.url)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.receiver = Receiver(url=f"http://127.0.0.1:{server.server_port}/hook?a=1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.receiver
        server.shutdown()
        thread.join()


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def customer(name: str = "Zoë") -> dict[str, Any]:
    return {"id": "cus_1", "object": "customer", "name": name}


def deliveries_of(sandbox: StripeSandbox) -> list[tuple[int, int | None]]:
    assert sandbox.webhooks.settle()
    return [(one.attempt, one.status) for one in sandbox.deliveries]


def test_signed_filtered_and_counted_down(sandbox: StripeSandbox, receiver: Receiver, client: Any) -> None:
    _, secret = sandbox.add_webhook_endpoint(receiver.url, [CREATED])
    sandbox.webhooks.send("customer.updated", customer())
    sent = sandbox.webhooks.send(CREATED, customer())
    (event,) = receiver.events(1, secret)
    assert (event["id"], event["pending_webhooks"], event["data"]["object"]["name"]) == (sent, 1, "Zoë")
    assert deliveries_of(sandbox) == [(1, 200)]
    assert client.v1.events.retrieve(sent).pending_webhooks == 0
    assert [one.id for one in client.v1.events.list({"delivery_success": False}).data] == []


def test_the_other_mode_hears_nothing(sandbox: StripeSandbox, receiver: Receiver) -> None:
    sandbox.add_webhook_endpoint(receiver.url)
    sandbox.webhooks.send(CREATED, customer(), livemode=True)
    assert deliveries_of(sandbox) == []


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_failure_is_tried_again_by_the_clock(receiver: Receiver, status: int) -> None:
    clock, receiver.statuses = Clock(), [status, status]
    with StripeSandbox(clock=clock) as sandbox:
        sandbox.webhooks.manners.compression = 1
        sandbox.add_webhook_endpoint(receiver.url)
        sent = sandbox.webhooks.send(CREATED, customer())
        store = sandbox._api.store(livemode=False)
        assert deliveries_of(sandbox) == [(1, status)]
        assert store.deliveries[sent] is False
        clock.now += 299
        assert deliveries_of(sandbox) == [(1, status)]
        clock.now += 1
        assert deliveries_of(sandbox) == [(1, status), (2, status)]
        clock.now += 3600
        assert deliveries_of(sandbox)[2:] == [(3, 200)]
        assert store.deliveries[sent] is True


def test_an_endpoint_that_fails_for_days_is_disabled(receiver: Receiver) -> None:
    clock, receiver.statuses = Clock(), [500] * 9
    with StripeSandbox(clock=clock) as sandbox:
        sandbox.webhooks.manners.compression = 1
        endpoint, _ = sandbox.add_webhook_endpoint(receiver.url)
        sandbox.webhooks.send(CREATED, customer())
        assert sandbox.webhooks.settle()
        clock.now += 9 * 24 * 3600
        assert deliveries_of(sandbox) == [(1, 500), (2, 500)]
        stored = sandbox._api.store(livemode=False).get("webhook_endpoint", endpoint)
        assert stored is not None
        assert stored["status"] == "disabled"
        sandbox.webhooks.send(CREATED, customer())
        assert len(deliveries_of(sandbox)) == 2


def test_duplicates_and_reverse_order(sandbox: StripeSandbox, receiver: Receiver) -> None:
    _, secret = sandbox.add_webhook_endpoint(receiver.url)
    sandbox.webhooks.manners.duplicate = True
    sent = sandbox.webhooks.send(CREATED, customer())
    assert [event["id"] for event in receiver.events(2, secret)] == [sent, sent]
    sandbox.webhooks.manners.duplicate, sandbox.webhooks.manners.reorder = False, True
    ids = [sandbox.webhooks.send(CREATED, customer()) for _ in range(3)]
    assert [event["id"] for event in receiver.events(3, secret)] == ids[::-1]


def test_a_delay(sandbox: StripeSandbox, receiver: Receiver) -> None:
    _, secret = sandbox.add_webhook_endpoint(receiver.url)
    sandbox.webhooks.manners.delay = 0.3
    begun = time.monotonic()
    sandbox.webhooks.send(CREATED, customer())
    receiver.events(1, secret)
    assert time.monotonic() - begun >= 0.3


def test_both_secrets_sign_during_a_roll(receiver: Receiver) -> None:
    clock = Clock()
    with StripeSandbox(clock=clock) as sandbox:
        endpoint, old = sandbox.add_webhook_endpoint(receiver.url)
        new = sandbox.webhooks.roll_secret(endpoint, overlap=60)
        for later, valid in ((0, 2), (60, 1)):
            clock.now += later
            sandbox.webhooks.send(CREATED, customer())
            body, header = receiver.got.get(timeout=10)
            assert header.count("v1=") == valid
            for secret in (new, old)[:valid]:
                stripe.WebhookSignature.verify_header(body.decode(), header, secret)


@pytest.mark.parametrize(("version", "older"), [("2025-02-24.acacia", True), ("2025-03-31.basil", False)])
def test_the_shape_is_that_of_the_endpoint(
    sandbox: StripeSandbox, receiver: Receiver, client: Any, version: str, *, older: bool
) -> None:
    kinds = ["customer.subscription.created", "invoice.paid"]
    _, secret = sandbox.add_webhook_endpoint(receiver.url, kinds, api_version=version)
    line = {"price": sandbox.add_price(9900), "quantity": 1}
    made = client.v1.checkout.sessions.create(
        {"mode": "subscription", "line_items": [line], "success_url": "http://127.0.0.1/"}
    )
    sandbox.complete(made.id)
    found = {event["type"]: event for event in receiver.events(2, secret)}
    assert {event["api_version"] for event in found.values()} == {version}
    subscription, invoice = (found[kind]["data"]["object"] for kind in kinds)
    assert ("current_period_end" in subscription) is older
    assert ("current_period_end" in subscription["items"]["data"][0]) is not older
    assert (invoice.get("subscription") == subscription["id"]) is older
    assert ("parent" in invoice) is not older


def test_a_slow_endpoint_and_a_stop_in_the_middle(receiver: Receiver) -> None:
    receiver.hold = threading.Event()
    with StripeSandbox() as sandbox:
        sandbox.webhooks.timeout = 0.2
        sandbox.webhooks.manners.compression = 1
        sandbox.add_webhook_endpoint(receiver.url)
        sandbox.webhooks.send(CREATED, customer())
        assert deliveries_of(sandbox) == [(1, None)]
        assert sandbox.deliveries[0].response == "timed out after 0.2s"
        sandbox.webhooks.timeout = 20
        sandbox.webhooks.send(CREATED, customer())
        receiver.got.get(timeout=10)
        receiver.got.get(timeout=10)
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    receiver.hold.set()


def test_nothing_leaves_this_machine_and_no_thread_stays() -> None:
    with no_thread_stays(), StripeSandbox() as sandbox:
        sandbox.add_webhook_endpoint("https://shop.example.test/hook")
        sandbox.webhooks.send(CREATED, customer())
        (refused,) = sandbox.deliveries
        assert (refused.status, refused.response.startswith("refused")) == (None, True)


def test_the_log_for_teams_and_one_more_time(sandbox: StripeSandbox, receiver: Receiver) -> None:
    endpoint, secret = sandbox.add_webhook_endpoint(receiver.url)
    sent = sandbox.webhooks.send(CREATED, customer())
    sandbox.webhooks.resend(sent, endpoint)
    assert sandbox.webhooks.settle()
    found = requests.get(f"{sandbox.url}/_sandbox/deliveries?endpoint={endpoint}", timeout=10)
    assert [(one["event"], one["succeeded"]) for one in found.json()["deliveries"]] == [(sent, True)] * 2
    assert secret not in found.text
    with pytest.raises(KeyError, match="no event evt_none"):
        sandbox.webhooks.resend("evt_none", endpoint)


def test_the_fake_scheme_of_test_mode() -> None:
    header = sign(b"{}", ["a"], 5, v0=True)
    v1 = hmac.new(b"a", b"5.{}", hashlib.sha256).hexdigest()
    assert header.startswith(f"t=5,v1={v1},v0=")


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://127.0.0.1:1/", True), ("http://localhost/", True), ("http://[::1]:80/", True),
        ("https://127.0.0.1/", False), ("http://127.0.0.1.example.test/", False), ("http://192.0.2.1/", False),
        ("http://127.0.0.1:99999/", False), ("", False),
    ],
)  # fmt: skip
def test_loopback(url: str, *, inside: bool) -> None:
    assert is_loopback(url) is inside
