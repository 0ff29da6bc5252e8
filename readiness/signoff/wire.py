"""The data types of SSH (RFC 4251 section 5), read with a bound on every length.

Stricter than OpenSSH: there is one encoding of a value, so equal values are equal bytes.
"""

from __future__ import annotations

import binascii

from readiness.signoff.model import Code, SignOffError

MAX_BLOB = 64 * 1024
"""Bytes of a key or signature; the largest real ones have about 4,200."""
_WORD = 4
_SIGN = 0x80


class Reader:
    """Takes one field after another; raises SignOffError(MALFORMED), naming `what` it reads."""

    def __init__(self, data: bytes, what: str) -> None:
        self._rest = data
        self._what = what

    def take(self, size: int, field: str) -> bytes:
        """The next `size` bytes."""
        if size > len(self._rest):
            found = len(self._rest)
            raise self.malformed(f"ends inside its {field}: {size:,} bytes expected, {found:,} are left")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def byte(self, field: str) -> int:
        """RFC 4251 ``byte``."""
        return self.take(1, field)[0]

    def uint32(self, field: str) -> int:
        """RFC 4251 ``uint32``."""
        return int.from_bytes(self.take(_WORD, field), "big")

    def string(self, field: str) -> bytes:
        """RFC 4251 ``string``: a length, then that many bytes."""
        return self.take(self.uint32(f"{field}'s length"), field)

    def text(self, field: str) -> str:
        """A ``string`` of printable ASCII, as all names of algorithms, curves, applications and namespaces are."""
        raw = self.string(field)
        if not raw.isascii() or not raw.decode("ascii").isprintable():
            raise self.malformed(f"has characters other than printable ASCII in its {field}")
        return raw.decode("ascii")

    def mpint(self, field: str) -> int:
        """RFC 4251 ``mpint``, positive and in the only encoding that the RFC allows: the shortest."""
        raw = self.string(field)
        if not raw or raw[0] & _SIGN:
            raise self.malformed(f"has {'no' if not raw else 'a negative'} number as its {field}")
        if raw[0] == 0 and not raw[1:2] >= bytes([_SIGN]):
            raise self.malformed(f"has needless zero bytes before its {field}")
        return int.from_bytes(raw, "big")

    def end(self) -> None:
        """Nothing may follow."""
        if self._rest:
            raise self.malformed(f"has {len(self._rest):,} bytes after its end")

    def malformed(self, found: str) -> SignOffError:
        """The error that says what is wrong with it."""
        return SignOffError(Code.MALFORMED, f"{self._what} {found}")


def string(value: bytes) -> bytes:
    """A ``string`` as RFC 4251 writes it."""
    return len(value).to_bytes(_WORD, "big") + value


def mpint(value: int) -> bytes:
    """A ``mpint`` that is not negative as RFC 4251 writes it."""
    return string(value.to_bytes(value.bit_length() // 8 + 1 if value else 0, "big"))


def base64(text: str, what: str) -> bytes:
    """RFC 4648 section 4 in its one form: padded, no white space, no stray bits. Raises SignOffError(MALFORMED)."""
    if len(text) > 2 * MAX_BLOB:
        raise SignOffError(Code.MALFORMED, f"{what} has {len(text):,} characters; at most {2 * MAX_BLOB:,} are read")
    return exact_base64(text, what)


def exact_base64(text: str, what: str) -> bytes:
    """The same without a bound."""
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise SignOffError(Code.MALFORMED, f"{what} is no base64 (RFC 4648): {error}") from error
    if binascii.b2a_base64(raw, newline=False).decode("ascii") != text:
        raise SignOffError(Code.MALFORMED, f"{what} is no base64 (RFC 4648): stray bits before its padding")
    return raw
