"""What the evaluators take for a resolver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import dns.resolver
import pytest

from readiness.api import CannotTell, DnsAnswer, Reason
from readiness.mail.resolver import as_resolver
from readiness.sandbox.dns import DnsFault, DnsSandbox, Outside
from readiness.world.dns import DnsClient

ZONE = """
$TTL 300
@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60
@ NS ns
@ TXT "v=spf1 " "-all"
@ MX 10 mail
@ MX 20 other
white\\032space A 192.0.2.1
alias CNAME example.
away CNAME target.other.test.
dangling CNAME nowhere
one CNAME two
two CNAME one
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "example.") as running:
        yield running


def dnspython(server: DnsSandbox, lifetime: float = 5.0) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], server.port, lifetime
    return resolver


@pytest.mark.parametrize("kind", ["readiness", "dnspython", "wrapped"])
def test_the_same_facts_from_each(server: DnsSandbox, kind: str) -> None:
    kinds: dict[str, Any] = {
        "readiness": DnsClient(nameserver=server.address),
        "dnspython": dnspython(server),
        "wrapped": SimpleNamespace(resolve=dnspython(server).resolve),
    }
    resolver = as_resolver(kinds[kind])
    assert resolver.query("EXAMPLE.", "TXT").records == (b"v=spf1 -all",)
    hosts = [record.lower() for record in resolver.query("example", "MX").records]
    assert hosts == [b"10 mail.example.", b"20 other.example."]
    assert resolver.query("white\\032space.example", "A").records == (b"192.0.2.1",)
    assert resolver.query("alias.example", "TXT").records == (b"v=spf1 -all",)
    assert resolver.query("nowhere.example", "TXT").status == "nxdomain"
    assert resolver.query("dangling.example", "TXT").status == "nxdomain"
    assert resolver.query("example", "AAAA").status == "nodata"
    with pytest.raises(CannotTell):
        resolver.query("one.example", "A")
    server.fault("example", DnsFault.SERVFAIL)
    with pytest.raises(CannotTell):
        resolver.query("example", "AAAA" if kind != "readiness" else "NS")


def test_where_an_answer_was_seen(server: DnsSandbox) -> None:
    answer = as_resolver(dnspython(server)).query("alias.example", "TXT")
    assert (answer.server, answer.ttl, answer.canonical) == (server.address, 300, "example")


def test_a_timeout_is_told_as_such(server: DnsSandbox) -> None:
    server.fault("example", DnsFault.TIMEOUT)
    with pytest.raises(CannotTell) as error:
        as_resolver(dnspython(server, 0.2)).query("example", "TXT")
    assert error.value.reason is Reason.TIMEOUT


def test_an_alias_out_of_the_zone_is_asked_for() -> None:
    with DnsSandbox(ZONE, "example.", outside=Outside.REFUSED) as server:
        with pytest.raises(CannotTell):
            as_resolver(dnspython(server)).query("away.example", "TXT")
        assert server.queries[-1].name == "target.other.test."


@pytest.mark.parametrize(
    ("given", "records"),
    [
        (["v=spf1 -all"], (b"v=spf1 -all",)),
        ([b"v=spf1 -all", "x"], (b"v=spf1 -all", b"x")),
        ([("v=spf1 ", b"-all")], (b"v=spf1 -all",)),
        ([SimpleNamespace(strings=("v=spf1 ", "-all"))], (b"v=spf1 -all",)),
        ([SimpleNamespace(to_text=lambda: '"v=spf1 " "-all"')], (b"v=spf1 -all",)),
        ("v=spf1 -all", (b"v=spf1 -all",)),
        (DnsAnswer(status="ok", records=(b"x",), ttl=1, server="y", canonical=""), (b"x",)),
        ([], ()),
        (None, ()),
    ],
)
def test_plain_records_of_a_function(given: Any, records: tuple[bytes, ...]) -> None:
    answer = as_resolver(lambda _name, _rdtype: given).query("a.example", "TXT")
    assert answer.records == records
    assert answer.status == ("ok" if records else "nodata")


def test_tuples_are_records_of_other_types() -> None:
    assert as_resolver(lambda _name, _rdtype: [(10, "mx.example.")]).query("a.example", "MX").records == (
        b"10 mx.example.",
    )


ODD = dns.resolver.NoRootSOA("odd")  # type: ignore[no-untyped-call]  # dnspython


@pytest.mark.parametrize("error", [TimeoutError("slow"), OSError("no route"), ODD])
def test_trouble_of_any_resolver_is_cannot_tell(error: Exception) -> None:
    def ask(_name: str, _rdtype: str) -> list[bytes]:
        raise error

    with pytest.raises(CannotTell, match=str(error)):
        as_resolver(ask).query("a.example", "A")


def test_aliases_without_an_end() -> None:
    def ask(name: str, _rdtype: str) -> DnsAnswer:
        return DnsAnswer(status="nodata", records=(), ttl=0, server="x", canonical=f"x{name}")

    with pytest.raises(CannotTell, match="never end"):
        as_resolver(ask).query("a.example", "A")


def test_the_resolver_of_this_machine() -> None:
    """It is not asked anything; a machine without one cannot tell."""
    with suppress(CannotTell):
        assert hasattr(as_resolver(), "query")


def test_what_is_no_resolver() -> None:
    with pytest.raises(TypeError, match="neither query"):
        as_resolver(42)


def test_an_adapted_one_stays_as_it_is() -> None:
    adapted = as_resolver(lambda _name, _rdtype: [])
    assert as_resolver(adapted) is adapted
