"""The kind `dns.mx`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, DnsAnswer, Effect, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.evidence import dns_evidence
from readiness.mail.hosts import Host, look_up_host, mx_hosts, unreachable
from readiness.mail.names import check_domain, is_below
from readiness.mail.providers import Expectations, Provider, expand


@dataclass(frozen=True, kw_only=True)
class DnsMx:
    """Mail to a domain reaches a host: replies and bounces of the mail that a service sends.

    Every host of its MX records has to exist, to have an address that others can reach, and must
    not be an alias (RFC 5321 5.1, RFC 2181 10.3). Without MX records mail goes to the domain's web
    server, which fails. A domain that receives no mail says so with a null MX (RFC 7505): set
    `receives` to false. Equal preferences are fine.

    With a provider its return path is looked at, where bounces go: it has to lead to the provider,
    by alias or by its hosts, as the provider's instructions say.
    """

    id: ClassVar = "dns.mx"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    domain: str
    """The From domain."""
    provider: Provider | None = None
    """Whose return path is looked at instead of the From domain."""
    return_path: str | None = None
    """The domain of the envelope sender, looked at instead of `domain`; wins over the provider's."""
    receives: bool = True
    """Whether the domain receives mail; false asks for a null MX."""
    hosts: tuple[str, ...] = ()
    """Domains in which every host has to lie; wins over the provider's: ``[amazonses.com]``."""

    def __post_init__(self) -> None:
        for domain in (self.domain, *self.hosts, *([self.return_path] if self.return_path else [])):
            check_domain(domain)
        expected = self._expected()
        if self.provider and not expected.return_path:
            raise ValueError(f"`return_path` is missing, for it differs: {expected.return_path_hint}")
        if self.hosts and not self.receives:
            raise ValueError("`receives: false` leaves no host for `hosts`")

    def looks_at(self) -> Iterator[str]:
        """The question."""
        yield f"MX {self._name()}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask for the hosts, then for the addresses of each."""
        answer = world.dns.query(self._name(), "MX")
        hosts = [*mx_hosts(answer)]
        yield self._hosts(answer, hosts)
        trouble: CannotTell | None = None
        for name in dict.fromkeys(host for host in hosts if host and self.receives):
            try:
                yield self._host(world, name)
            except CannotTell as error:
                trouble = error
        if trouble:
            raise trouble

    def _expected(self) -> Expectations:
        return expand(self.provider, self.domain, return_path=self.return_path)

    def _name(self) -> str:
        return self._expected().return_path or self.domain

    def _hosts(self, answer: DnsAnswer, hosts: list[str]) -> Outcome:
        expected = "at least one host" if self.receives else "a null MX: 0 ."
        observed = ", ".join(host or "a null MX" for host in hosts) or "no MX record"
        name = self._name()
        evidence = [dns_evidence("MX", name, answer)]
        why = self._why(answer, hosts) or self._not_the_provider(answer, hosts)
        if not why:
            message = f"mail to {name} goes to {observed}"
            return passed(message, expected=expected, observed=observed, subject=name, evidence=evidence)
        reason = Reason.MISMATCH if hosts else Reason.MISSING
        message = f"{name} {why}"
        return failed(message, reason=reason, expected=expected, observed=observed, subject=name, evidence=evidence)

    def _why(self, answer: DnsAnswer, hosts: list[str]) -> str | None:
        if not hosts:
            gone = "does not exist" if answer.status == "nxdomain" else "has no MX record"
            return f"{gone}, so that replies and bounces do not arrive"
        if "" in hosts and len(hosts) > 1:
            return "has a null MX beside other hosts, which contradicts them"
        if self.receives and hosts == [""]:
            return "has a null MX: it says that it receives no mail"
        if not self.receives and hosts != [""]:
            return f"must have a null MX, found {', '.join(hosts)}"
        return None

    def _not_the_provider(self, answer: DnsAnswer, hosts: list[str]) -> str | None:
        target = self._expected().return_path_cname
        if not target or is_below(answer.canonical.rstrip(".").lower(), target) or _all_in(hosts, (target,)):
            return None
        return f"does not lead to {self.provider}: its CNAME has to end in {target}"

    def _host(self, world: World, name: str) -> Outcome:
        host = look_up_host(name, world.dns)
        evidence = [dns_evidence(rdtype, name, answer) for rdtype, answer in host.answers]
        observed = ", ".join(map(str, host.addresses)) or "no address"
        expected = "an address that others can reach, by no alias"
        why = _fault(host) or self._elsewhere(name)
        if why:
            message = f"the MX host {name} of {self._name()} {why}"
            return failed(message, expected=expected, observed=observed, subject=name, evidence=evidence)
        message = f"the MX host {name} has the address {observed}"
        return passed(message, expected=expected, observed=observed, subject=name, evidence=evidence)

    def _elsewhere(self, name: str) -> str | None:
        known = self._expected().return_path_mx
        domains = self.hosts or ((known,) if known else ())
        return None if not domains or _all_in([name], domains) else f"is not in {' or '.join(domains)}"


def _all_in(names: list[str], domains: tuple[str, ...]) -> bool:
    return all(any(is_below(name, domain.rstrip(".").lower()) for domain in domains) for name in names)


def _fault(host: Host) -> str | None:
    if _is_address(host.name):
        return "is an IP address; an MX record names a host"
    if host.alias_of and host.addresses:
        return f"is an alias of {host.alias_of}, which an MX host must not be: name that one"
    if not host.addresses:
        return "has no address" if host.exists else "does not exist"
    bad = [f"{address}, {kind}" for address in host.addresses if (kind := unreachable(address))]
    return f"has {' and '.join(bad)}, which nobody outside can reach" if bad else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
