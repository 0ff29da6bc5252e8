"""The grammar of a record (RFC 7208 12): directives, modifiers, and everything that is wrong with them."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from functools import cached_property, lru_cache

from readiness.light import dataclass
from readiness.mail.spf.macros import BadMacro, MacroString, parse_domain_spec, parse_macro_string
from readiness.mail.spf.mistakes import hint

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

VERSION = "v=spf1"
MODIFIER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
DIRECTIVE = re.compile(r"([-+?~]?)([^:/]*)(.*)", re.DOTALL)
DUAL_CIDR = re.compile(r"(.*?)(?:/(\d+))?(?://(\d+))?", re.ASCII | re.DOTALL)
LENGTH = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)


class Mechanism(StrEnum):
    """The mechanisms that there are (5)."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"

    @property
    def asks(self) -> bool:
        """It causes DNS lookups (4.6.4), as ``redirect`` does."""
        return self not in (Mechanism.ALL, Mechanism.IP4, Mechanism.IP6)


NEEDS_DOMAIN = frozenset({Mechanism.INCLUDE, Mechanism.EXISTS})
TAKES_DOMAIN = NEEDS_DOMAIN | {Mechanism.A, Mechanism.MX, Mechanism.PTR}
TAKES_LENGTH = frozenset({Mechanism.A, Mechanism.MX})


@dataclass(frozen=True, kw_only=True)
class Directive:
    """A mechanism with its qualifier."""

    text: str
    """As it is written."""
    qualifier: str
    """``+``, ``-``, ``~`` or ``?``."""
    mechanism: Mechanism
    target: MacroString | None = None
    """The domain-spec; None stands for the current domain."""
    lengths: tuple[int, int] = (32, 128)
    """Prefix lengths of `a` and `mx` for IPv4 and IPv6."""
    network: IPNetwork | None = None
    """Of `ip4` and `ip6`."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A term that is against the grammar."""

    term: str
    why: str

    def __str__(self) -> str:
        return f"{self.term!r}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record that was read, with its faults: with a single one it is worth nothing (4.6)."""

    text: str
    directives: tuple[Directive, ...]
    redirect: MacroString | None
    exp: MacroString | None
    modifiers: tuple[str, ...]
    """Names of all modifiers, in lower case."""
    faults: tuple[Fault, ...]

    @cached_property
    def last(self) -> Directive | None:
        """The first `all`: nothing behind it is evaluated (5.1)."""
        return next((one for one in self.directives if one.mechanism is Mechanism.ALL), None)

    @property
    def reached(self) -> tuple[Directive, ...]:
        """The directives that may be evaluated."""
        return self.directives[: self.directives.index(self.last) + 1] if self.last else self.directives

    @property
    def followed(self) -> MacroString | None:
        """The redirect, where no `all` makes it void (6.1)."""
        return None if self.last else self.redirect


class BadTerm(ValueError):
    """Why a term is against the grammar."""


@lru_cache(maxsize=128)
def parse(text: str) -> Record:
    """Read a record that :func:`readiness.mail.spf.records.select` chose. Never raises."""
    reader = _Reader()
    for term in text[len(VERSION) :].split(" "):
        if term:
            reader.read(term)
    return Record(
        text=text,
        directives=tuple(reader.directives),
        redirect=reader.known.get("redirect"),
        exp=reader.known.get("exp"),
        modifiers=tuple(reader.modifiers),
        faults=tuple(reader.faults),
    )


class _Reader:
    def __init__(self) -> None:
        self.directives: list[Directive] = []
        self.modifiers: list[str] = []
        self.known: dict[str, MacroString] = {}
        self.faults: list[Fault] = []

    def read(self, term: str) -> None:
        modifier = MODIFIER.fullmatch(term)
        try:
            if modifier:
                self.modifier(modifier[1].lower(), modifier[2])
            else:
                self.directives.append(_directive(term))
        except (BadTerm, BadMacro) as error:
            self.faults.append(Fault(term=term, why=hint(term) or str(error)))

    def modifier(self, name: str, value: str) -> None:
        """``redirect`` and ``exp`` once at most (6); of an unknown one only the macros have to be sound."""
        again = name in self.modifiers
        self.modifiers.append(name)
        if name not in ("redirect", "exp"):
            parse_macro_string(value)
            return
        if again:
            raise BadTerm(f"{name}= is there more than once")
        self.known[name] = parse_domain_spec(value)


def _directive(term: str) -> Directive:
    found = DIRECTIVE.fullmatch(term)
    qualifier, name, rest = found.groups() if found else ("", term, "")
    try:
        mechanism = Mechanism(name.lower())
    except ValueError:
        raise BadTerm("there is no such mechanism") from None
    if mechanism is Mechanism.ALL and rest:
        raise BadTerm("`all` takes nothing behind it")
    if mechanism in (Mechanism.IP4, Mechanism.IP6):
        network = _network(mechanism, rest)
        return Directive(text=term, qualifier=qualifier or "+", mechanism=mechanism, network=network)
    lengths, rest = _lengths(rest) if mechanism in TAKES_LENGTH else ((32, 128), rest)
    target = _target(mechanism, rest)
    return Directive(text=term, qualifier=qualifier or "+", mechanism=mechanism, target=target, lengths=lengths)


def _target(mechanism: Mechanism, rest: str) -> MacroString | None:
    if rest.startswith(":") and mechanism in TAKES_DOMAIN:
        return parse_domain_spec(rest[1:])
    if rest:
        raise BadTerm(f"`{mechanism}` takes no {rest!r}")
    if mechanism in NEEDS_DOMAIN:
        raise BadTerm(f"`{mechanism}` needs a domain: {mechanism}:example.com")
    return None


def _lengths(rest: str) -> tuple[tuple[int, int], str]:
    """Prefix lengths at the end, ``/24``, ``//64`` or ``/24//64``, and what stands before them."""
    found = DUAL_CIDR.fullmatch(rest)
    before, four, six = found.groups() if found else (rest, None, None)
    return (_length(four, 32), _length(six, 128)), before


def _length(digits: str | None, most: int) -> int:
    if digits is None:
        return most
    if not LENGTH.fullmatch(digits) or int(digits) > most:
        raise BadTerm(f"/{digits} is no prefix length: it goes from 0 to {most}, without leading zeros")
    return int(digits)


def _network(mechanism: Mechanism, rest: str) -> IPNetwork:
    four = mechanism is Mechanism.IP4
    address, slash, digits = rest.removeprefix(":").partition("/")
    if not rest.startswith(":") or not address:
        raise BadTerm(f"`{mechanism}` needs an address: {mechanism}:{'192.0.2.1' if four else '2001:db8::1'}")
    length = _length(digits if slash else None, 32 if four else 128)
    kind = ipaddress.IPv4Network if four else ipaddress.IPv6Network
    try:
        return kind((address.replace("%", "no scope"), length), strict=False)
    except ValueError:
        raise BadTerm(f"{address!r} is no {'IPv4' if four else 'IPv6'} address") from None
