"""Lines of allowed_signers that a person or a forger might write."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, timedelta

from tests.signoff.sshkeys import NOW, Pair

PRINCIPAL = "carol@kamiyo.ai"


def written(rng: random.Random, pair: Pair, pairs: Sequence[Pair]) -> bytes:
    """A line that is for PRINCIPAL and `pair`, or almost."""
    spaces = (" ", " ", " ", "\t", "  ", " \t ")
    key = rng.choice((pair, pair, pair, rng.choice(pairs))).public.line
    if rng.random() < 0.15:
        key = rng.choice((key.replace(" ", "  "), key[:-4], key + "=", key.upper(), key.split()[1], ""))
    who = PRINCIPAL if rng.random() < 0.8 else rng.choice(_PRINCIPALS)
    comment = rng.choice(("", " Carol", " a b  c ", ' "x', " # y", " caf\xe9", "\t", "\r"))
    gap = rng.choice(spaces)
    line = f"{rng.choice(('', '', ' ', chr(9)))}{who}{gap}{_options(rng)}{rng.choice(spaces)}{key}{comment}"
    return line.encode(rng.choice(("utf-8", "latin-1")))


_PRINCIPALS = (
    "*",
    "*@kamiyo.ai",
    "carol@kamiyo.a?",
    "!carol@kamiyo.ai",
    "dave@kamiyo.ai",
    "carol@kamiyo.ai,dave@kamiyo.ai",
    '"carol@kamiyo.ai"',
    '"carol@kamiyo.ai',
    "#carol@kamiyo.ai",
    "carol\\@kamiyo.ai",
    "",
)


def _options(rng: random.Random) -> str:
    parts = [rng.choice(_NAMESPACES)] if rng.random() < 0.9 else []
    parts += [f'{name}="{_date(rng)}"' for name in ("valid-after", "valid-before") if rng.random() < 0.4]
    if rng.random() < 0.1:
        parts.append(rng.choice(_ODD))
    rng.shuffle(parts)
    return rng.choice((",", ",", ",", ",", ", ", ",,")).join(parts)


_NAMESPACES = (
    *(('namespaces="readiness.approver"',) * 8),
    'namespaces="readiness.completer,readiness.approver"',
    'namespaces="git,readiness.approver"',
    'namespaces="readiness.completer"',
    'namespaces="readiness.*"',
    'namespaces="readiness.approver,!readiness.approver"',
    'namespaces="!readiness.approver,readiness.approver"',
    'namespaces="readiness.approver, readiness.completer"',
    'namespaces=" readiness.approver"',
    'namespaces="readiness.approver "',
    'namespaces=""',
    "namespaces=readiness.approver",
    "namespaces='readiness.approver'",
    'namespaces="readiness.approver',
    'namespaces="readiness.approver"x',
    'namespaces="readiness.\\"approver"',
    'namespaces="x\\",readiness.approver"',
    'namespaces="x\\\\",namespaces="readiness.approver"',
    'namespaces="a\\",readiness.approver,\\"b"',
    'NAMESPACES="readiness.approver"',
    'namespaces ="readiness.approver"',
    'namespaces="readiness.approver",namespaces="readiness.approver"',
    f'namespaces="{"x" * 300},readiness.approver"',
    f'namespaces="{"x" * 1100},readiness.approver"',
    'namespaces="readiness.approver,"',
    'namespaces=",readiness.approver"',
)
_ODD = (
    "cert-authority",
    "CERT-AUTHORITY",
    "no-touch-required",
    'valid-after="20200101Z"',
    'valid-before="20300101Z"',
    "verify-required",
    'principals="x"',
    "",
    '"',
    "\\",
    "=",
)


def _date(rng: random.Random) -> str:
    """Around the moment that is asked for, in good and bad forms."""
    moment = NOW + timedelta(seconds=rng.choice((-(10**9), -86400, -60, -1, 0, 1, 60, 14 * 3600, 86400, 10**8)))
    text = moment.astimezone(UTC).strftime(rng.choice(("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S")))
    end = rng.choice(("Z",) * 8 + ("", "z", "UTC", "utc", " Z", "+0000"))
    odd = ("19700101Z", "00010101Z", "99991231Z", "20270230Z", "20261123Z ", "2027-01-01Z", "20271301Z", "Z")
    return text + end if rng.random() < 0.9 else rng.choice(odd)
