"""A running Stripe and DNS server for each test, and the real clients to drive them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import dns.resolver
import pytest
import requests
import stripe

from readiness.sandbox.dns import DnsSandbox
from readiness.sandbox.stripe import StripeSandbox

stripe.enable_telemetry = False

Connect = Callable[..., stripe.StripeClient]

ZONE = """
$ORIGIN example.test.
$TTL 600
@ IN SOA ns hostmaster 1 7200 3600 1209600 60
  IN NS ns
  IN MX 10 mail
  IN TXT "v=spf1 mx " "-all"
ns IN A 192.0.2.53
mail IN A 192.0.2.25
mail IN AAAA 2001:db8::25
www IN CNAME pages
pages IN CNAME mail
gone IN CNAME nothing
away IN CNAME host.elsewhere.test.
loop IN CNAME pool
pool IN CNAME loop
deep.below IN A 192.0.2.7
*.wild IN A 192.0.2.9
*.wild IN TXT "wild"
host.wild IN TXT "only text"
sub IN NS ns.sub
ns.sub IN A 192.0.2.54
"""


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        yield running


@pytest.fixture
def connect(sandbox: StripeSandbox) -> Iterator[Connect]:
    """Makes clients of the real SDK, by default with the test mode's secret key and without retries."""
    with ExitStack() as open_now:

        def make(key: str | None = None, *, max_network_retries: int = 0) -> stripe.StripeClient:
            session = open_now.enter_context(requests.Session())
            session.trust_env = False
            return stripe.StripeClient(
                key or sandbox.secret_key,
                base_addresses={"api": sandbox.url},
                max_network_retries=max_network_retries,
                http_client=stripe.RequestsClient(timeout=10, session=session),
            )

        yield make


@pytest.fixture
def client(connect: Connect) -> stripe.StripeClient:
    return connect()


@pytest.fixture
def nameserver() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "example.test") as running:
        yield running


@pytest.fixture
def resolver(nameserver: DnsSandbox) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = nameserver.port
    resolver.lifetime = 5
    return resolver
