"""All 203 tests of the RFC 7208 suite, asked over UDP from a real server, through both kinds of resolver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import dns.resolver
import pytest

from readiness.mail.resolver import Resolver, as_resolver
from readiness.mail.spf import check_host
from readiness.sandbox.dns import DnsSandbox
from readiness.world.dns import DnsClient
from tests.mail.spf_suite import Case, cases, serve

CASES = tuple(cases())
WAIT = 0.5
"""Seconds, where a test is about a server that never answers."""


class Servers:
    """One running server a scenario, started at its first use."""

    def __init__(self) -> None:
        self.running: dict[int, DnsSandbox] = {}
        self.stack = ExitStack()

    def get(self, number: int) -> DnsSandbox:
        if number not in self.running:
            self.running[number] = self.stack.enter_context(serve(number))
        return self.running[number]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    made = Servers()
    with made.stack:
        yield made


def client(kind: str, server: DnsSandbox, lifetime: float) -> Resolver:
    if kind == "readiness":
        return DnsClient(nameserver=server.address, lifetime=lifetime)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], server.port, lifetime
    return as_resolver(resolver)


def test_the_suite_is_whole() -> None:
    assert len(CASES) == 203


@pytest.mark.parametrize("kind", ["readiness", "dnspython"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_suite(servers: Servers, case: Case, kind: str) -> None:
    waits = "temperror" in case.results or case.id == "exp-dns-error"
    resolver = client(kind, servers.get(case.scenario), WAIT if waits else 5.0)
    found = check_host(case.host, case.domain, case.mailfrom, case.helo, resolver)
    assert found.result in case.results, found
    if case.explanation is not None:
        assert found.explanation == ("" if case.explanation == "DEFAULT" else case.explanation)
