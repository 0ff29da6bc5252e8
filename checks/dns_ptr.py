"""The kind `dns.ptr`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, DnsAnswer, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.evidence import dns_evidence
from readiness.mail.hosts import look_up_host
from readiness.mail.names import check_domain, is_below

MOST_NAMES = 10
"""Names of one address that are looked up."""


@dataclass(frozen=True, kw_only=True)
class DnsPtr:
    """Every address that sends mail has a name, and the name leads back to the address.

    Gmail, Yahoo and Outlook refuse mail from addresses without reverse DNS that is confirmed
    forward. An address may have several names, one of which has to lead back.
    """

    id: ClassVar = "dns.ptr"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    addresses: tuple[str, ...]
    """IPv4 or IPv6 addresses that send."""
    names: tuple[str, ...] = ()
    """Domains of which the name has to be one, or lie below one: ``[kamiyo.ai]``."""

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError("`addresses` is empty, so nothing would be checked")
        for text in self.addresses:
            try:
                ipaddress.ip_address(text)
            except ValueError:
                raise ValueError(f"{text!r} is no IP address: write each address by itself, not a network") from None
        for domain in self.names:
            check_domain(domain)

    def looks_at(self) -> Iterator[str]:
        """The question for each address."""
        for text in self.addresses:
            yield f"PTR {ipaddress.ip_address(text).reverse_pointer}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask backward, then forward."""
        trouble: CannotTell | None = None
        for text in self.addresses:
            try:
                yield self._judge(world, text)
            except CannotTell as error:
                trouble = error
        if trouble:
            raise trouble

    def _judge(self, world: World, text: str) -> Outcome:
        address = ipaddress.ip_address(text)
        question = address.reverse_pointer
        answer = world.dns.query(question, "PTR")
        evidence = [dns_evidence("PTR", question, answer)]
        names = [record.decode().rstrip(".").lower() for record in answer.records]
        expected = f"a name that leads back to {address}"
        if not names:
            message = f"{address} has no PTR record: whoever owns the address, mostly the hoster, has to set it"
            return failed(
                message, reason=Reason.MISSING, expected=expected, observed="no name", subject=text, evidence=evidence
            )
        meant = [name for name in names if self._is_meant(name)]
        if not meant:
            message = f"{address} is called {', '.join(names)}, which is not in {' or '.join(self.names)}"
            return failed(message, expected=expected, observed=", ".join(names), subject=text, evidence=evidence)
        return self._forward(world, text, meant, evidence)

    def _is_meant(self, name: str) -> bool:
        domains = [domain.rstrip(".").lower() for domain in self.names]
        return not domains or any(is_below(name, domain) for domain in domains)

    def _forward(self, world: World, text: str, names: list[str], evidence: list[Evidence]) -> Outcome:
        address = ipaddress.ip_address(text)
        rdtype = "A" if address.version == 4 else "AAAA"  # noqa: PLR2004 - IPv4
        expected = f"a name that leads back to {address}"
        for name in names[:MOST_NAMES]:
            host = look_up_host(name, world.dns)
            evidence.append(dns_evidence(rdtype, name, _answer(host.answers, rdtype)))
            if address in host.addresses:
                message = f"{address} is called {name}, and {name} is {address}"
                return passed(message, expected=expected, observed=name, subject=text, evidence=evidence)
        message = f"{address} is called {', '.join(names)}, but no such name leads back to it"
        return failed(message, expected=expected, observed=", ".join(names), subject=text, evidence=evidence)


def _answer(answers: tuple[tuple[str, DnsAnswer], ...], rdtype: str) -> DnsAnswer:
    return next(answer for kind, answer in answers if kind == rdtype)
