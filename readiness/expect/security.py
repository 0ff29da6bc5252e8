"""Security headers of an answer: a baseline by MDN's HTTP Observatory, header by header.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

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
    "set-cookie",
)


@dataclass(frozen=True, kw_only=True)
class Security:
    """The baseline: each header is one outcome, and each cookie."""

    level: Literal["baseline"] = "baseline"

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """Browsers take HSTS and Secure from https alone, so plain HTTP is not asked for them."""
        https = urlsplit(exchange.response.url).scheme == "https"
        if https:
            yield _transport(exchange)
        yield _policy(exchange, https=https)
        yield _sniffing(exchange)
        yield _framing(exchange)
        yield _referrer(exchange)
        for cookie in _values(exchange, "set-cookie"):
            yield _cookie(exchange, cookie, https=https)


def _transport(exchange: Exchange) -> Outcome:
    """HSTS (RFC 6797): the first header counts, its directives know no case."""
    name, expected = "strict-transport-security", f"max-age of at least {SIX_MONTHS}"
    values = _values(exchange, name)
    if not values:
        return _missing(exchange, name, expected)
    pairs = (part.partition("=") for part in values[0].split(";"))
    directives = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    age = directives.get("max-age", "")
    ok = age.isdecimal() and int(age) >= SIX_MONTHS
    return exchange.say(f"the header {name}", ok=ok, expected=expected, observed=values[0])


def _policy(exchange: Exchange, *, https: bool) -> Outcome:
    name, expected = "content-security-policy", "a policy that keeps foreign and inline scripts out"
    policies = parse_policies(_values(exchange, name))
    if not policies:
        return _missing(exchange, name, expected)
    wrong = faults(policies, https=https)
    observed = f"too weak: {'; '.join(dict.fromkeys(wrong))}" if wrong else "strong enough"
    return exchange.say(f"the header {name}", ok=not wrong, expected=expected, observed=observed)


def _sniffing(exchange: Exchange) -> Outcome:
    """Fetch 3.4: the first of its values counts."""
    name, seen = "x-content-type-options", exchange.response.header("x-content-type-options")
    if seen is None:
        return _missing(exchange, name, "nosniff")
    ok = seen.split(",")[0].strip().lower() == "nosniff"
    return exchange.say(f"the header {name}", ok=ok, expected="nosniff", observed=seen)


def _framing(exchange: Exchange) -> Outcome:
    """``frame-ancestors`` makes browsers ignore X-Frame-Options (CSP3 6.4.2.2)."""
    what, expected = "protection against framing", "frame-ancestors in the CSP, or X-Frame-Options DENY or SAMEORIGIN"
    lists = frame_ancestors(parse_policies(_values(exchange, "content-security-policy")))
    if lists:
        ok = any(not set(sources) & ANYWHERE for sources in lists)
        observed = "; ".join(f"frame-ancestors {' '.join(sources)}" for sources in lists)
        return exchange.say(what, ok=ok, expected=expected, observed=observed)
    seen = exchange.response.header("x-frame-options")
    if seen is None:
        return exchange.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
    ok = {part.strip().lower() for part in seen.split(",")} in ({"deny"}, {"sameorigin"})
    return exchange.say(what, ok=ok, expected=expected, observed=f"X-Frame-Options {seen}")


def _referrer(exchange: Exchange) -> Outcome:
    """Referrer Policy 8.1: the last value that a browser knows counts."""
    name, expected = "referrer-policy", f"one of {', '.join(sorted(PRIVATE))}"
    seen = exchange.response.header(name)
    if seen is None:
        return _missing(exchange, name, expected)
    known = [word for part in seen.split(",") if (word := part.strip().lower()) in PRIVATE | LEAKING]
    ok = bool(known) and known[-1] in PRIVATE
    return exchange.say(f"the header {name}", ok=ok, expected=expected, observed=seen)


def _cookie(exchange: Exchange, header: str, *, https: bool) -> Outcome:
    wrong = tuple(cookie_faults(header, https=https))
    expected = "Secure over https, HttpOnly for a session, a valid SameSite"
    observed = f"unsafe: it {' and '.join(wrong)}" if wrong else "safe"
    return exchange.say(f"the cookie {cookie_name(header)}", ok=not wrong, expected=expected, observed=observed)


def _missing(exchange: Exchange, name: str, expected: str) -> Outcome:
    what = f"the header {name}"
    return exchange.say(what, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)


def _values(exchange: Exchange, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in exchange.response.headers if key == name)
