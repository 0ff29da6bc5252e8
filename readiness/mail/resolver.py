"""What the evaluators ask: readiness's own DNS client, or a resolver of dnspython, adapted here at the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from readiness.api import CannotTell, DnsAnswer, Reason

MAX_ALIASES = 8
"""CNAMEs that are followed by further questions, where a server does not follow them itself."""


class Resolver(Protocol):
    """What an evaluator needs of a resolver; :class:`readiness.api.Dns` is one."""

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        """Ask for a name in ASCII presentation form (RFC 1035 5.1), aliases followed.

        Raises CannotTell where nothing is known: a timeout, SERVFAIL, REFUSED, no server in reach.
        """
        ...


AnyResolver = Resolver | Any
"""A :class:`Resolver`, or what :func:`as_resolver` makes one of."""


def as_resolver(resolver: AnyResolver = None) -> Resolver:
    """Any of these as a :class:`Resolver`; None is the resolver that this machine is configured with.

    - an object with ``query(name, rdtype)`` that gives a :class:`readiness.api.DnsAnswer`;
    - an object with ``resolve(name, rdtype)``, as :class:`dns.resolver.Resolver` has: it gives records,
      and raises ``dns.resolver.NXDOMAIN``, ``NoAnswer``, or another DNSException or OSError for trouble;
    - a function of (name, rdtype) that does so.

    Raises TypeError for anything else.
    """
    if isinstance(resolver, _Adapted):
        return resolver
    if resolver is None:
        return _Adapted(_system())
    ask = getattr(resolver, "resolve", None) or getattr(resolver, "query", None) or resolver
    if not callable(ask):
        raise TypeError(f"{type(resolver).__name__} is no resolver: it has neither query() nor resolve()")
    return _Adapted(_full(resolver) or ask)


class _Adapted:
    """One way to ask for all of them, and every trouble as CannotTell."""

    def __init__(self, ask: Callable[[str, str], Any]) -> None:
        self._ask = ask

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        asked: list[str] = []
        while name not in asked and len(asked) <= MAX_ALIASES:
            asked.append(name)
            answer = self._once(name, rdtype)
            if answer.status != "nodata" or rdtype == "CNAME" or _key(answer.canonical) in ("", _key(name)):
                return answer
            name = answer.canonical
        raise CannotTell(f"the aliases of {asked[0]} never end: {' -> '.join([*asked, name])}")

    def _once(self, name: str, rdtype: str) -> DnsAnswer:
        import dns.exception
        import dns.resolver

        try:
            found = self._ask(name, rdtype)
        except dns.resolver.NXDOMAIN:
            return _answer((), "nxdomain", name)
        except dns.resolver.NoAnswer:
            return _answer((), "nodata", name)
        except (dns.exception.Timeout, TimeoutError) as error:
            raise CannotTell(f"no answer for {rdtype} {name}: {error}", reason=Reason.TIMEOUT) from error
        except (dns.exception.DNSException, OSError) as error:
            raise CannotTell(f"no answer for {rdtype} {name}: {error or type(error).__name__}") from error
        return _read(found, name, rdtype)


def _system() -> Callable[[str, str], Any]:
    import dns.resolver

    try:
        return _full(dns.resolver.Resolver()) or dns.resolver.resolve
    except dns.resolver.NoResolverConfiguration as error:
        raise CannotTell("this machine has no name server configured") from error


def _full(resolver: Any) -> Callable[[str, str], Any] | None:
    """How to ask a resolver of dnspython itself: absolute names, and an alias without an end is no exception."""
    import dns.name
    import dns.resolver

    if getattr(type(resolver), "resolve", None) is not dns.resolver.Resolver.resolve:
        return None
    return lambda name, rdtype: resolver.resolve(dns.name.from_text(name), rdtype, raise_on_no_answer=False)


def _read(found: Any, name: str, rdtype: str) -> DnsAnswer:
    """The answer of any of them: ours, dnspython's, or plain records."""
    if isinstance(found, DnsAnswer):
        return found
    if getattr(found, "rrset", found) is None:
        return _answer((), "nodata", _text(getattr(found, "canonical_name", name)))
    records = _records(found or (), rdtype)
    canonical = _text(getattr(found, "canonical_name", name))
    address = getattr(found, "nameserver", None)
    server = f"{address}:{getattr(found, 'port', None) or 53}" if address else "unknown"
    ttl = int(getattr(getattr(found, "rrset", None), "ttl", 0))
    return _answer(records, "ok" if records else "nodata", canonical, server=server, ttl=ttl)


def _records(found: Iterable[Any], rdtype: str) -> tuple[bytes, ...]:
    single = (found,) if isinstance(found, str | bytes) else found
    return tuple(sorted(_record(one, rdtype) for one in single))


def _record(rdata: Any, rdtype: str) -> bytes:
    """The strings of a TXT record joined (RFC 7208 3.3), else the presentation form."""
    if isinstance(rdata, bytes):
        return rdata
    strings = rdata if isinstance(rdata, tuple | list) else getattr(rdata, "strings", None)
    if strings is not None:
        between = b"" if rdtype in ("TXT", "SPF") else b" "
        return between.join(one if isinstance(one, bytes) else str(one).encode() for one in strings)
    to_text = getattr(rdata, "to_text", None)
    text = str(to_text() if to_text else rdata)
    quoted = to_text is not None and rdtype in ("TXT", "SPF") and text.startswith('"')
    return (text[1:-1].replace('" "', "") if quoted else text).encode()


def _answer(
    records: tuple[bytes, ...], status: str, canonical: str, *, server: str = "unknown", ttl: int = 0
) -> DnsAnswer:
    return DnsAnswer(status=status, records=records, ttl=ttl, server=server, canonical=canonical)


def _text(name: Any) -> str:
    return str(name).rstrip(".").lower()


def _key(name: str) -> str:
    return name.rstrip(".").lower()
