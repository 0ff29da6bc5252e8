"""What a TLS handshake must have shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from readiness.api import Outcome, Reason, TlsInfo
from readiness.expect.bounds import least
from readiness.expect.exchange import Exchange

DAY = 86_400.0
Version = Literal["TLSv1.2", "TLSv1.3"]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One assertion about a handshake, and what became of it."""

    what: str
    ok: bool
    expected: str
    observed: str


@dataclass(frozen=True, kw_only=True)
class Tls:
    """What the TLS handshake must have shown; a certificate that cannot be verified fails before this."""

    days_left: str | int | None = None
    """Days until the first certificate of the chain ends: ``>=21``."""
    min_version: Version | None = None
    """The oldest protocol version that may be agreed on with a client that offers the newest."""

    def __post_init__(self) -> None:
        if self.days_left is None and self.min_version is None:
            raise ValueError("`tls` is empty, so it asserts nothing: write days_left or min_version")
        if self.days_left is not None:
            least(self.days_left)

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome an option; plain HTTP fails."""
        shown = exchange.response.tls
        if shown is None:
            yield exchange.say("the connection", ok=False, expected="TLS", observed="plain HTTP", reason=Reason.TLS)
            return
        for seen in self.look(shown, exchange.world.now()):
            yield exchange.say(seen.what, ok=seen.ok, expected=seen.expected, observed=seen.observed)

    def look(self, shown: TlsInfo, now: datetime) -> Iterator[Seen]:
        """One finding an option."""
        if self.days_left is not None:
            bound, ends = least(self.days_left), shown.not_after
            days = (ends - now).total_seconds() / DAY
            observed = f"{days:.1f} days away ({ends:%Y-%m-%d}, issued by {shown.issuer})"
            expected = f"{bound.words} days"
            yield Seen(what="the certificate's end", ok=bound.holds(days), expected=expected, observed=observed)
        if self.min_version is not None:
            ok = shown.version.startswith("TLSv") and shown.version >= self.min_version
            yield Seen(what="the protocol", ok=ok, expected=f"at least {self.min_version}", observed=shown.version)


def covers(names: tuple[str, ...], host: str) -> bool:
    """Whether one of a certificate's names is for this host; ``*`` stands for one whole label (RFC 9525 6.3)."""
    host = host.lower().rstrip(".")
    parent = host.partition(".")[2]
    return any(name.lower() in {host, f"*.{parent}"} for name in names)
