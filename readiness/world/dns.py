"""Name servers: facts about names on the one side, resolvers out of reach on the other."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Self

from readiness.api import CannotTell, DnsAnswer, Reason
from readiness.dnspython import lean
from readiness.duration import say_duration
from readiness.light import dataclass
from readiness.world.memo import Memo

if TYPE_CHECKING:
    import dns.message
    import dns.name
    import dns.rdata
    import dns.resolver

PORT = 53
MAX_ALIASES = 8
"""CNAMEs that are followed by further questions, where the server does not follow them itself."""
DELAY = 2.0
"""Seconds until a resolver that gives no answer is asked once more, in a lifetime of 5."""


def parse_nameserver(text: str) -> tuple[str, int]:
    """Address and port of ``IP``, ``IP:port`` or ``[IPv6]:port``. Raises ValueError with the cure."""
    host, port = text, str(PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        raise ValueError(
            f"{text!r} is no name server: write an address such as 9.9.9.9, 127.0.0.1:5353 or [::1]:53"
        ) from None
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"{text!r} is no name server: the port is a number from 1 to 65535")
    return address, int(port)


@dataclass(frozen=True, kw_only=True)
class DnsClient:
    """:class:`readiness.api.Dns` over dnspython."""

    nameserver: str | None = None
    """``IP[:port]``; None takes those that the system is configured with."""
    lifetime: float = 5.0
    """Seconds for one question, a repetition and the change to TCP included."""
    until: float = float("inf")
    """Moment of :func:`time.monotonic` at which every question ends."""
    answers: Memo[tuple[str, str], DnsAnswer] = field(default_factory=Memo)
    resolvers: Memo[str, dns.resolver.Resolver] = field(default_factory=Memo)

    def __post_init__(self) -> None:
        lean()
        if self.nameserver is not None:
            parse_nameserver(self.nameserver)

    def attempt(self, timeout: float, *, fresh: bool) -> Self:
        """The same client for one attempt of `timeout` seconds; `fresh` forgets earlier answers."""
        answers: Memo[tuple[str, str], DnsAnswer] = Memo() if fresh else self.answers
        return replace(self, until=time.monotonic() + timeout, answers=answers)

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        """Ask, or give the answer that the same question got. Raises as the protocol says."""
        question = name.rstrip(".").lower(), rdtype.upper()
        return self.answers.get(question, lambda: self._follow(*question))

    def _follow(self, name: str, rdtype: str) -> DnsAnswer:
        """Ask, and where a server only says that the name is an alias, ask for what it stands for."""
        asked: list[str] = []
        current = name
        while current not in asked and len(asked) <= MAX_ALIASES:
            asked.append(current)
            answer = self._ask(current, rdtype)
            if answer.status != "nodata" or answer.canonical == current or rdtype == "CNAME":
                return answer
            current = answer.canonical
        raise CannotTell(f"the aliases of {name} never end: {' -> '.join([*asked, current])}")

    def _ask(self, name: str, rdtype: str) -> DnsAnswer:
        import dns.exception
        import dns.resolver

        resolver = self.resolvers.get("resolver", self._configure)
        what = f"{rdtype} {name}"
        lifetime = min(self.lifetime, self.until - time.monotonic())
        try:
            found = resolver.resolve(
                _absolute(name), rdtype, search=False, raise_on_no_answer=False, lifetime=max(lifetime, 0.001)
            )
        except dns.resolver.NXDOMAIN as error:
            return _nothing(error, _server(resolver))
        except dns.resolver.LifetimeTimeout as error:
            message = f"{_server(resolver)} gave no answer for {what} within {say_duration(lifetime)}"
            raise CannotTell(message, reason=Reason.TIMEOUT, fix=_FIX) from error
        except dns.resolver.NoNameservers as error:
            raise CannotTell(f"{_server(resolver)} could not answer {what}: {_why(error)}", fix=_FIX) from error
        except dns.exception.DNSException as error:
            raise CannotTell(f"{what} could not be asked: {type(error).__name__}", fix=_FIX) from error
        return _answer(found, what)

    def _configure(self) -> dns.resolver.Resolver:
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self.nameserver is None)
        except dns.resolver.NoResolverConfiguration as error:
            raise CannotTell("this machine has no name server configured", fix="name one with --nameserver") from error
        resolver.timeout = self.lifetime * DELAY / 5.0
        if self.nameserver:
            address, resolver.port = parse_nameserver(self.nameserver)
            resolver.nameservers = [address]
        return resolver


_FIX = "check the resolver, or name another with --nameserver"


def _absolute(name: str) -> dns.name.Name:
    """The name with its root, international labels in ASCII (RFC 5891). Raises CannotTell for no legal name."""
    import dns.exception
    import dns.name

    try:
        return dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError) as error:
        fix = "correct the name in the checklist"
        raise CannotTell(f"{name!r} is no legal domain name: {type(error).__name__}", fix=fix) from error


def _answer(found: dns.resolver.Answer, what: str) -> DnsAnswer:
    server = _endpoint(str(found.nameserver), found.port or PORT)
    if found.rrset is None and _is_referral(found.response):
        message = f"{server} does not answer {what} but refers to other servers"
        raise CannotTell(message, fix="ask a resolver that follows referrals")
    if found.rrset is None and _is_beside_the_point(found):
        raise CannotTell(f"{server} answers {what} with records of other names", fix=_FIX)
    if _is_cut(found.response):
        raise CannotTell(f"{server} gave only a part of its answer to {what}", fix=_FIX)
    records = tuple(sorted(_record(rdata) for rdata in found.rrset or ()))
    status = "nodata" if found.rrset is None else "ok"
    ttl = int(found.chaining_result.minimum_ttl)
    return DnsAnswer(status=status, records=records, ttl=ttl, server=server, canonical=_text(found.canonical_name))


def _nothing(error: dns.resolver.NXDOMAIN, server: str) -> DnsAnswer:
    canonical = _text(error.canonical_name)
    return DnsAnswer(status="nxdomain", records=(), ttl=0, server=server, canonical=canonical)


def _record(rdata: dns.rdata.Rdata) -> bytes:
    """Character strings joined without anything between them (RFC 7208 3.3), else the presentation form."""
    strings: Sequence[bytes] | None = getattr(rdata, "strings", None)
    return rdata.to_text().encode() if strings is None else b"".join(strings)


def _is_referral(message: dns.message.Message) -> bool:
    """A delegation instead of an answer (RFC 1034 4.3.2, RFC 2308 2.1): it says nothing about the name."""
    import dns.rdatatype

    kinds = {rrset.rdtype for rrset in message.authority}
    return not message.answer and dns.rdatatype.NS in kinds and dns.rdatatype.SOA not in kinds


def _is_beside_the_point(found: dns.resolver.Answer) -> bool:
    """Records that nobody asked for: a server that says so much says nothing about the name."""
    return bool(found.response.answer) and not found.chaining_result.cnames


def _is_cut(message: dns.message.Message) -> bool:
    """Truncated, though it came over TCP."""
    import dns.flags

    return bool(message.flags & dns.flags.TC)


def _why(error: dns.resolver.NoNameservers) -> str:
    """What each server did: an rcode, or an error of the wire."""
    errors: Sequence[tuple[Any, ...]] = error.kwargs.get("errors", ())
    seen = [entry[3] for entry in errors]
    words = [type(one).__name__ if isinstance(one, Exception) else str(one) for one in seen]
    return ", ".join(dict.fromkeys(words)) or "no server is left"


def _server(resolver: dns.resolver.Resolver) -> str:
    return ", ".join(_endpoint(str(server), resolver.port) for server in resolver.nameservers)


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
