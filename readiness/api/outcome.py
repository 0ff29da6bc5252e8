"""What a check may say: outcomes with their evidence, and the two ways of not reaching one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from readiness.light import dataclass

EVIDENCE_LIMIT = 2_000
"""Characters of an observation that a report keeps; the digest covers all of it."""


class Reads(StrEnum):
    """What a check looks at; chooses its lane in the runner, and what ``--offline`` leaves out."""

    REPO = "repo"
    ENV = "env"
    DNS = "dns"
    NETWORK = "network"
    STRIPE = "stripe"
    DB = "db"
    EXEC = "exec"
    BROWSER = "browser"


class Effect(StrEnum):
    """What a check does to the world besides looking; all but READ need the operator's ``--allow``."""

    READ = "read"
    TRAFFIC = "traffic"
    """Load or bursts of requests."""
    WRITE = "write"
    """Creates or changes something outside."""
    EXEC = "exec"
    """Runs a program that the checklist names."""


class Reason(StrEnum):
    """Why an item is not `pass`: the closed list, one code an item."""

    # an observation contradicts the item
    MISSING = "missing"
    MISMATCH = "mismatch"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    # nothing is known (TIMEOUT also where our own endpoint was too slow to answer)
    TIMEOUT = "timeout"
    DENIED = "denied"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not_found"
    NOTHING_CHECKED = "nothing_checked"
    CRASH = "crash"
    # this run did not look
    NEEDS = "needs"
    FILTERED = "filtered"
    OFFLINE = "offline"
    OUT_OF_SCOPE = "out_of_scope"
    EFFECT_REFUSED = "effect_refused"
    INTERRUPTED = "interrupted"
    # only a person can say
    NEVER_ATTESTED = "never_attested"
    EXPIRED = "expired"
    STALE_DEFINITION = "stale_definition"
    OTHER_RELEASE = "other_release"
    NO_EVIDENCE = "no_evidence"
    WRONG_ROLE = "wrong_role"
    FUTURE = "future"
    """Attested at a time that is not yet, by this machine's clock."""
    # a person said so: that it does not hold, or that it does not apply
    ATTESTED = "attested"
    # does not concern this environment or configuration
    ENVIRONMENT = "environment"
    WHEN = "when"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was seen, and where; enough for a stranger to look again."""

    source: str
    """Where it was seen: ``api/main.py:12``, ``GET https://...``, ``TXT kamiyo.ai @127.0.0.1:53``."""
    seen: str
    """The observation, cut to :data:`EVIDENCE_LIMIT` characters."""
    sha256: str
    """Digest of the whole observation, in hex."""

    @classmethod
    def of(cls, source: str, seen: str | bytes) -> Self:
        """Keep the beginning of an observation and the digest of all of it."""
        raw = seen.encode("utf-8", "backslashreplace") if isinstance(seen, str) else seen
        text = seen if isinstance(seen, str) else seen.decode("utf-8", "backslashreplace")
        if len(text) > EVIDENCE_LIMIT:
            text = f"{text[:EVIDENCE_LIMIT]} ... ({len(raw)} bytes)"
        return cls(source=source, seen=text, sha256=hashlib.sha256(raw).hexdigest())


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One assertion and what became of it; make it with :func:`passed` or :func:`failed`."""

    ok: bool
    message: str
    """One sentence that makes sense without the checklist at hand."""
    reason: Reason | None = None
    """Set where the assertion does not hold."""
    expected: str | None = None
    observed: str | None = None
    subject: str | None = None
    """What the assertion is about: a URL, a file, a variable, a price id."""
    evidence: tuple[Evidence, ...] = ()


def passed(
    message: str,
    *,
    expected: object = None,
    observed: object = None,
    subject: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Outcome:
    """An assertion that holds."""
    return Outcome(
        ok=True,
        message=message,
        expected=_text(expected),
        observed=_text(observed),
        subject=subject,
        evidence=tuple(evidence),
    )


def failed(
    message: str,
    *,
    reason: Reason = Reason.MISMATCH,
    expected: object = None,
    observed: object = None,
    subject: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Outcome:
    """An assertion that an observation contradicts."""
    return Outcome(
        ok=False,
        message=message,
        reason=reason,
        expected=_text(expected),
        observed=_text(observed),
        subject=subject,
        evidence=tuple(evidence),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class CannotTell(Exception):
    """The instrument was out of reach (a resolver, Stripe's API, a tool): the item becomes `error`.

    Never raise it for a fact about the subject, and never swallow it: "I could not tell" is an
    answer, and it blocks.
    """

    def __init__(self, message: str, *, reason: Reason = Reason.UNAVAILABLE, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.fix = fix
        """How to get the instrument back, in one sentence."""


class OtherMode(CannotTell):
    """Stripe has the object, but in the other mode than the key's (test instead of live, or live instead of test).

    Where a check asked for an object by an id that the service uses, this is a fact about the
    service, and the check turns it into a failure; unhandled it is an `error`.
    """


class KeyRefused(CannotTell):
    """The key with which Stripe is asked is not set, is none, or is not accepted (401).

    Where a check is about the key, this is a fact about the service, and the check turns it into a
    failure; unhandled it is an `error`.
    """


class Unreachable(Exception):
    """Our own subject (an endpoint, a page) does not answer: the item becomes `fail`.

    ``reason`` is UNREACHABLE, TIMEOUT or TLS. The runner tries again as often as ``retries`` says.
    """

    def __init__(self, message: str, *, reason: Reason = Reason.UNREACHABLE, subject: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.subject = subject
