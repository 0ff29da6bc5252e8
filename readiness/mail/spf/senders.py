"""Hosts that have to be allowed to send, and the addresses with which to try it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from readiness.api import CannotTell
from readiness.light import dataclass
from readiness.mail.spf.evaluate import Result, SpfResult, check_host
from readiness.mail.spf.identity import IPAddress
from readiness.mail.spf.measure import boundaries
from readiness.mail.spf.syntax import IPNetwork
from readiness.mail.spf.tree import Tree


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A host, or a network of hosts."""

    ip: str
    """An address, or a network such as ``198.51.100.0/24``, of which every address has to pass."""
    sender: str = ""
    """The envelope's MAIL FROM; postmaster at the domain, where it is empty."""
    helo: str = ""
    """What the host says at HELO; the domain, where it is empty."""

    def __post_init__(self) -> None:
        try:
            ipaddress.ip_network(self.ip, strict=False)
        except ValueError:
            raise ValueError(
                f"{self.ip!r} is no address: write one such as 192.0.2.1, 198.51.100.0/24 or 2001:db8::1"
            ) from None

    @property
    def network(self) -> IPNetwork:
        """The address as a network of one, too."""
        return ipaddress.ip_network(self.ip, strict=False)

    def probes(self, boundaries: Iterable[IPNetwork]) -> list[IPAddress]:
        """Addresses of this network between which a record of these networks cannot change its mind."""
        own = self.network
        first, last = int(own.network_address), int(own.broadcast_address)
        kind = type(own.network_address)
        ends = {first, last}
        for one in boundaries:
            if one.version == own.version:
                low, high = int(one.network_address), int(one.broadcast_address)
                ends |= {low - 1, low, high, high + 1}
        return [kind(number) for number in sorted(ends) if first <= number <= last]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An address of a declared sender that does not pass."""

    ip: IPAddress
    result: SpfResult

    def __str__(self) -> str:
        decided = f"`{self.result.matched}` decides" if self.result.matched else "nothing in the record matches it"
        return f"{self.ip} is {self.result.result}: {self.result.problem or decided}"


def refused(tree: Tree, host: Sender) -> Refused | None:
    """The first address of a sender for which the result is another than `pass`.

    Raises CannotTell where it is `temperror`, and so unknown.
    """
    mail_from, helo = host.sender or f"postmaster@{tree.domain}", host.helo or tree.domain
    for ip in host.probes(boundaries(tree)):
        found = check_host(ip, tree.domain, mail_from, helo, tree.questions)
        if found.result is Result.TEMPERROR:
            raise CannotTell(f"SPF of {tree.domain} for {ip} cannot be told: {found.problem}")
        if found.result is not Result.PASS:
            return Refused(ip=ip, result=found)
    return None
