"""Security headers of an answer: a baseline by MDN's HTTP Observatory, header by header.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.api import Outcome, Reason
from readiness.expect.cookies import cookie_faults, cookie_name
from readiness.expect.csp import ANYWHERE, faults, frame_ancestors, parse_policies
from readiness.expect.exchange import Exchange

SIX_MONTHS = 15_768_000
"""Seconds."""
PRIVATE = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
LEAKING = frozenset({"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"})
NAMES = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "set-cookie",
)
"""Headers that the evidence keeps."""
TELLING = (
    "server",
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-debug-token",
    "x-debug-token-link",
    "x-sourcefiles",
    "via",
)
"""Headers by which software introduces itself."""
MENTIONED = frozenset({"server", "via"})
"""Those that may name a product; its version is what an attacker looks up."""
VERSION = re.compile(r"[/ ]v?\d+\.\d|/v?\d|\((?:ubuntu|debian|centos|red hat|unix|win\d+)", re.IGNORECASE)
VIA_PROTOCOL = re.compile(r"(?:^|,)\s*(?:[A-Za-z]+/)?\d(?:\.\d)?\s")
"""What stands before each proxy's name in Via (RFC 9110 7.6.3), and is no version of the software."""
POWERFUL = ("camera", "geolocation", "microphone", "payment", "usb", "display-capture")
"""Features that Permissions-Policy must not give to everybody."""

Header = Literal["hsts", "csp", "nosniff", "framing", "referrer", "cookies", "permissions", "opener", "disclosure"]
BASELINE: tuple[Header, ...] = ("hsts", "csp", "nosniff", "framing", "referrer", "cookies")


@dataclass(frozen=True, kw_only=True)
class Security:
    """Each header is one outcome, and each cookie."""

    headers: tuple[Header, ...] = BASELINE
    max_age: int = SIX_MONTHS
    """Seconds that HSTS must at least hold for."""
    subdomains: bool = False
    """HSTS must have includeSubDomains."""

    def __post_init__(self) -> None:
        if not self.headers:
            raise ValueError(f"`headers` is empty, so it asserts nothing; choose from {', '.join(get_args(Header))}")

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome a header that is asked for, and one a cookie."""
        if "hsts" in self.headers:
            yield from self._transport(exchange)
        for header, look in LOOKS.items():
            if header in self.headers:
                yield from look(exchange)

    def _transport(self, exchange: Exchange) -> Iterator[Outcome]:
        """HSTS (RFC 6797), which browsers take from https alone (8.1).

        Plain HTTP is not asked for it on this machine, nor in the baseline; elsewhere there is no HTTP to protect.
        """
        parts = urlsplit(exchange.response.url)
        if parts.scheme == "https":
            yield self._hsts(exchange)
        elif not is_loopback_host(parts.hostname or "") and self.headers != BASELINE:
            what, expected = "the header strict-transport-security", "https, as browsers ignore it over plain HTTP"
            yield exchange.say(what, ok=False, expected=expected, observed="sent over plain HTTP", reason=Reason.TLS)

    def _hsts(self, exchange: Exchange) -> Outcome:
        """The first header counts, its directives know no case (6.1)."""
        name = "strict-transport-security"
        expected = f"max-age of at least {self.max_age}{' and includeSubDomains' if self.subdomains else ''}"
        values = _values(exchange, name)
        if not values:
            return _missing(exchange, name, expected)
        pairs = (part.partition("=") for part in values[0].split(";"))
        directives = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        age = directives.get("max-age", "")
        long_enough = age.isdecimal() and int(age) >= self.max_age
        ok = long_enough and ("includesubdomains" in directives or not self.subdomains)
        return exchange.say(f"the header {name}", ok=ok, expected=expected, observed=values[0])


def _https(exchange: Exchange) -> bool:
    return urlsplit(exchange.response.url).scheme == "https"


def _policy(exchange: Exchange) -> Iterator[Outcome]:
    name, expected = "content-security-policy", "a policy that keeps foreign and inline scripts out"
    policies = parse_policies(_values(exchange, name))
    if not policies:
        yield _missing(exchange, name, expected)
        return
    wrong = faults(policies, https=_https(exchange))
    observed = f"too weak: {'; '.join(dict.fromkeys(wrong))}" if wrong else "strong enough"
    yield exchange.say(f"the header {name}", ok=not wrong, expected=expected, observed=observed)


def _sniffing(exchange: Exchange) -> Iterator[Outcome]:
    """Fetch 3.4: the first of its values counts."""
    name, seen = "x-content-type-options", exchange.response.header("x-content-type-options")
    if seen is None:
        yield _missing(exchange, name, "nosniff")
        return
    ok = seen.split(",")[0].strip().lower() == "nosniff"
    yield exchange.say(f"the header {name}", ok=ok, expected="nosniff", observed=seen)


def _framing(exchange: Exchange) -> Iterator[Outcome]:
    """``frame-ancestors`` makes browsers ignore X-Frame-Options (CSP3 6.4.2.2)."""
    what, expected = "protection against framing", "frame-ancestors in the CSP, or X-Frame-Options DENY or SAMEORIGIN"
    lists = frame_ancestors(parse_policies(_values(exchange, "content-security-policy")))
    if lists:
        ok = any(not set(sources) & ANYWHERE for sources in lists)
        observed = "; ".join(f"frame-ancestors {' '.join(sources)}" for sources in lists)
        yield exchange.say(what, ok=ok, expected=expected, observed=observed)
        return
    seen = exchange.response.header("x-frame-options")
    if seen is None:
        yield exchange.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
        return
    ok = {part.strip().lower() for part in seen.split(",")} in ({"deny"}, {"sameorigin"})
    yield exchange.say(what, ok=ok, expected=expected, observed=f"X-Frame-Options {seen}")


def _referrer(exchange: Exchange) -> Iterator[Outcome]:
    """Referrer Policy 8.1: the last value that a browser knows counts."""
    name, expected = "referrer-policy", f"one of {', '.join(sorted(PRIVATE))}"
    seen = exchange.response.header(name)
    if seen is None:
        yield _missing(exchange, name, expected)
        return
    known = [word for part in seen.split(",") if (word := part.strip().lower()) in PRIVATE | LEAKING]
    ok = bool(known) and known[-1] in PRIVATE
    yield exchange.say(f"the header {name}", ok=ok, expected=expected, observed=seen)


def _cookies(exchange: Exchange) -> Iterator[Outcome]:
    for header in _values(exchange, "set-cookie"):
        wrong = tuple(cookie_faults(header, https=_https(exchange)))
        expected = "Secure over https, HttpOnly for a session, a valid SameSite"
        observed = f"unsafe: it {' and '.join(wrong)}" if wrong else "safe"
        yield exchange.say(f"the cookie {cookie_name(header)}", ok=not wrong, expected=expected, observed=observed)


def _permissions(exchange: Exchange) -> Iterator[Outcome]:
    """Permissions Policy: a structured dictionary, ``camera=(), geolocation=(self)``."""
    name, expected = "permissions-policy", "a policy that gives no powerful feature to everybody"
    seen = exchange.response.header(name)
    if seen is None:
        yield _missing(exchange, name, expected)
        return
    pairs = (part.partition("=") for part in seen.split(","))
    given = {key.strip().lower(): value.strip() for key, _, value in pairs}
    open_to_all = [feature for feature in POWERFUL if "*" in given.get(feature, "")]
    understood = any(value for value in given.values())
    observed = f"too wide: {', '.join(open_to_all)} for everybody" if open_to_all else seen
    yield exchange.say(
        f"the header {name}", ok=understood and not open_to_all, expected=expected, observed=observed or "empty"
    )


def _opener(exchange: Exchange) -> Iterator[Outcome]:
    name, expected = "cross-origin-opener-policy", "same-origin or same-origin-allow-popups"
    seen = exchange.response.header(name)
    if seen is None:
        yield _missing(exchange, name, expected)
        return
    ok = seen.partition(";")[0].strip() in {"same-origin", "same-origin-allow-popups", "noopener-allow-popups"}
    yield exchange.say(f"the header {name}", ok=ok, expected=expected, observed=seen)


def _disclosure(exchange: Exchange) -> Iterator[Outcome]:
    found = [f"{name}: {seen}" for name in TELLING if (seen := exchange.response.header(name)) and _tells(name, seen)]
    observed = f"told: {'; '.join(found)}" if found else "not told"
    yield exchange.say("the version of the software", ok=not found, expected="not told", observed=observed)


def _tells(name: str, value: str) -> bool:
    return name not in MENTIONED or bool(VERSION.search(VIA_PROTOCOL.sub(" ", value) if name == "via" else value))


def _missing(exchange: Exchange, name: str, expected: str) -> Outcome:
    what = f"the header {name}"
    return exchange.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)


def _values(exchange: Exchange, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in exchange.response.headers if key == name)


LOOKS: dict[Header, Callable[[Exchange], Iterator[Outcome]]] = {
    "csp": _policy,
    "nosniff": _sniffing,
    "framing": _framing,
    "referrer": _referrer,
    "cookies": _cookies,
    "permissions": _permissions,
    "opener": _opener,
    "disclosure": _disclosure,
}
