"""Probes, sent a few at a time, and what came back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from readiness.address import shown
from readiness.api import Evidence, Http, HttpRequest, HttpResponse, Reason, Unreachable
from readiness.expect.exchange import status_words

AT_ONCE = 4
"""Probes that are under way at the same time: a battery, not a burst."""
TOO_MANY = 429


class Verdict(StrEnum):
    """What an answer means to Stripe."""

    ACCEPTED = "accepted"
    """2xx: delivered."""
    REDIRECTED = "redirected"
    """3xx: a failed delivery, for Stripe does not follow."""
    REFUSED = "refused"
    """4xx."""
    LIMITED = "limited"
    """429: nobody looked at the event."""
    BROKEN = "broken"
    """5xx."""
    SILENT = "silent"
    """No answer, or none that is HTTP."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One request, and what it is about."""

    name: str
    sent: str
    """What was sent, in words that hold no secret and no valid signature."""
    why: str
    """What follows where it goes wrong."""
    request: HttpRequest

    @property
    def subject(self) -> str:
        """``POST https://shop.example/hook (wrong key)``."""
        return f"{self.request.method} {shown(self.request.url)} ({self.name})"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What became of a probe: an answer, or the trouble on the way."""

    probe: Probe
    response: HttpResponse | None = None
    trouble: Unreachable | None = None

    @property
    def verdict(self) -> Verdict:
        """What it means."""
        if self.response is None:
            return Verdict.SILENT
        if self.response.status == TOO_MANY:
            return Verdict.LIMITED
        kinds = {2: Verdict.ACCEPTED, 3: Verdict.REDIRECTED, 4: Verdict.REFUSED}
        return kinds.get(self.response.status // 100, Verdict.BROKEN)

    @property
    def status(self) -> int:
        """The status code; 0 where there was no answer."""
        return self.response.status if self.response else 0

    @property
    def elapsed(self) -> float:
        """Seconds until all of the answer was there; without end where there was none."""
        return self.response.elapsed if self.response else math.inf

    @property
    def reason(self) -> Reason:
        """Why an outcome about it fails."""
        return self.trouble.reason if self.trouble else Reason.MISMATCH

    @property
    def words(self) -> str:
        """``400 Bad Request``, or the trouble."""
        if self.response is None:
            return f"by nothing ({self.trouble.message if self.trouble else 'no answer'})"
        target = self.response.header("location") if self.verdict is Verdict.REDIRECTED else None
        return status_words(self.status) + (f" to {target}" if target else "")

    @property
    def evidence(self) -> Evidence:
        """What was sent and what came back."""
        came = self.trouble.message if self.trouble else ""
        if self.response:
            kind = self.response.header("content-type") or "no content type"
            body = self.response.body.decode("utf-8", "replace")
            came = f"{self.words} in {self.response.elapsed:.2f}s ({kind})\n{body}"
        return Evidence.of(self.probe.subject, f"sent: {self.probe.sent}\nback: {came}")


Replies = Mapping[str, Reply]


def send(http: Http, probe: Probe) -> Reply:
    """Send one; being out of reach is a reply too."""
    try:
        return Reply(probe=probe, response=http.send(probe.request))
    except Unreachable as trouble:
        return Reply(probe=probe, trouble=trouble)


def send_all(http: Http, probes: Iterable[Probe], *, at_once: int = AT_ONCE) -> dict[str, Reply]:
    """Send all, and give the replies by name, in the order of the probes. Raises CannotTell as `http` does."""
    with ThreadPoolExecutor(at_once) as pool:
        replies = list(pool.map(lambda probe: send(http, probe), probes))
    return {reply.probe.name: reply for reply in replies}
