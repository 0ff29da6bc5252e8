"""The kind `http.security_headers`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import Effect, Outcome, Reads, World
from readiness.duration import parse_duration
from readiness.expect.exchange import Exchange
from readiness.expect.request import Request, built, effect_of, lines_of
from readiness.expect.security import BASELINE, NAMES, TELLING, Header, Security


@dataclass(frozen=True, kw_only=True)
class HttpSecurityHeaders:
    """Answers carry the headers that keep browsers from being used against their owners.

    Each header is an outcome of its own, by the thresholds of MDN's HTTP Observatory, and so is
    each cookie that is set:

    - `hsts`: Strict-Transport-Security. Browsers take it from https alone (RFC 6797 8.1), so plain
      HTTP on this machine is not asked for it, and plain HTTP elsewhere fails;
    - `csp`: a Content-Security-Policy that keeps foreign and inline scripts out; one that only
      reports is none;
    - `nosniff`: X-Content-Type-Options;
    - `framing`: frame-ancestors of the policy, or X-Frame-Options where there is none;
    - `referrer`: Referrer-Policy, of which the last value that browsers know counts;
    - `cookies`: Secure over https, HttpOnly for a session, a valid SameSite, `__Host-` kept;
    - `permissions`: a Permissions-Policy that gives no powerful feature to everybody;
    - `opener`: Cross-Origin-Opener-Policy;
    - `disclosure`: neither Server nor X-Powered-By and their like tell a version to attackers.

    The last three are not looked at unless `headers` names them. Error answers need the headers
    too: name a page, an answer of the API and one that fails.
    """

    id: ClassVar = "http.security_headers"
    reads: ClassVar = frozenset({Reads.NETWORK})

    requests: tuple[Request, ...]
    """What is asked for; each answer must carry the headers."""
    headers: tuple[Header, ...] = BASELINE
    """Which headers are looked at."""
    max_age: str = "182.5d"
    """How long HSTS must hold at least: half a year is the Observatory's threshold, preload lists want ``365d``."""
    include_subdomains: bool = False
    """HSTS must cover subdomains too."""

    def __post_init__(self) -> None:
        self._wanted()
        built(self.requests)

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        return effect_of(built(self.requests))

    def looks_at(self) -> Iterator[str]:
        """Each request once."""
        yield from lines_of(built(self.requests))

    def run(self, world: World) -> Iterator[Outcome]:
        """Send each request and judge the headers of its answer."""
        wanted = self._wanted()
        for request in built(self.requests):
            yield from wanted.judge(Exchange.of(world, request, shown=frozenset({*NAMES, *TELLING})))

    def _wanted(self) -> Security:
        return Security(
            headers=self.headers, max_age=int(parse_duration(self.max_age)), subdomains=self.include_subdomains
        )
