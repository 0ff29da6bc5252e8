"""Signatures and lists of signers that are almost right: what a differential test feeds to two verifiers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from readiness.signoff import sshsig
from readiness.signoff.wire import Reader, mpint, string
from tests.signoff.mutant_lines import PRINCIPAL, written
from tests.signoff.sshkeys import APPROVER, COMPLETER, NOW, Fields, Pair, signed

NAMES = (b"ssh-rsa", b"rsa-sha2-256", b"rsa-sha2-512", b"ssh-dss", b"ssh-ed25519", b"ecdsa-sha2-nistp256", b"", b"\0")
HASHES = (b"sha1", b"sha256", b"sha384", b"sha512", b"SHA512", b"sha512\0", b"")
SPACES = (b" ", b"\t", b"\n", b"\r\n", b"\0", b"\x0b", b"\x0c", b"=", b"A", b"-", b"\xff", b"\xc2\xa0")


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a verification looks at."""

    allowed: bytes
    armor: bytes
    message: bytes
    principal: str = PRINCIPAL
    namespace: str = APPROVER
    moment: datetime = NOW
    revoked: bytes | None = None
    what: str = ""
    """Which mutation made it."""


def honest(pair: Pair, message: bytes, hashed: str = "sha512") -> Case:
    """Nothing is wrong with it."""
    return Case(allowed=_line(pair), armor=_armor(signed(pair, message, hashed=hashed)), message=message)


def mutate(rng: random.Random, pairs: Sequence[Pair]) -> Case:
    """One, two or three things are different; some of them do no harm."""
    pair = rng.choice(pairs)
    message = rng.randbytes(rng.choice((0, 1, 40, 300)))
    case = honest(pair, message, rng.choice(("sha256", "sha512")))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        name, mutator = rng.choice(MUTATORS)
        case = mutator(rng, case, pair, pairs)
        case = replace(case, what=f"{case.what} {name}({pair.name})")
    return case


def _line(pair: Pair) -> bytes:
    return f'{PRINCIPAL} namespaces="{COMPLETER},{APPROVER}" {pair.public.line} Carol\n'.encode()


def _armor(fields: Fields) -> bytes:
    return sshsig.armor(fields.blob).encode()


def _noise(rng: random.Random, raw: bytes) -> bytes:
    """A bit, a byte, a slice or a length is different."""
    at = rng.randrange(len(raw) + 1)
    match rng.randrange(6):
        case 0 if raw:
            at %= len(raw)
            return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]
        case 1:
            return raw[:at] + raw[at + 1 :]
        case 2:
            return raw[:at] + rng.choice(SPACES) + raw[at:]
        case 3:
            return raw[:at]
        case 4:
            return raw + rng.choice(SPACES)
        case _:
            end = rng.randrange(len(raw) + 1)
            return raw[:at] + raw[at:end] + raw[min(at, end) :]


def _in_armor(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    del pair, pairs
    text = case.armor
    changed = (
        _noise(rng, text),
        text.replace(b"\n", b"\r\n"),
        text.replace(b"\n", b" \n", 2),
        text + rng.choice((b"\n", b" ", b"x", text)),
        rng.choice((b"\n", b" ", b"x", b"\xef\xbb\xbf")) + text,
        text.replace(b"\n", b"", rng.randrange(2, 9)).replace(b"-----END", b"\n-----END"),
        text.replace(b"=", b""),
        text.replace(b"+", b"-").replace(b"/", b"_"),
    )
    return replace(case, armor=rng.choice(changed))


def _in_blob(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    del pairs
    blob = signed(pair, case.message).blob
    return replace(case, armor=sshsig.armor(_noise(rng, blob)).encode())


def _in_fields(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    good = signed(pair, case.message)
    kind = Reader(good.inner, "it")
    name = kind.string("type")
    value = kind.string("value")
    rest = good.inner[len(string(name) + string(value)) :]
    fields = rng.choice(
        (
            replace(good, version=rng.choice((0, 2, 2**32 - 1))),
            replace(good, namespace=rng.choice((COMPLETER.encode(), APPROVER.encode() + b"\0", b"", b"*"))),
            replace(good, reserved=rng.choice((b"\0", b"x", good.inner))),
            replace(good, hashed=rng.choice(HASHES)),
            replace(good, tail=rng.choice((b"\0", good.blob))),
            replace(good, magic=rng.choice((b"", b"SSHSIG\0", b"sshsig"))),
            replace(good, key=rng.choice(pairs).blob),
            replace(good, key=_noise(rng, good.key)),
            replace(good, inner=string(rng.choice(NAMES)) + string(value) + rest),
            replace(good, inner=string(name) + string(_numbers(rng, value)) + rest),
            replace(good, inner=string(name) + string(value) + _noise(rng, rest)),
            replace(good, inner=_noise(rng, good.inner)),
        )
    )
    return replace(case, armor=_armor(fields))


def _numbers(rng: random.Random, value: bytes) -> bytes:
    """An ECDSA, Ed25519 or RSA value in another encoding, or another value."""
    some = rng.choice((0, 1, 2**255, 2**521, int.from_bytes(value, "big"), rng.getrandbits(256)))
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(value[32:64], "little") + order * rng.randrange(1, 4)
    return rng.choice(
        (
            b"\0" + value,
            value.lstrip(b"\0"),
            value[:-1],
            value[1:],
            value + b"\0",
            mpint(some) + mpint(some),
            string(b"\0\0" + value[4:30]) + value[30:],
            value[:32] + (scalar % 2**256).to_bytes(32, "little"),
            b"",
        )
    )


def _signed_otherwise(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    """A sound signature, of something that is not quite what is asked."""
    namespace = rng.choice((APPROVER, COMPLETER, "git", "file", ""))
    hashed = rng.choice(("sha1", "sha256", "sha384", "sha512", "md5"))
    reserved = rng.choice((b"", b"", b"x"))
    who = rng.choice((pair, pair, rng.choice(pairs)))
    fields = signed(who, case.message, namespace, hashed, reserved)
    return replace(case, armor=_armor(replace(fields, reserved=rng.choice((b"", reserved)))))


def _what_is_asked(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    del pair, pairs
    principals = ("dave@kamiyo.ai", "carol", "CAROL@kamiyo.ai", "carol@kamiyo.ai,dave", "*", PRINCIPAL + "x")
    return rng.choice(
        (
            replace(case, message=_noise(rng, case.message)),
            replace(case, principal=rng.choice(principals)),
            replace(case, namespace=rng.choice((COMPLETER, "git", APPROVER + "x", "readiness.*"))),
            replace(case, moment=NOW + timedelta(days=rng.randrange(-9000, 9000), seconds=rng.randrange(99999))),
        )
    )


def _in_signers(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    return replace(case, allowed=_noise(rng, written(rng, pair, pairs)))


def _other_signers(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    lines = [written(rng, rng.choice((pair, pair, rng.choice(pairs))), pairs) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.5:
        lines.append(_line(pair))
    return replace(case, allowed=rng.choice((b"\n", b"\n", b"\r\n", b"\n\n# x\n")).join(lines))


def _revoke(rng: random.Random, case: Case, pair: Pair, pairs: Sequence[Pair]) -> Case:
    key = rng.choice((pair, pair, rng.choice(pairs))).public
    lines = (
        key.line.encode(),
        key.line.encode() + b" comment",
        b"\t " + key.line.encode() + b"\r",
        b"# " + key.line.encode(),
        key.line.replace(" ", "\t \t").encode(),
        b"hash: " + key.fingerprint.encode(),
        b"sha256: " + key.line.encode() + b" # stolen",
        b"key: " + key.line.encode(),
        _noise(rng, key.line.encode()),
        _line(pair),
        b"",
    )
    return replace(case, revoked=b"\n".join(rng.sample(lines, rng.randrange(1, 4))) + rng.choice((b"", b"\n")))


Mutator = Callable[[random.Random, Case, Pair, Sequence[Pair]], Case]
MUTATORS: tuple[tuple[str, Mutator], ...] = (
    ("armor", _in_armor),
    ("blob", _in_blob),
    ("fields", _in_fields),
    ("signed", _signed_otherwise),
    ("asked", _what_is_asked),
    ("line", _in_signers),
    *((("signers", _other_signers),) * 6),
    ("revoked", _revoke),
)
