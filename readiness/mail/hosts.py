"""The hosts of MX and PTR records: their addresses, and addresses that nobody outside can reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from readiness.api import DnsAnswer
from readiness.light import dataclass
from readiness.mail.evidence import is_alias
from readiness.mail.resolver import Resolver

_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""RFC 1918, RFC 6598 and RFC 4193; addresses of documentation are nobody's, but no private ones."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """A name with what it resolves to."""

    name: str
    addresses: tuple[IPv4Address | IPv6Address, ...]
    answers: tuple[tuple[str, DnsAnswer], ...]
    """By record type."""

    @property
    def alias_of(self) -> str | None:
        """Where a CNAME leads, or None."""
        return next((answer.canonical for _, answer in self.answers if is_alias(self.name, answer)), None)

    @property
    def exists(self) -> bool:
        """Whether the name is there at all."""
        return any(answer.status != "nxdomain" for _, answer in self.answers)


def look_up_host(name: str, resolver: Resolver) -> Host:
    """Both kinds of addresses. Raises CannotTell."""
    answers = tuple((rdtype, resolver.query(name, rdtype)) for rdtype in ("A", "AAAA"))
    addresses = tuple(ipaddress.ip_address(record.decode()) for _, answer in answers for record in answer.records)
    return Host(name=name, addresses=addresses, answers=answers)


def unreachable(address: IPv4Address | IPv6Address) -> str | None:
    """Why mail servers elsewhere cannot reach an address, or None where they can."""
    inner = getattr(address, "ipv4_mapped", None) or address
    kinds = {
        "a loopback address": inner.is_loopback,
        "an unspecified address": inner.is_unspecified,
        "a link-local address": inner.is_link_local,
        "a multicast address": inner.is_multicast,
        "a private address": any(inner in network for network in _PRIVATE),
    }
    return next((kind for kind, holds in kinds.items() if holds), None)


def mx_hosts(answer: DnsAnswer) -> Iterator[str]:
    """The hosts of an MX answer, most preferred first, small letters; the root of a null MX is empty."""
    parsed = [record.decode().split() for record in answer.records]
    for _, name in sorted((int(preference), name.rstrip(".").lower()) for preference, name in parsed):
        yield name
