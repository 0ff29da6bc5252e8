from __future__ import annotations

import io
import queue
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.resolver
import pytest
import requests
import stripe

from readiness.errors import ConfigError, UsageError
from readiness.sandbox.options import Part, StripeOptions
from readiness.sandbox.serve import PLAIN, PLANS, USUAL, serve
from tests.sandbox.conftest import ZONE
from tests.threads import no_thread_stays


class Output(io.StringIO):
    """Where `serve` prints; tells when all is there."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: queue.Queue[str] = queue.Queue()

    def flush(self) -> None:
        self.flushed.put(self.getvalue())


@contextmanager
def serving(*parts: Part, zone: Path | None = None, options: StripeOptions = PLAIN) -> Iterator[dict[str, str]]:
    out, stop = Output(), threading.Event()
    server = threading.Thread(
        target=serve,
        kwargs={"out": out, "stop": stop, "parts": parts or USUAL, "zone": zone, "options": options},
    )
    server.start()
    try:
        yield dict(line.split("=", 1) for line in out.flushed.get(timeout=20).splitlines())
    finally:
        stop.set()
        server.join(20)
        assert not server.is_alive()


def resolver(address: str) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    host, _, port = address.partition(":")
    resolver.nameservers, resolver.port = [host], int(port)
    return resolver


def test_what_a_service_needs_is_printed_and_works() -> None:
    with no_thread_stays(), serving() as values, requests.Session() as session:
        assert set(values) == {
            "dns", "stripe", "STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET",
            "STRIPE_PRICE_MCP_PERSONAL", "STRIPE_PRICE_MCP_TEAM", "STRIPE_PRICE_MCP_ENTERPRISE",
        }  # fmt: skip
        client = stripe.StripeClient(
            values["STRIPE_SECRET_KEY"],
            base_addresses={"api": values["STRIPE_API_BASE"]},
            http_client=stripe.RequestsClient(session=session),
        )
        for tier, amount in PLANS.items():
            price = client.v1.prices.retrieve(values[f"STRIPE_PRICE_MCP_{tier.upper()}"], {"expand": ["product"]})
            assert (price.unit_amount, price.currency, price.active) == (amount, "usd", True)
            assert isinstance(price.product, stripe.Product)
            assert price.product.active
        assert values["STRIPE_PUBLISHABLE_KEY"].startswith("pk_test_")
        assert values["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")
        assert len(resolver(values["dns"]).resolve("kamiyo.ai", "MX")) == 2


def test_one_part_alone() -> None:
    with serving("stripe") as values:
        assert "dns" not in values
        assert values["stripe"] == values["STRIPE_API_BASE"]
    with serving("dns") as values:
        assert list(values) == ["dns"]


def test_mails_and_errors_can_be_read() -> None:
    with serving("smtp", "sentry") as values, requests.Session() as session:
        assert set(values) == {"inbox", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "sentry", "SENTRY_DSN"}
        with smtplib.SMTP(values["SMTP_HOST"], int(values["SMTP_PORT"])) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: hello\r\n\r\nthere")
        (mail,) = session.get(f"{values['inbox']}/messages").json()
        assert (mail["subject"], mail["to"]) == ("hello", ["b@example.com"])
        assert session.get(f"{values['sentry']}/events").json() == []


def test_a_zone_file_of_ones_own(tmp_path: Path) -> None:
    zone = tmp_path / "own.zone"
    zone.write_text(ZONE)
    with serving("dns", zone=zone) as values:
        (record,) = resolver(values["dns"]).resolve("ns.example.test", "A")
        assert record.address == "192.0.2.53"


def test_faults_of_the_zone_file_come_before_anything_starts(tmp_path: Path) -> None:
    out, stop = io.StringIO(), threading.Event()
    with pytest.raises(UsageError, match="cannot be read"):
        serve(out=out, stop=stop, zone=tmp_path / "none.zone")
    broken = tmp_path / "broken.zone"
    broken.write_text("$ORIGIN example.test.\n@ IN A 300.0.0.1\n")
    with pytest.raises(ConfigError, match=r"zone example\.test\. cannot be read: \d+: \S"):
        serve(out=out, stop=stop, zone=broken)
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("readiness.sandbox", {"dns", "http.server", "stripe"}),
        ("readiness.sandbox.serve", {"stripe", "requests", "httpx", "fastapi", "pydantic"}),
    ],
)
def test_imports_stay_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert heavy & set(loaded.stdout.split()) == set()


def test_a_webhook_live_mode_and_a_port_that_is_taken() -> None:
    options = StripeOptions(webhook="http://127.0.0.1:9/hook", live=True)
    with serving("stripe", options=options) as values:
        assert values["STRIPE_LIVE_SECRET_KEY"].startswith("sk_live_")
        assert values["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")
        taken = int(values["stripe"].rpartition(":")[2])
        with pytest.raises(UsageError, match=f"--port {taken}: cannot be used: Address already in use"):
            serve(out=io.StringIO(), stop=threading.Event(), parts=["stripe"], options=StripeOptions(port=taken))
    with pytest.raises(UsageError, match=r"--webhook https://example\.test/: not an http:// URL on 127"):
        serve(out=io.StringIO(), stop=threading.Event(), options=StripeOptions(webhook="https://example.test/"))
