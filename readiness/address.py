"""Which network addresses may be contacted, and how a URL may be shown: the rules alone, without a socket.

A checklist from a stranger must not reach what only this machine can reach: private networks
(RFC 1918, RFC 4193), link-local addresses with the metadata services of clouds, shared space
(RFC 6598) and everything else that is not globally routable (the IANA special-purpose registries,
as :mod:`ipaddress` knows them).
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit, urlunsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as an IPv6-only network writes them (RFC 6052)."""
METADATA = frozenset({IPv4Address("169.254.169.254"), IPv4Address("168.63.129.16"), IPv4Address("100.100.100.200")})
"""Metadata services; Azure's, the second, looks like a public address."""


def is_loopback_host(host: str) -> bool:
    """Whether a URL's host is literally this machine: ``localhost``, 127.0.0.0/8 or ::1.

    A name that merely resolves to it is not, nor are spellings such as ``127.1`` or ``2130706433``.
    """
    if host.lower() == "localhost":
        return True
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    # since Python 3.13 `is_loopback` looks through IPv4-mapped addresses, which are another spelling
    return found.is_loopback and getattr(found, "ipv4_mapped", None) is None


def shown(url: str) -> str:
    """A URL without user name, password and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(a malformed URL)"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def refusal(address: str) -> str | None:
    """Why an IP address must not be contacted, as the end of a sentence, or None where it may be."""
    found = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if found in METADATA:
        return "a cloud's metadata service"
    kinds = {
        "a loopback address": found.is_loopback,
        "an unspecified address": found.is_unspecified,
        "a multicast address": found.is_multicast,
        "a link-local address": found.is_link_local,
        "a private address": not found.is_global,
    }
    return next((kind for kind, holds in kinds.items() if holds), None)


def _innermost(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it is one of these kinds."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
