"""The kind `http.tls`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urljoin, urlsplit

from readiness.address import shown
from readiness.api import (
    Effect,
    Evidence,
    HttpRequest,
    Outcome,
    Reads,
    Reason,
    TlsInfo,
    Unreachable,
    World,
    failed,
    passed,
)
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.origins import origin_of, site_of
from readiness.expect.tls import Seen, Tls, Version, covers

OLD = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1"}


@dataclass(frozen=True, kw_only=True)
class HttpTls:
    """A host shows a certificate that clients trust, for long enough, over a version that is not broken.

    The chain is verified as browsers do: trusted issuer, every certificate within its time, the
    host's name, keys and digests that are strong enough. What is wrong is told with OpenSSL's code
    (10 expired, 18 to 20 self-signed or an unknown issuer, 62 another host), and the certificate
    shown as it was sent. Browsers fetch a missing intermediate certificate by themselves; Stripe,
    phones and programs do not, so a chain must be whole.

    Only the handshake is made, nothing is asked over it: any port that speaks TLS will do. Plain
    HTTP fails.
    """

    id: ClassVar = "http.tls"
    reads: ClassVar = frozenset({Reads.NETWORK})
    effect: ClassVar = Effect.READ

    url: str
    """An https URL; its host and port are looked at."""
    days_left: str | int = 21
    """Days until the first certificate of the chain ends: ``>=21``."""
    min_version: Version = "TLSv1.2"
    """The oldest version that may be agreed on with a client that offers the newest."""
    old_versions: Literal["refused", "ignored"] = "refused"
    """TLS 1.0 and 1.1 (RFC 8996) are offered alone, and must be refused."""
    names: tuple[str, ...] = ()
    """Other hosts that the certificate must be for as well: ``www.kamiyo.ai``."""
    redirect_from: str | None = None
    """A plain http URL that must lead to https on the same site."""

    def __post_init__(self) -> None:
        Tls(days_left=self.days_left)
        if urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).hostname:
            raise ValueError(f"{shown(self.url)!r} is no https URL")
        plain = urlsplit(self.redirect_from or "http://x")
        if plain.scheme != "http" or not plain.hostname:
            raise ValueError("`redirect_from` is an http URL: what must lead to https")
        if any("://" in name or "/" in name for name in self.names):
            raise ValueError("`names` are names of hosts, without scheme and path")

    def looks_at(self) -> Iterator[str]:
        """The host, and the address that must lead to it."""
        yield f"TLS {origin_of(self.url)}"
        if self.redirect_from:
            yield f"GET {shown(self.redirect_from)}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Shake hands with the newest version, then offer the old ones."""
        if urlsplit(self.url).scheme == "http":
            yield self._said(Seen(what="the connection", ok=False, expected="TLS", observed="plain HTTP"))
        else:
            yield from self._certificate(world)
        if self.redirect_from:
            yield self._redirected(world, self.redirect_from)

    def _certificate(self, world: World) -> Iterator[Outcome]:
        try:
            tls = world.http.handshake(self.url)
        except Unreachable as error:
            yield failed(
                error.message, reason=error.reason, expected="a trusted certificate", subject=origin_of(self.url)
            )
            if error.reason is not Reason.TLS:
                return
        else:
            yield from self._judged(world, tls)
        if self.old_versions == "refused":
            for version, words in OLD.items():
                taken = world.http.takes_up(self.url, version)
                observed = "taken up" if taken else "refused"
                yield self._said(Seen(what=words, ok=not taken, expected="refused", observed=observed))

    def _judged(self, world: World, tls: TlsInfo) -> Iterator[Outcome]:
        trusted = f"trusted: {', '.join(tls.names[:5])}, issued by {tls.issuer}"
        yield self._said(Seen(what="the certificate", ok=True, expected="trusted", observed=trusted), tls)
        for seen in Tls(days_left=self.days_left, min_version=self.min_version).look(tls, world.now()):
            yield self._said(seen, tls)
        for name in self.names:
            covered = covers(tls.names, name)
            observed = "covered" if covered else f"not among {', '.join(tls.names)}"
            yield self._said(Seen(what=f"the name {name}", ok=covered, expected="covered", observed=observed), tls)

    def _said(self, seen: Seen, tls: TlsInfo | None = None) -> Outcome:
        subject = origin_of(self.url)
        sentence = f"{subject}: {seen.what} is {seen.observed}"
        facts = f"{tls.version}, {tls.cipher}\n{tls.subject}\n{tls.issuer}\n{tls.not_after:%Y-%m-%d}" if tls else ""
        evidence = (Evidence.of(f"TLS {subject}", facts or sentence),)
        told = {"expected": seen.expected, "observed": seen.observed, "subject": subject}
        if seen.ok:
            return passed(sentence, evidence=evidence, **told)
        return failed(f"{sentence}, expected {seen.expected}", reason=Reason.TLS, evidence=evidence, **told)

    def _redirected(self, world: World, plain: str) -> Outcome:
        """One hop: what a browser does with a name that somebody typed."""
        exchange = Exchange.of(world, HttpRequest(url=plain))
        target = urljoin(plain, exchange.response.header("location") or "")
        there, own = urlsplit(target), urlsplit(plain)
        secure = there.scheme == "https" and site_of(there.hostname or "") == site_of(own.hostname or "")
        ok = secure and exchange.response.status in {301, 302, 303, 307, 308}
        observed = f"{status_words(exchange.response.status)} to {shown(target)}"
        if not exchange.response.header("location"):
            observed = f"{status_words(exchange.response.status)} without a redirect"
        return exchange.say("the answer", ok=ok, expected="a redirect to https on the same site", observed=observed)
