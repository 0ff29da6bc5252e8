"""Reverse DNS, confirmed forward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.dns_ptr import DnsPtr
from readiness.api import CannotTell, Reason
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside

ZONE = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
1.2.0.192.in-addr.arpa PTR mta1.kamiyo.ai.
2.2.0.192.in-addr.arpa PTR gone.kamiyo.ai.
3.2.0.192.in-addr.arpa PTR mta1.kamiyo.ai.
4.2.0.192.in-addr.arpa PTR gone.kamiyo.ai.
4.2.0.192.in-addr.arpa PTR MTA4.kamiyo.ai.
5.2.0.192.in-addr.arpa CNAME 5.0-31.2.0.192.in-addr.arpa.
5.0-31.2.0.192.in-addr.arpa PTR mta5.kamiyo.ai.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.kamiyo.ai.
mta1.kamiyo.ai A 192.0.2.1
mta1.kamiyo.ai A 192.0.2.99
mta4.kamiyo.ai A 192.0.2.4
mta5.kamiyo.ai A 192.0.2.5
six.kamiyo.ai AAAA 2001:db8::1
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, ".") as running:
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.4", "192.0.2.5", "2001:db8::1", "2001:DB8:0::1"])
@pytest.mark.parametrize("names", [(), ("kamiyo.ai",)])
def test_pass(world: Outside, address: str, names: tuple[str, ...]) -> None:
    outcomes = look(DnsPtr(addresses=(address,), names=names), world)
    assert not broken(outcomes)
    assert all(outcome.evidence for outcome in outcomes)


@pytest.mark.parametrize(
    ("options", "said", "reason"),
    [
        ({"addresses": ("192.0.2.9",)}, "no PTR record", Reason.MISSING),
        ({"addresses": ("192.0.2.1", "192.0.2.9")}, "192.0.2.9 has no PTR", Reason.MISSING),
        ({"addresses": ("192.0.2.2",)}, "no such name leads back", Reason.MISMATCH),
        ({"addresses": ("192.0.2.3",)}, "no such name leads back", Reason.MISMATCH),
        ({"addresses": ("192.0.2.1",), "names": ("amazonses.com",)}, "not in amazonses.com", Reason.MISMATCH),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str, reason: Reason) -> None:
    bad = [outcome for outcome in look(DnsPtr(**options), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [reason]
    assert said in bad[0].message


@pytest.mark.parametrize("name", ["1.2.0.192.in-addr.arpa", "mta1.kamiyo.ai"])
@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT, DnsFault.WRONG_ID])
def test_error(server: DnsSandbox, world: Outside, name: str, fault: DnsFault) -> None:
    server.fault(name, fault)
    with pytest.raises(CannotTell):
        look(DnsPtr(addresses=("192.0.2.1",)), world, timeout=0.4)


@pytest.mark.parametrize(
    "options", [{"addresses": ()}, {"addresses": ("192.0.2.0/24",)}, {"addresses": ("mta1",)}, {"names": ("a b",)}]
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsPtr(**{"addresses": ("192.0.2.1",), **options})


def test_says_what_it_looks_at() -> None:
    assert list(DnsPtr(addresses=("192.0.2.1",)).looks_at()) == ["PTR 1.2.0.192.in-addr.arpa"]
