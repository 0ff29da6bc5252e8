"""``.readiness/revoked_keys``: the text form that ``ssh-keygen -k`` reads, ssh-keygen(1) KEY REVOCATION LISTS."""

from __future__ import annotations

import re
from typing import NamedTuple

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.signer_line import lines
from readiness.signoff.sshkey import PublicKey, fingerprint, parse_public_key, split
from readiness.signoff.wire import string

_KRL = b"SSHKRL"
_DIRECTIVE = re.compile(r"(?:key|sha1|sha256|hash):[ \t]*")
_FINGERPRINT = re.compile(r"(SHA256:[A-Za-z0-9+/]{43})(?:[ \t].*)?")


class Revoked(NamedTuple):
    """Keys that count for nothing, whatever allowed_signers says."""

    fingerprints: frozenset[str] = frozenset()

    def contains(self, key: PublicKey) -> bool:
        """Whether the key is revoked."""
        return key.fingerprint in self.fingerprints


def parse_revoked(text: bytes, file: str = ".readiness/revoked_keys") -> Revoked:
    """Public keys, SHA256: fingerprints, and the lines `key:`, `sha256:`, `sha1:` and `hash:` with either.

    Raises SignOffError(TRUST) for what it cannot read, also a binary list: a revocation must not be overlooked.
    """
    if text.startswith(_KRL):
        raise SignOffError(Code.TRUST, f"{file} is a binary list (KRL); write the keys as text, one .pub line a line")
    if b"\r" in text:
        raise SignOffError(Code.TRUST, f"{file} has carriage returns, which ssh-keygen cannot read; end lines with LF")
    return Revoked(fingerprints=frozenset(_fingerprint(file, number, line) for number, line in lines(text, file)))


def _fingerprint(file: str, number: int, line: str) -> str:
    words = _DIRECTIVE.sub("", line, count=1) if _DIRECTIVE.match(line) else line
    found = _FINGERPRINT.fullmatch(words)
    if found:
        return found[1]
    try:
        return _of_key(words)
    except SignOffError as error:
        message = f"{file}:{number}: neither a public key nor a SHA256: fingerprint: {error.message}"
        raise SignOffError(Code.TRUST, message) from error


def _of_key(words: str) -> str:
    """The fingerprint; also of a key that could not sign anyhow, as long as its line holds together."""
    name, blob, _ = split(words)
    try:
        return parse_public_key(words).fingerprint
    except SignOffError as error:
        if error.code is Code.MALFORMED or not blob.startswith(string(name.encode())):
            raise
        return fingerprint(blob)
