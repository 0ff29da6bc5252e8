"""What the ``p=`` of a DKIM record holds: base64 and DER, read by hand, for libraries refuse the keys that matter here.

A key of 512 bits has to be measured, a key that was cut off to be told from rubbish, and a private
key recognised before anybody prints it.
"""

from __future__ import annotations

import base64
import re

from readiness.light import dataclass
from readiness.mail.tags import Problem

ED25519_BYTES = 32
"""RFC 8463 3: the key as it is, without ASN.1."""
_RSA = bytes.fromhex("2a864886f70d010101")
_ED25519 = bytes.fromhex("2b6570")
_INTEGER, _BITS, _OID, _SEQUENCE = 0x02, 0x03, 0x06, 0x30
_LONG = 0x80
_MAX_LENGTH_BYTES = 4
_ARMOR = re.compile(r"-{1,9}(?:BEGIN|END)[A-Z0-9 ]{0,60}-{1,9}")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """What the bytes are."""

    type: str | None = None
    """``rsa`` or ``ed25519``; None: something else."""
    bits: int | None = None
    """Of the modulus, 256 for Ed25519."""
    encoding: str | None = None
    """``SubjectPublicKeyInfo`` (RFC 5280), ``RSAPublicKey`` (RFC 8017 A.1.1) or ``raw`` (RFC 8463)."""
    private: bool = False
    """It is a private key."""
    problems: tuple[Problem, ...] = ()


class _Fault(Exception):
    """Why the bytes are no key."""

    def __init__(self, code: str, message: str, *, private: bool = False) -> None:
        super().__init__(message)
        self.problem = Problem(code=code, message=message)
        self.private = private


def read_public_key(text: str, kind: str) -> PublicKey:
    """Read the value of ``p=``; `kind` is what ``k=`` says, empty where that is unknown. Raises nothing."""
    bare = _ARMOR.sub("", text)
    armor = (_problem("pem", "p= holds the lines BEGIN and END of a PEM file"),) if "--" in text else ()
    try:
        data, padded = _decode(re.sub(r"\s+", "", bare))
        found = _raw(data, kind) or _rsa(data, kind)
    except _Fault as fault:
        return PublicKey(private=fault.private, problems=(*armor, fault.problem))
    padding = () if padded else (_problem("padding", "the base64 of p= lacks the = at its end"),)
    return PublicKey(
        type=found.type,
        bits=found.bits,
        encoding=found.encoding,
        problems=(*armor, *padding, *found.problems),
    )


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, message=message)


def _decode(text: str) -> tuple[bytes, bool]:
    """The bytes, and whether the base64 ends as it should."""
    body = text.rstrip("=")
    strange = _NOT_BASE64.search(body)
    if strange:
        raise _Fault("base64", f"p= is no base64: it holds {strange[0]!r}")
    usable = body[:-1] if len(body) % 4 == 1 else body  # one character of base64 holds no byte
    return base64.b64decode(usable + "=" * (-len(usable) % 4)), usable == body and len(text) % 4 == 0


def _raw(data: bytes, kind: str) -> PublicKey | None:
    """An Ed25519 key, whatever its record says it is; None where it is something else."""
    is_der = data[:2] == bytes([_SEQUENCE, len(data) - 2 & 0xFF])
    if len(data) == ED25519_BYTES and (kind == "ed25519" or not is_der):
        missing = () if kind != "rsa" else (_problem("key_type", "the key is Ed25519, but k=ed25519 is not there"),)
        return PublicKey(type="ed25519", bits=256, encoding="raw", problems=missing)
    if data[:1] == bytes([_SEQUENCE]) and _ED25519 in data[:12]:
        if data[2:5] == b"\x02\x01\x00":
            raise _private()
        wrapped = _problem("encoding", "the Ed25519 key is wrapped in ASN.1: publish its 32 bytes alone (RFC 8463)")
        return PublicKey(type="ed25519", bits=256, encoding="SubjectPublicKeyInfo", problems=(wrapped,))
    if kind == "ed25519" and data[:1] != bytes([_SEQUENCE]):
        raise _Fault("truncated", f"an Ed25519 key has {ED25519_BYTES} bytes, p= holds {len(data)}")
    return None


def _rsa(data: bytes, kind: str) -> PublicKey:
    start = _start(data, _SEQUENCE)
    if data[start : start + 3] == b"\x02\x01\x00":
        raise _private()
    inner, rest = _element(data, _SEQUENCE)
    encoding = "RSAPublicKey"
    if inner[:1] == bytes([_SEQUENCE]):
        inner, encoding = _wrapped(inner), "SubjectPublicKeyInfo"
    modulus, after = _element(inner, _INTEGER)
    exponent, _ = _element(after, _INTEGER)
    problems = [_problem("key_type", f"the key is RSA, but k={kind}")] if kind == "ed25519" else []
    if rest:
        problems.append(_problem("trailing", f"{len(rest)} bytes stand behind the key in p="))
    if not int.from_bytes(exponent, "big") & 1 or int.from_bytes(exponent, "big") == 1:
        problems.append(_problem("exponent", "the public exponent is no odd number above 1"))
    bits = int.from_bytes(modulus, "big").bit_length()
    return PublicKey(type="rsa", bits=bits, encoding=encoding, problems=tuple(problems))


def _wrapped(inner: bytes) -> bytes:
    """The RSAPublicKey inside a SubjectPublicKeyInfo."""
    algorithm, after = _element(inner, _SEQUENCE)
    if algorithm[:1] != bytes([_OID]):
        raise _Fault("not_a_key", "p= holds a certificate or another structure, not a public key")
    oid, _ = _element(algorithm, _OID)
    if oid != _RSA:
        raise _Fault("key_type", "p= holds a key that is neither RSA nor Ed25519, such as one of an elliptic curve")
    bits, _ = _element(after, _BITS)
    public, _ = _element(bits[1:], _SEQUENCE)
    return public


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The contents of the DER element at the start, and what follows it."""
    start = _start(data, tag)
    length = int.from_bytes(data[2:start], "big") if data[1] & _LONG else data[1]
    if len(data) < start + length:
        there = max(len(data) - start, 0)
        raise _Fault("truncated", f"p= is cut off: a part of {length} bytes begins, of which {there} are there")
    return data[start : start + length], data[start + length :]


def _start(data: bytes, tag: int) -> int:
    """Where the contents of an element with this tag begin."""
    if len(data) < 2 or data[0] != tag:  # noqa: PLR2004 - a tag and a length
        raise _Fault("not_a_key", "p= is base64 of something that is no public key")
    size = data[1] & ~_LONG if data[1] & _LONG else 0
    if data[1] == _LONG or size > _MAX_LENGTH_BYTES:
        raise _Fault("not_a_key", "p= is base64 of something that is no public key")
    return 2 + size


def _private() -> _Fault:
    message = "p= holds a PRIVATE key: anybody can sign as this domain; make a new pair and publish its public half"
    return _Fault("private_key", message, private=True)
