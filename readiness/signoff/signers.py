"""Who may sign as what: ``.readiness/allowed_signers``, and who no longer may: ``.readiness/revoked_keys``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.revoked import Revoked, parse_revoked
from readiness.signoff.signer_line import Signer, format_line, lines, read_line
from readiness.signoff.sshkey import PublicKey, fingerprint
from readiness.signoff.wire import base64

__all__ = ["Refused", "Revoked", "Signer", "Signers", "format_line", "parse_revoked", "parse_signers"]

_BLOB = re.compile(r"(?<![A-Za-z0-9+/=])AAAA[A-Za-z0-9+/]+=*")
"""Where a line may hold a key: its first field is a name, shorter than 2^8 bytes."""


class Refused(NamedTuple):
    """A line of allowed_signers that gives nobody anything, and why."""

    line: int
    fingerprint: str | None
    """Of its key, as far as one can be read."""
    code: Code
    message: str
    """One sentence with file and line."""


class Signers(NamedTuple):
    """The list of signers, and the lines of it that do not count."""

    entries: tuple[Signer, ...] = ()
    refused: tuple[Refused, ...] = ()
    file: str = "allowed_signers"

    def authorise(self, principal: str, key: PublicKey, namespace: str, moment: datetime) -> Signer:
        """The line that lets this key sign as `principal` for `namespace` at `moment`.

        Raises SignOffError: UNKNOWN_KEY, IDENTITY, ROLE, KEY_EXPIRED, or the code of a refused line.
        """
        known = [entry for entry in self.entries if entry.key == key]
        if not known:
            raise self._unknown(key)
        own = [entry for entry in known if entry.principal == principal]
        if not own:
            raise self._error(Code.IDENTITY, known[0], f"the key is {known[0].principal}'s, not {principal}'s")
        able = [entry for entry in own if namespace in entry.namespaces]
        if not able:
            purposes = ", ".join(own[0].namespaces)
            raise self._error(Code.ROLE, own[0], f"{principal} may sign for {purposes}, not for {namespace}")
        found = next((entry for entry in able if entry.valid_at(moment)), None)
        if found is None:
            raise self._error(Code.KEY_EXPIRED, able[0], _dates(able[0], moment))
        return found

    def _unknown(self, key: PublicKey) -> SignOffError:
        refused = next((line for line in self.refused if line.fingerprint == key.fingerprint), None)
        if refused:
            return SignOffError(refused.code, refused.message)
        return SignOffError(Code.UNKNOWN_KEY, f"no line of {self.file} has the key {key.fingerprint}")

    def _error(self, code: Code, entry: Signer, words: str) -> SignOffError:
        return SignOffError(code, f"{self.file}:{entry.line}: {words}")


def parse_signers(text: bytes, file: str) -> Signers:
    """All lines of allowed_signers; `file` is its name for messages. Raises SignOffError(TRUST) for over 1 MiB."""
    entries: list[Signer] = []
    refused: list[Refused] = []
    for number, line in lines(text, file):
        try:
            entries.append(read_line(line, number))
        except SignOffError as error:
            refused.append(_refused(line, number, file, error))
    return Signers(entries=tuple(entries), refused=tuple(refused), file=file)


def _refused(line: str, number: int, file: str, error: SignOffError) -> Refused:
    return Refused(
        line=number,
        fingerprint=next(_fingerprints(line), None),
        code=error.code,
        message=f"{file}:{number}: {error.message}",
    )


def _fingerprints(line: str) -> Iterator[str]:
    for found in _BLOB.finditer(line):
        with suppress(SignOffError):
            yield fingerprint(base64(found[0], "the key"))


def _dates(entry: Signer, moment: datetime) -> str:
    if entry.valid_after and moment < entry.valid_after:
        return f"the key of {entry.principal} is not valid before {entry.valid_after:%Y-%m-%d %H:%M:%S} UTC"
    return f"the key of {entry.principal} is not valid since {entry.valid_before:%Y-%m-%d %H:%M:%S} UTC"
