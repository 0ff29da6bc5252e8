"""The two batteries that change nothing: what must be refused, and what must be accepted."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import replace

from readiness.api import CannotTell, Outcome, Reason, World, failed, passed
from readiness.duration import say_duration
from readiness.webhook import causes
from readiness.webhook.endpoint import Endpoint, Letter
from readiness.webhook.events import compact, harmless, indented, spaced
from readiness.webhook.replies import Probe, Replies, Reply, Verdict, send
from readiness.webhook.signing import header

CROSS_SITE = (
    ("Origin", "https://elsewhere.example"),
    ("Referer", "https://elsewhere.example/"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "cors"),
)
"""How a browser on another site's page would look."""
TEXT = 'Zoë 東京 — 9\u00a0€ <&> \u2028 "quoted" 1.10'
"""Characters that are lost, or written otherwise, where JSON is read and written anew."""
NOT_IMPLEMENTED = 501


def signed(letter: Letter) -> Probe:
    """The delivery that Stripe would make: the control of every battery."""
    why = "Stripe's deliveries fail, and it disables the endpoint after some days of that"
    return Probe(name="signed", sent="a signed event of an unknown type", why=why, request=letter.genuine())


def genuine(letter: Letter) -> Iterator[Probe]:
    """Further deliveries that a correct handler accepts."""
    endpoint, value = letter.endpoint, letter.value
    why = "the signature is over bytes, and how they are written is Stripe's business"
    for name, body in (("compact", compact(value)), ("spaced", spaced(value))):
        request = endpoint.post(body, letter.signed(body))
        yield Probe(name=name, sent=f"the event as {name} JSON, signed", why=why, request=request)
    yield non_ascii(letter, why)
    both = header(letter.at, letter.sign(key=secrets.token_hex(16)), letter.sign())
    yield Probe(
        name="rotation",
        sent="two v1 signatures, of which the second is right",
        why="every delivery fails for as long as the secret is rolled",
        request=endpoint.post(letter.body, both),
    )


def non_ascii(letter: Letter, why: str) -> Probe:
    """An event with a customer's name in it."""
    endpoint = letter.endpoint
    body = indented(harmless(live=endpoint.live, at=letter.at, api_version=endpoint.api_version, text=TEXT)) + b"\n"
    sent = "an indented event with characters beyond ASCII and a newline at its end, signed"
    return Probe(name="non-ascii", sent=sent, why=why, request=endpoint.post(body, letter.signed(body)))


def cross_site(letter: Letter) -> Iterator[Probe]:
    """A delivery that looks as if a browser had sent it, with the right signature and with a wrong one."""
    why = "only the signature may decide: a check against cross-site requests refuses Stripe, or lets a forgery in"
    yield Probe(
        name="cross-site",
        sent="a signed event with another site's Origin",
        why=why,
        request=letter.genuine(*CROSS_SITE),
    )
    yield Probe(
        name="cross-site, forged",
        sent="another site's Origin and a signature by a random key",
        why=why,
        request=letter.endpoint.post(letter.body, letter.signed(key=secrets.token_hex(16)), *CROSS_SITE),
    )


def instead(letter: Letter) -> Iterator[Probe]:
    """What the service may have instead of the secret, and nobody's: sent only where it refuses the right one."""
    key = letter.endpoint.key
    keys = (f"{key}\n", f'"{key}"', key.removeprefix("whsec_"), "", secrets.token_hex(16))
    for name, other in zip((*causes.SECRETS, causes.STRANGER), keys, strict=True):
        request = letter.endpoint.post(letter.body, letter.signed(key=other))
        yield Probe(name=name, sent=f"an event signed with the {name}", why="", request=request)


def control(world: World, probe: Probe) -> Reply:
    """The reply to a genuine event. Raises Unreachable where nothing answers, for then nothing else would."""
    reply = send(world.http, probe)
    if reply.trouble:
        raise reply.trouble
    return reply


def other_mode(endpoint: Endpoint, at: int) -> Probe:
    """A genuine event that belongs elsewhere."""
    other = replace(endpoint, mode="test" if endpoint.live else "live")
    why = "test cards would buy what real ones do, or the other way round"
    return Probe(
        name="other mode",
        sent=f"a signed event of {other.mode} mode",
        why=why,
        request=other.letter(at).genuine(),
    )


def need_judged(replies: Replies) -> None:
    """Raise CannotTell where a rate limit answered in the handler's place."""
    names = [name for name, reply in replies.items() if reply.verdict is Verdict.LIMITED]
    if names:
        message = (
            f"the rate limit answered {len(names)} of {len(replies)} probes (429), so the handler did not judge them"
        )
        fix = "exempt the webhook's path from the limit: Stripe delivers in bursts"
        raise CannotTell(message, reason=Reason.RATE_LIMITED, fix=fix)


def judge_forgery(reply: Reply, replies: Replies) -> Outcome:
    """Must be 4xx; ending the connection answers a huge body, too, and a GET may be redirected or not implemented."""
    name = reply.probe.name
    ended = name == "huge" and reply.verdict is Verdict.SILENT and reply.reason is Reason.UNREACHABLE
    elsewhere = name == "GET" and (reply.verdict is Verdict.REDIRECTED or reply.status == NOT_IMPLEMENTED)
    ok = reply.verdict is Verdict.REFUSED or ended or elsewhere
    words = "by an end of the connection" if ended else reply.words
    return _say(reply, ok=ok, expected="4xx", words=words, cause="" if ok else causes.of_forgery(reply, replies))


def judge_genuine(reply: Reply, replies: Replies, endpoint: Endpoint, within: float = math.inf) -> Outcome:
    """Must be 2xx, and soon where it was sent alone: of several at once each measures the others."""
    expected = "2xx" if within == math.inf else f"2xx within {say_duration(within)}"
    if reply.verdict is not Verdict.ACCEPTED:
        cause = causes.of_refusal(reply, replies, padded=endpoint.padded)
        return _say(reply, ok=False, expected=expected, words=reply.words, cause=cause)
    words = reply.words if within == math.inf else f"{reply.words} in {reply.elapsed:.2f}s"
    return _say(reply, ok=reply.elapsed < within, expected=expected, words=words, cause=causes.SLOW)


def _say(reply: Reply, *, ok: bool, expected: str, words: str, cause: str) -> Outcome:
    """The outcome of one probe."""
    probe, seen = reply.probe, [reply.evidence]
    sentence = f"{probe.name}: {probe.sent} was answered {words}"
    if ok:
        return passed(sentence, expected=expected, observed=words, subject=probe.subject, evidence=seen)
    likely = f"; likely cause: {cause}" if cause else ""
    return failed(
        f"{sentence}, expected {expected}: {probe.why}{likely}",
        reason=reply.reason,
        expected=expected,
        observed=words,
        subject=probe.subject,
        evidence=seen,
    )
