"""The evaluation of RFC 7208 4: whether this address may send mail for this domain."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from readiness.light import dataclass
from readiness.mail.resolver import AnyResolver, as_resolver
from readiness.mail.spf.identity import Identity, IPAddress
from readiness.mail.spf.macros import BadMacro, MacroString, parse_explanation
from readiness.mail.spf.names import from_answer, to_ascii, to_question, truncate
from readiness.mail.spf.records import select
from readiness.mail.spf.session import Limits, PermError, Session, TempError, host_of_mx
from readiness.mail.spf.syntax import Directive, Mechanism, Record, parse


class Result(StrEnum):
    """What an evaluation may come to (2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - the RFC's word
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


QUALIFIERS = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


@dataclass(frozen=True)
class SpfResult:
    """The result of one evaluation."""

    result: Result
    explanation: str = ""
    """The domain's own words for a `fail` (6.2), expanded; empty where it has none that can be used."""
    lookups: int = 0
    """Terms that caused DNS lookups; one more than the limit of 10 ends in `permerror`."""
    void_lookups: int = 0
    """Lookups that found nothing; one more than the limit of 2 ends in `permerror`."""
    matched: str = field(default="", kw_only=True)
    """The directive that decided, as it is written; empty where none did."""
    problem: str = field(default="", kw_only=True)
    """Why the result is `temperror`, `permerror` or `none`, in words."""


def check_host(
    ip: str | IPAddress,
    domain: str,
    sender: str = "",
    helo: str = "",
    resolver: AnyResolver = None,
    *,
    limits: Limits | None = None,
    receiver: str = "unknown",
) -> SpfResult:
    """Evaluate SPF for mail from `ip` (RFC 7208 4).

    `domain` is where the record is, `sender` the MAIL FROM or HELO identity: ``user@domain``, a bare
    domain, or empty for postmaster at `helo`. An empty `domain` is the sender's. International
    names, upper case, a final dot and IPv4-mapped IPv6 addresses are understood. `resolver` is what
    :func:`readiness.mail.resolver.as_resolver` takes; None is this machine's own. `receiver` is the
    host that asks, for the macro ``r``.

    Never raises for what the DNS holds. Raises ValueError for an `ip` that is no address.
    """
    session = Session(as_resolver(resolver), limits or Limits())
    identity = Identity.of(ip, domain, sender, helo, receiver)
    evaluation = _Evaluation(identity, session)
    decision = evaluation.conclude(domain or identity.domain)
    return SpfResult(
        decision.result,
        evaluation.explain(decision) if decision.result is Result.FAIL else "",
        session.lookups,
        session.void_lookups,
        matched=decision.directive.text if decision.directive else "",
        problem=decision.problem,
    )


@dataclass(frozen=True, kw_only=True)
class _Decision:
    result: Result
    domain: str = ""
    """Whose record decided: the redirect's, where one was followed."""
    record: Record | None = None
    directive: Directive | None = None
    problem: str = ""


class _Evaluation:
    def __init__(self, identity: Identity, session: Session) -> None:
        self.identity = identity
        self.session = session
        self.names: list[str] | None = None

    def conclude(self, domain: str) -> _Decision:
        """The decision, errors included."""
        try:
            return self.check(to_ascii(domain) or "")
        except PermError as error:
            return _Decision(result=Result.PERMERROR, problem=str(error))
        except TempError as error:
            return _Decision(result=Result.TEMPERROR, problem=str(error))

    def check(self, domain: str) -> _Decision:
        """Find the record and evaluate it (4.3 to 4.7). Raises PermError and TempError."""
        if "." not in domain or to_question(domain) is None:
            return _Decision(result=Result.NONE, problem=f"{domain!r} is no full domain name")
        selected = select(self.session.ask(domain, "TXT"))
        if selected.trouble:
            raise PermError(f"{domain} has {selected.trouble}")
        if selected.text is None:
            return _Decision(result=Result.NONE, problem=f"{domain} has no SPF record")
        record = parse(selected.text)
        if record.faults:
            raise PermError(f"{domain} has a syntax error: {record.faults[0]}")
        return self.evaluate(domain, record)

    def evaluate(self, domain: str, record: Record) -> _Decision:
        for directive in record.directives:
            if self.matches(domain, directive):
                result = QUALIFIERS[directive.qualifier]
                return _Decision(result=result, domain=domain, record=record, directive=directive)
        if record.redirect is None:
            return _Decision(result=Result.NEUTRAL, domain=domain, record=record)
        self.session.count()
        target = self.expand(domain, record.redirect)
        decision = self.check(target)
        if decision.result is Result.NONE:
            raise PermError(f"the redirect of {domain} leads to a domain without SPF: {decision.problem}")
        return decision

    def matches(self, domain: str, directive: Directive) -> bool:
        if directive.mechanism is Mechanism.ALL:
            return True
        if directive.network is not None:
            return self.identity.ip in directive.network
        self.session.count()
        target = self.expand(domain, directive.target) if directive.target else domain
        return _MATCH[directive.mechanism](self, target, directive)

    def include(self, target: str, directive: Directive) -> bool:
        decision = self.check(target)
        if decision.result is Result.NONE:
            raise PermError(f"{directive.text} leads to a domain without SPF: {decision.problem}")
        return decision.result is Result.PASS

    def a(self, target: str, directive: Directive) -> bool:
        return self.is_among(self.session.look_up(target, self.identity.rdtype), directive)

    def mx(self, target: str, directive: Directive) -> bool:
        """Every host is looked up before any address is compared (5.4), so that order decides nothing."""
        hosts = [host_of_mx(record) for record in self.session.look_up(target, "MX")]
        if len(hosts) > self.session.limits.names:
            raise PermError(f"{target} has {len(hosts)} MX records, and {self.session.limits.names} may be looked up")
        addresses = [one for host in hosts for one in self.session.look_up(host, self.identity.rdtype)]
        return self.is_among(addresses, directive)

    def exists(self, target: str, _: Directive) -> bool:
        return bool(self.session.look_up(target, "A"))

    def ptr(self, target: str, _: Directive) -> bool:
        wanted = target.lower()
        return any(name == wanted or name.endswith(f".{wanted}") for name in self.validated(self.session.look_up))

    def is_among(self, addresses: Iterable[bytes], directive: Directive) -> bool:
        length = directive.lengths[0] if self.identity.rdtype == "A" else directive.lengths[1]
        own, rest = int(self.identity.ip), self.identity.bits - length
        return any((int(ipaddress.ip_address(one.decode())) ^ own) >> rest == 0 for one in addresses)

    def validated(self, look_up: Callable[[str, str], tuple[bytes, ...]]) -> list[str]:
        """Names of the address that lead back to it (5.5); what the DNS does not tell is skipped."""
        whole = Directive(text="", qualifier="+", mechanism=Mechanism.A)
        names: list[str] = []
        try:
            found = [from_answer(record) for record in look_up(self.identity.reverse, "PTR")]
        except TempError:
            return names
        for name in found[: self.session.limits.names]:
            with suppress(TempError):
                names += [name] if self.is_among(look_up(name, self.identity.rdtype), whole) else []
        return names

    def expand(self, domain: str, spec: MacroString) -> str:
        """A domain-spec as a name for the DNS (7.3)."""
        return truncate(spec.expand(lambda letter: self.value(domain, letter)).removesuffix("."))

    def value(self, domain: str, letter: str) -> str:
        if letter == "d":
            return domain
        return self.preferred(domain) if letter == "p" else self.identity.value(letter)

    def preferred(self, domain: str) -> str:
        """Macro ``p``: the domain itself, else a name below it, else any validated name."""
        if self.names is None:
            self.names = self.validated(self.session.look_up)
        own = domain.lower()
        below = [name for name in self.names if name.endswith(f".{own}")]
        return own if own in self.names else next(iter([*below, *self.names]), "unknown")

    def explain(self, decision: _Decision) -> str:
        """The text that `exp` leads to (6.2); empty where anything about it is wrong."""
        if decision.record is None or decision.record.exp is None:
            return ""
        try:
            records = self.session.ask(self.expand(decision.domain, decision.record.exp), "TXT")
            if len(records) != 1:
                return ""
            spec = parse_explanation(records[0].decode("ascii"))
            text = spec.expand(lambda letter: self.value(decision.domain, letter))
        except (BadMacro, PermError, TempError, UnicodeDecodeError):
            return ""
        return text if all(" " <= character <= "~" for character in text) else ""


_MATCH: Mapping[Mechanism, Callable[[_Evaluation, str, Directive], bool]] = MappingProxyType(
    {
        Mechanism.INCLUDE: _Evaluation.include,
        Mechanism.A: _Evaluation.a,
        Mechanism.MX: _Evaluation.mx,
        Mechanism.PTR: _Evaluation.ptr,
        Mechanism.EXISTS: _Evaluation.exists,
    }
)
