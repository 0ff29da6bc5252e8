"""Authoritative answers from zone files: RFC 1034 4.3.2, negative answers with SOA (RFC 2308), wildcards (RFC 4592)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import dns.exception
import dns.flags
import dns.name
import dns.node
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from readiness.errors import ConfigError

MAX_CHAIN = 16
"""CNAMEs that are followed; a loop ends here."""
ROOT_SOA = "sandbox.invalid. hostmaster.sandbox.invalid. 1 3600 600 86400 60"


if TYPE_CHECKING:
    from dns.rdtypes.ANY.CNAME import CNAME
    from dns.rdtypes.ANY.SOA import SOA


class Outside(StrEnum):
    """What is said about a name that no zone covers."""

    NXDOMAIN = "nxdomain"
    """It does not exist: the zones are the whole world, as a resolver would show it."""
    REFUSED = "refused"
    """Not our business, as an authoritative server says."""


@dataclass(kw_only=True)
class Answer:
    """What goes into the sections of a response."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    answer: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    authoritative: bool = True


def parse(text: str, origin: str) -> dns.zone.Zone:
    """Read a master file (RFC 1035 5). Raises ConfigError where it is no valid zone."""
    try:
        return dns.zone.from_text(text, dns.name.from_text(origin), relativize=False, check_origin=True)
    except (dns.exception.DNSException, ValueError) as error:
        what = str(error) or type(error).__name__
        raise ConfigError(f"the zone {origin} cannot be read: {what.removeprefix('<string>:')}") from error


def look_up(
    zones: Iterable[dns.zone.Zone], name: dns.name.Name, rdtype: dns.rdatatype.RdataType, outside: Outside
) -> Answer:
    """Answer a question of class IN, following CNAMEs as far as the zones go."""
    known = tuple(zones)
    found = Answer()
    for _ in range(MAX_CHAIN):
        zone = _enclosing(known, name)
        if zone is None:
            return _outside(found, outside)
        target = _step(zone, name, rdtype, found)
        if target is None:
            return found
        name = target
    return found


def _enclosing(zones: Sequence[dns.zone.Zone], name: dns.name.Name) -> dns.zone.Zone | None:
    covering = [zone for zone in zones if name.is_subdomain(_origin(zone))]
    return max(covering, key=lambda zone: len(_origin(zone)), default=None)


def _outside(found: Answer, outside: Outside) -> Answer:
    if outside is Outside.NXDOMAIN:
        found.rcode = dns.rcode.NXDOMAIN
        found.authority.append(dns.rrset.from_text(dns.name.root, 60, "IN", "SOA", ROOT_SOA))
    elif not found.answer:
        found.rcode = dns.rcode.REFUSED
        found.authoritative = False
    return found


def _step(
    zone: dns.zone.Zone, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, found: Answer
) -> dns.name.Name | None:
    """Add what the zone says about one name; return where its CNAME leads, if that is to be followed."""
    cut = _delegation(zone, name)
    if cut is not None:
        found.authority.append(cut)
        found.authoritative = bool(found.answer)
        return None
    node = _node(zone, name)
    if node is None:
        _negative(zone, found, _missing(zone, name))
        return None
    records = _records(node, name, rdtype)
    if records:
        found.answer += records
        return None
    alias = _records(node, name, dns.rdatatype.CNAME)
    if not alias:
        _negative(zone, found, dns.rcode.NOERROR)
        return None
    found.answer += alias
    target = cast("CNAME", alias[0][0]).target
    return None if any(rrset.name == target for rrset in found.answer) else target


def _records(node: dns.node.Node, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> list[dns.rrset.RRset]:
    wanted = [rdataset for rdataset in node if rdtype in (rdataset.rdtype, dns.rdatatype.ANY)]
    return [dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset)) for rdataset in wanted]


def _delegation(zone: dns.zone.Zone, name: dns.name.Name) -> dns.rrset.RRset | None:
    """The NS records of the highest zone cut between the apex and the name."""
    for labels in range(len(_origin(zone)) + 1, len(name) + 1):
        place = name.split(labels)[1]
        cut = zone.get_rrset(place, dns.rdatatype.NS)
        if cut is not None:
            return cut
    return None


def _node(zone: dns.zone.Zone, name: dns.name.Name) -> dns.node.Node | None:
    """The node of the name, or of the wildcard at its closest encloser."""
    exact = zone.get_node(name)
    if exact is not None or _exists(zone, name):
        return exact
    encloser = name.parent()
    while not _exists(zone, encloser):
        encloser = encloser.parent()
    return zone.get_node(dns.name.Name((b"*", *encloser.labels)))


def _exists(zone: dns.zone.Zone, name: dns.name.Name) -> bool:
    """Whether the name has records or lies above a name that has (an empty non-terminal)."""
    return any(owner.is_subdomain(name) for owner in zone.nodes)


def _missing(zone: dns.zone.Zone, name: dns.name.Name) -> dns.rcode.Rcode:
    return dns.rcode.NOERROR if _exists(zone, name) else dns.rcode.NXDOMAIN


def _negative(zone: dns.zone.Zone, found: Answer, rcode: dns.rcode.Rcode) -> None:
    soa = zone.get_rrset(_origin(zone), dns.rdatatype.SOA)
    if soa is None:
        raise LookupError("a parsed zone has a SOA record")
    soa.ttl = min(soa.ttl, cast("SOA", soa[0]).minimum)
    found.rcode = rcode
    found.authority.append(soa)


def _origin(zone: dns.zone.Zone) -> dns.name.Name:
    return zone.origin or dns.name.root
