"""What must be refused: one forgery a row, each a mistake that handlers are known to make."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from readiness.api import HttpRequest
from readiness.webhook.endpoint import Letter
from readiness.webhook.events import compact, harmless, indented, spaced
from readiness.webhook.replies import Probe
from readiness.webhook.signing import header

HOUR = 3600
HUGE = 2 << 20
"""Bytes of the huge body; an event of Stripe has a few thousand."""
NOTHINGS = ("None", "null", "undefined", '""')
"""What becomes of a variable that is not set, in Python, in JavaScript and in a badly quoted file."""

Signed = tuple[bytes, str | None]
"""A body and the text of its header; None leaves the header out."""


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """A delivery that did not come from Stripe."""

    name: str
    sent: str
    why: str
    make: Callable[[Letter], Signed]

    def probe(self, letter: Letter) -> Probe:
        """The request."""
        request = letter.endpoint.post(*self.make(letter))
        return Probe(name=self.name, sent=self.sent, why=self.why, request=request)


def _tampered(letter: Letter) -> Signed:
    return letter.body.replace(b'"amount": 100,', b'"amount": 900,'), letter.signed()


def _replayed(letter: Letter) -> Signed:
    endpoint = letter.endpoint
    other = harmless(live=endpoint.live, at=letter.at, api_version=endpoint.api_version, text="another event")
    return letter.body, letter.signed(indented(other))


def _two_times(letter: Letter, *ages: int) -> Signed:
    old = letter.sign(age=HOUR)
    times = ",".join(f"t={letter.at - age}" for age in ages)
    return letter.body, f"{times},v1={old}"


def _nothing(word: str) -> Forgery:
    return Forgery(
        name=f"key {word}",
        sent=f"a signature by the key `{word}`",
        why="anybody can guess what becomes of a variable that is not set",
        make=lambda letter: (letter.body, letter.signed(key=word)),
    )


FORGERIES = (
    Forgery(
        name="unsigned",
        sent="no Stripe-Signature header",
        why="anybody could tell the service that somebody paid",
        make=lambda letter: (letter.body, None),
    ),
    Forgery(
        name="empty header",
        sent="an empty Stripe-Signature header",
        why="anybody could tell the service that somebody paid",
        make=lambda letter: (letter.body, ""),
    ),
    Forgery(
        name="garbage",
        sent="`Stripe-Signature: garbage`",
        why="anybody could tell the service that somebody paid",
        make=lambda letter: (letter.body, "garbage"),
    ),
    Forgery(
        name="time only",
        sent="a header with t=now and no signature",
        why="anybody could tell the service that somebody paid",
        make=lambda letter: (letter.body, header(letter.at)),
    ),
    Forgery(
        name="empty signature",
        sent="a header with t=now and an empty v1",
        why="anybody could tell the service that somebody paid",
        make=lambda letter: (letter.body, header(letter.at, "")),
    ),
    Forgery(
        name="wrong key",
        sent="a signature by a random key",
        why="anybody could sign",
        make=lambda letter: (letter.body, letter.signed(key=f"whsec_{secrets.token_hex(16)}")),
    ),
    Forgery(
        name="empty key",
        sent="a signature by the empty key",
        why="anybody can sign with nothing",
        make=lambda letter: (letter.body, letter.signed(key="")),
    ),
    *map(_nothing, NOTHINGS),
    Forgery(
        name="v0 only",
        sent="the right signature as v0, and no v1",
        why="Stripe's v0 is a decoy for tests, and only v1 counts",
        make=lambda letter: (letter.body, header(letter.at, v0=(letter.sign(),))),
    ),
    Forgery(
        name="an hour old",
        sent="the right signature of an hour ago",
        why="whoever recorded a delivery could send it again at any time",
        make=lambda letter: (letter.body, letter.signed(age=HOUR)),
    ),
    Forgery(
        name="two times, the old one first",
        sent="the right signature of an hour ago, behind t=then,t=now",
        why="whoever recorded a delivery could send it again at any time",
        make=lambda letter: _two_times(letter, HOUR, 0),
    ),
    Forgery(
        name="two times, the new one first",
        sent="the right signature of an hour ago, behind t=now,t=then",
        why="whoever recorded a delivery could send it again at any time",
        make=lambda letter: _two_times(letter, 0, HOUR),
    ),
    Forgery(
        name="tampered",
        sent="a signed body with another amount in it",
        why="whoever is on the way could change what was paid",
        make=_tampered,
    ),
    Forgery(
        name="another event's signature",
        sent="the right signature of another event",
        why="whoever recorded one delivery could sign any event with it",
        make=_replayed,
    ),
    Forgery(
        name="serialised again, indented",
        sent="the signature of the compact form over the indented form of the same JSON",
        why="the signature is over bytes, and what is not those bytes was changed on the way",
        make=lambda letter: (letter.body, letter.signed(compact(letter.value))),
    ),
    Forgery(
        name="serialised again, spaced",
        sent="the signature of the form that Python writes over the indented form of the same JSON",
        why="the signature is over bytes, and what is not those bytes was changed on the way",
        make=lambda letter: (letter.body, letter.signed(spaced(letter.value))),
    ),
    Forgery(
        name="serialised again, compact",
        sent="the signature of the indented form over the compact form of the same JSON",
        why="the signature is over bytes, and what is not those bytes was changed on the way",
        make=lambda letter: (compact(letter.value), letter.signed()),
    ),
    Forgery(
        name="huge",
        sent=f"a body of {HUGE >> 20} MiB with a signature by a random key",
        why="anybody could fill the service's memory, or have it answer nobody else",
        make=lambda letter: (huge(letter), letter.signed(key=secrets.token_hex(16))),
    ),
)


def huge(letter: Letter) -> bytes:
    """An event with a long text in it."""
    return compact({**letter.value, "padding": "x" * HUGE})


def forged(letter: Letter) -> Iterator[Probe]:
    """Every forgery, and a GET, which no delivery is."""
    for forgery in FORGERIES:
        yield forgery.probe(letter)
    get = HttpRequest(url=letter.endpoint.url)
    why = "a page answers where Stripe delivers, so that the handler may not be what is there"
    yield Probe(name="GET", sent="a GET", why=why, request=get)
