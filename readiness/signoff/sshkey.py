"""Public keys of OpenSSH: RFC 4253 section 6.6, RFC 5656, RFC 8709, and PROTOCOL.u2f for security keys.

Never accepts a key that ssh-keygen refuses. Certificates, DSA and RSA below 2048 bits are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from readiness.signoff.curves import CURVES, on_ed25519
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.wire import MAX_BLOB, Reader, base64

MIN_RSA = 2048
MAX_RSA = 16384
"""Bits of the modulus; OpenSSH reads no longer ones."""
_MAX_EXPONENT = 64
_LINE = re.compile(r"([^ \t]+)[ \t]+([A-Za-z0-9+/=]+)(?:[ \t]+(.*))?")


class Ed25519(NamedTuple):
    """A point of edwards25519, 32 bytes; `application` where a security key holds the private part."""

    point: bytes
    application: str | None = None


class Ecdsa(NamedTuple):
    """An uncompressed point of ``nistp256``, ``nistp384`` or ``nistp521``."""

    curve: str
    point: bytes
    application: str | None = None


class Rsa(NamedTuple):
    """Public exponent and modulus."""

    e: int
    n: int


Material = Ed25519 | Ecdsa | Rsa


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A key that was found sound; equal where the wire format is, whatever the comment."""

    type: str
    """``ssh-ed25519`` and so on."""
    blob: bytes
    """The wire format, RFC 4253 section 6.6."""
    comment: str = field(default="", compare=False)

    @property
    def fingerprint(self) -> str:
        """``SHA256:...`` as ``ssh-keygen -l`` prints it."""
        return fingerprint(self.blob)

    @property
    def material(self) -> Material:
        """The numbers, for a verification."""
        return _read(self.blob)[1]

    @property
    def line(self) -> str:
        """Type and base64, as in a .pub file, without the comment."""
        from binascii import b2a_base64

        return f"{self.type} {b2a_base64(self.blob, newline=False).decode('ascii')}"


def fingerprint(blob: bytes) -> str:
    """The SHA-256 fingerprint of a key's wire format, sound or not."""
    from binascii import b2a_base64
    from hashlib import sha256

    digest = b2a_base64(sha256(blob).digest(), newline=False).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"


def parse_public_key(text_line: str) -> PublicKey:
    """A line of a .pub file: type, base64, comment. Raises SignOffError: MALFORMED, KEY_ALG, WEAK_KEY."""
    name, blob, comment = split(text_line)
    key = from_blob(blob, comment=comment)
    if key.type != name:
        raise SignOffError(Code.MALFORMED, f"the key says that it is {name}, but its base64 holds {key.type}")
    return key


def split(text_line: str) -> tuple[str, bytes, str]:
    """Type, wire format and comment of a line, before anything is known of the key. Raises SignOffError(MALFORMED)."""
    found = _LINE.fullmatch(text_line.strip(" \t\r\n"))
    if not found:
        raise SignOffError(Code.MALFORMED, "this is no public key: a type and base64 are expected: ssh-ed25519 AAAA...")
    return found[1], base64(found[2], "the key"), found[3] or ""


def from_blob(blob: bytes, *, comment: str = "") -> PublicKey:
    """The key in this wire format. Raises SignOffError: MALFORMED, KEY_ALG, WEAK_KEY."""
    return PublicKey(type=_read(blob)[0], blob=blob, comment=comment)


def _read(blob: bytes) -> tuple[str, Material]:
    if len(blob) > MAX_BLOB:
        raise SignOffError(Code.MALFORMED, f"the key has {len(blob):,} bytes; at most {MAX_BLOB:,} are read")
    reader = Reader(blob, "the key")
    name = reader.text("type")
    read = _TYPES.get(name)
    if read is None:
        raise SignOffError(Code.KEY_ALG, _unsupported(name))
    material = read(reader)
    reader.end()
    return name, material


def _unsupported(name: str) -> str:
    if "-cert-" in name:
        return f"{name} is a certificate; list the key itself"
    return f"keys of type {name} are not supported; use one of {', '.join(_TYPES)}"


def _ed25519(reader: Reader) -> Ed25519:
    point = reader.string("point")
    if not on_ed25519(point):
        raise reader.malformed("is no Ed25519 key: its point is not on the curve, or of small order")
    return Ed25519(point=point)


def _ecdsa(curve: str) -> Callable[[Reader], Ecdsa]:
    def read(reader: Reader) -> Ecdsa:
        if reader.text("curve") != curve:
            raise reader.malformed(f"has another curve than its type says, {curve}")
        point = reader.string("point")
        if not CURVES[curve].has(point):
            raise reader.malformed(f"is no ECDSA key: its point is not an uncompressed point of {curve}")
        return Ecdsa(curve=curve, point=point)

    return read


def _rsa(reader: Reader) -> Rsa:
    e, n = reader.mpint("exponent"), reader.mpint("modulus")
    bits = n.bit_length()
    if bits < MIN_RSA:
        raise SignOffError(Code.WEAK_KEY, f"the RSA key has {bits} bits; at least {MIN_RSA} are needed")
    if bits > MAX_RSA or e.bit_length() > _MAX_EXPONENT or e <= 1 or not e & n & 1:
        raise reader.malformed(f"is no RSA key: modulus of {bits} bits, exponent of {e.bit_length()} bits")
    return Rsa(e=e, n=n)


def _sk_ed25519(reader: Reader) -> Ed25519:
    return Ed25519(point=_ed25519(reader).point, application=_application(reader))


def _sk_ecdsa(reader: Reader) -> Ecdsa:
    key = _ecdsa("nistp256")(reader)
    return Ecdsa(curve=key.curve, point=key.point, application=_application(reader))


def _application(reader: Reader) -> str:
    # PROTOCOL.u2f: those of SSH begin so; a key for a web site's login must not sign a release
    application = reader.text("application")
    if not application.startswith("ssh:"):
        raise reader.malformed("is a security key for something else than SSH: its application does not begin ssh:")
    return application


_TYPES: Mapping[str, Callable[[Reader], Material]] = {
    "ssh-ed25519": _ed25519,
    "sk-ssh-ed25519@openssh.com": _sk_ed25519,
    "ecdsa-sha2-nistp256": _ecdsa("nistp256"),
    "ecdsa-sha2-nistp384": _ecdsa("nistp384"),
    "ecdsa-sha2-nistp521": _ecdsa("nistp521"),
    "sk-ecdsa-sha2-nistp256@openssh.com": _sk_ecdsa,
    "ssh-rsa": _rsa,
}
