"""The likely cause, from the pattern of the answers: tables of what is seen and what it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from readiness.api import Reason
from readiness.webhook.forgeries import FORGERIES, NOTHINGS
from readiness.webhook.replies import Replies, Reply, Verdict

NOT_VERIFIED = "the signature is not verified"
WRONG_SECRET = "wrong secret"  # noqa: S105 - a diagnosis, no secret
PARSED = "body parsed before verification"
EMPTY = "empty secret accepted"
CSRF = "CSRF refuses it"
REDIRECTED = "redirected: Stripe does not follow"
SLOW = "slow: it does its work before it answers; acknowledge first, and work from a queue"

RESERIALISED = frozenset({"serialised again, indented", "serialised again, spaced", "serialised again, compact"})
BLANK = frozenset({"unsigned", "empty header", "garbage", "time only", "empty signature"})
"""Forgeries without a signature."""
OTHER_BODY = frozenset({"tampered", "another event's signature"})
STALE = frozenset({"an hour old", "two times, the old one first", "two times, the new one first"})
KEYS = frozenset(f"key {word}" for word in NOTHINGS)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What explains some accepted forgeries."""

    of: frozenset[str]
    """Names of the probes that it explains."""
    when: Callable[[frozenset[str]], bool]
    """Whether it does, by the names of all that were accepted."""
    cause: str


FORGED = (
    Rule(
        of=frozenset(forgery.name for forgery in FORGERIES),
        when=lambda accepted: {"unsigned", "wrong key", "tampered"} <= accepted,
        cause=f"{NOT_VERIFIED}: call construct_event with the raw body, the header and the secret before anything else",
    ),
    Rule(
        of=frozenset({"empty key"}),
        when=lambda _: True,
        cause=f"{EMPTY}: the service runs with an empty secret, which stripe < 15.6.0 takes; set it, and upgrade",
    ),
    Rule(
        of=KEYS,
        when=lambda _: True,
        cause="the secret is not set and became a text; refuse to start without it",
    ),
    Rule(
        of=RESERIALISED,
        when=lambda accepted: "tampered" not in accepted,
        cause=f"{PARSED}: the signature is compared with that of JSON written anew; verify the raw bytes",
    ),
    Rule(
        of=frozenset({*BLANK, "wrong key", *OTHER_BODY, *RESERIALISED}),
        when=lambda accepted: "wrong key" in accepted and not accepted & {"unsigned", "garbage"},
        cause="the header's form is looked at, but its signature is compared with nothing",
    ),
    Rule(
        of=BLANK,
        when=lambda accepted: "wrong key" not in accepted,
        cause="verification is left out where there is no signature to verify; refuse such requests",
    ),
    Rule(
        of=frozenset({*OTHER_BODY, *RESERIALISED}),
        when=lambda accepted: "wrong key" not in accepted,
        cause="the signature is verified over something else than the body that is used",
    ),
    Rule(
        of=frozenset({"v0 only"}),
        when=lambda _: True,
        cause="the scheme is not looked at; only v1 counts",
    ),
    Rule(
        of=STALE,
        when=lambda accepted: "an hour old" in accepted,
        cause="the tolerance is off or far too long; Stripe's libraries take five minutes",
    ),
    Rule(
        of=STALE,
        when=lambda _: True,
        cause="the time that is compared with the clock is not the one that is signed",
    ),
    Rule(
        of=frozenset({"cross-site, forged"}),
        when=lambda _: True,
        cause=f"{NOT_VERIFIED} there",
    ),
    Rule(
        of=frozenset({"other mode"}),
        when=lambda _: True,
        cause="the event's livemode is not compared with the mode that the service runs in",
    ),
    Rule(
        of=frozenset({"GET"}),
        when=lambda _: True,
        cause="a catch-all page of the frontend, or a handler that does not look at the method",
    ),
)
"""In order; the first that fits is told."""


def of_forgery(reply: Reply, replies: Replies) -> str:
    """Why a forgery was not refused, or nothing where nobody can say."""
    match reply.verdict:
        case Verdict.REDIRECTED:
            return redirected(reply)
        case Verdict.BROKEN:
            return "the handler crashes on it; catch what the verification raises, and answer 400"
        case Verdict.SILENT:
            return silent(reply)
        case Verdict.ACCEPTED:
            accepted = frozenset(name for name, other in replies.items() if other.verdict is Verdict.ACCEPTED)
            return _first(FORGED, reply.probe.name, accepted - {"signed"})
        case _:
            return ""


def _first(rules: Iterable[Rule], name: str, accepted: frozenset[str]) -> str:
    """The cause by the first rule that fits."""
    fitting = (rule.cause for rule in rules if name in rule.of and rule.when(accepted))
    return next(fitting, "")


def redirected(reply: Reply) -> str:
    """Of a 3xx."""
    target = (reply.response.header("location") if reply.response else None) or "where it leads"
    return f"{REDIRECTED}; register {target} itself, or serve the webhook where it is registered"


def silent(reply: Reply) -> str:
    """Of no answer, where another probe got one."""
    return SLOW if reply.reason is Reason.TIMEOUT else "the handler or its process ends the connection; see its log"


STATUSES = {
    401: "a login is asked for, which Stripe has not; exempt the path from authentication",
    403: f"{CSRF}, or a firewall or a login does; exempt the path, its signature is its protection",
    404: "there is no such route; compare the path, its prefix and a slash at its end",
    405: "the route takes no POST",
    407: "a proxy asks for a login",
    413: "the body is too long for the service; an event may have a few hundred kilobytes",
    415: "the content type is compared as a text; Stripe sends `application/json; charset=utf-8`",
    419: f"{CSRF}; exempt the path, its signature is its protection",
    422: f"{PARSED}: the framework validates it as a model; take the raw bytes of the request",
    429: "the rate limit counts Stripe's deliveries, which come in bursts; exempt the path",
}
"""Statuses that say themselves what it is."""
BROKEN = (
    "the handler crashes on a genuine event: see its log; "
    "an unset secret, or an event taken for a dict (.get raises since stripe 15), are common"
)
FIRST_ONLY = "only the first v1 is compared; while a secret is rolled, any of them may be the right one"
DECODED = f"{PARSED}, or decoded as something else than UTF-8; verify the raw bytes"
ONE_WAY = f"{PARSED}: only JSON that is written one way survives; verify the raw bytes"
EVENT_REFUSED = (
    "the signature counts, but the event does not: its type, its livemode or its API version is refused; "
    "acknowledge what is not handled, and compare `mode` and `api_version` with the service's"
)
STYLES = frozenset({"signed", "compact", "spaced", "non-ascii"})
"""Genuine events that differ in how their JSON is written."""
SECRETS = {
    "secret with a newline": f"{WRONG_SECRET}: the service's has a newline at its end",
    "secret in quotes": f"{WRONG_SECRET}: the service's has quotes around it",
    "secret without whsec_": f"{WRONG_SECRET}: the service's lacks the beginning whsec_",
    "empty key": f"{EMPTY}: the service runs without one, which stripe < 15.6.0 takes",
}
"""Names of the probes that find out what the service has instead of the secret."""


STRANGER = "wrong key"
"""Name of the probe that shows how a wrong signature is refused."""
_VARYING = re.compile(rb"[0-9A-Fa-f-]{6,}|[0-9]+")
"""Ids and times in a body."""


def of_refusal(reply: Reply, replies: Replies, *, padded: bool) -> str:
    """Why a genuine event was not accepted."""
    match reply.verdict:
        case Verdict.REDIRECTED:
            return redirected(reply)
        case Verdict.BROKEN:
            return BROKEN
        case Verdict.SILENT:
            return silent(reply)
        case _ if reply.status in STATUSES and not _only_one_style(reply, replies):
            return STATUSES[reply.status]
        case _:
            return _by_pattern(reply.probe.name, replies, padded=padded)


def _plain(reply: Reply) -> tuple[int, bytes]:
    """An answer without what differs from one to the next."""
    return reply.status, _VARYING.sub(b"", reply.response.body if reply.response else b"")


def _only_one_style(reply: Reply, replies: Replies) -> bool:
    """Another way to write the JSON was accepted, so it is not the status that matters."""
    name = reply.probe.name
    return name in STYLES and any(replies[style].verdict is Verdict.ACCEPTED for style in STYLES & replies.keys())


def _by_pattern(name: str, replies: Replies, *, padded: bool) -> str:
    """Why a genuine event got a 400: from which others did and did not; the first that holds."""
    accepted = {other for other, reply in replies.items() if reply.verdict is Verdict.ACCEPTED}
    styles = STYLES & replies.keys()
    alone = "signed" in accepted
    known = STRANGER in replies and _plain(replies[STRANGER]) != _plain(replies[name])
    white = ", whose variable has white space around the value" if padded else ""
    wrong = f"{WRONG_SECRET}{white}: another endpoint's, the other mode's, or a newline at its end"
    patterns: list[tuple[object, str]] = [
        *((other in accepted, cause) for other, cause in SECRETS.items()),
        (known, EVENT_REFUSED),
        (alone and name == "cross-site", f"{CSRF}; exempt the path, its signature is its protection"),
        (alone and name == "rotation", FIRST_ONLY),
        (
            alone and name == "non-ascii" and accepted >= styles - {name},
            f"{PARSED}, or decoded as something else than UTF-8",
        ),
        (
            accepted & (styles | RESERIALISED),
            f"{PARSED}: only JSON that is written one way survives; verify the raw bytes",
        ),
        (len(styles) > 1, wrong),
    ]
    otherwise = f"{wrong}; or {PARSED}, which a run outside production tells apart"
    return next((cause for holds, cause in patterns if holds), otherwise)
