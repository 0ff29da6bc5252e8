"""Who sends: the arguments of check_host() (RFC 7208 4.1), and the macro letters that stand for them (7.2)."""

from __future__ import annotations

import ipaddress
import time
from typing import Self

from readiness.light import dataclass
from readiness.mail.spf.names import to_ascii

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One message as SPF sees it."""

    ip: IPAddress
    local: str
    """What stands before the ``@``."""
    domain: str
    """What stands behind it."""
    helo: str
    receiver: str

    @classmethod
    def of(cls, ip: str | IPAddress, domain: str, sender: str, helo: str, receiver: str) -> Self:
        """Of whatever was given; an empty sender is postmaster at the HELO name (2.4). Raises ValueError."""
        local, at, rest = sender.rpartition("@")
        return cls(
            ip=_unmapped(ipaddress.ip_address(ip)),
            local=(local if at else "") or "postmaster",
            domain=_readable(rest or helo or domain),
            helo=_readable(helo),
            receiver=receiver,
        )

    @property
    def bits(self) -> int:
        """32 or 128."""
        return self.ip.max_prefixlen

    @property
    def rdtype(self) -> str:
        """The type of the addresses that can match."""
        return "A" if self.ip.version == 4 else "AAAA"  # noqa: PLR2004 - IPv4

    @property
    def dotted(self) -> str:
        """Macro ``i``: four numbers, or 32 nibbles."""
        return str(self.ip) if self.rdtype == "A" else ".".join(f"{int(self.ip):032X}")

    @property
    def reverse(self) -> str:
        """Where the names of the address are."""
        return f"{'.'.join(reversed(self.dotted.split('.')))}.{self.family}.arpa"

    @property
    def family(self) -> str:
        """Macro ``v``."""
        return "in-addr" if self.rdtype == "A" else "ip6"

    def value(self, letter: str) -> str:
        """Of every letter but ``d`` and ``p``."""
        values = {
            "s": f"{self.local}@{self.domain}",
            "l": self.local,
            "o": self.domain,
            "i": self.dotted,
            "v": self.family,
            "h": self.helo,
            "c": str(self.ip),
            "r": self.receiver,
        }
        return values.get(letter) or str(int(time.time()) if letter == "t" else "")


def _unmapped(ip: IPAddress) -> IPAddress:
    """An IPv4-mapped IPv6 address is an IPv4 address (5)."""
    return getattr(ip, "ipv4_mapped", None) or ip


def _readable(domain: str) -> str:
    return domain if domain.isascii() else to_ascii(domain) or domain
