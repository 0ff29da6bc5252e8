"""The files of trust in the working tree, as a change proposes them: lines are added, none is rewritten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readiness.errors import Problem, UsageError
from readiness.git import git
from readiness.signoff.journal import read_file, with_line, write_new
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.revoked import Revoked, parse_revoked
from readiness.signoff.signer_line import Signer
from readiness.signoff.signers import Signers, parse_signers
from readiness.signoff.sshkey import PublicKey
from readiness.signoff.trust import FOLDER, REVOKED, SIGNERS

_SIGNERS_HEAD = b"""\
# Who may sign off reports: principal, options, public key, name (ssh-keygen(1), ALLOWED SIGNERS).
# One person a line; namespaces are readiness.completer and readiness.approver; dates in UTC.
# It counts as it stands on the protected branch: review a change of it as one of permissions.
"""
_REVOKED_HEAD = b"""\
# Keys that count for nothing, whenever they signed: public keys or SHA256: fingerprints, one a line.
"""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """``.readiness`` at the top of a repository."""

    folder: Path

    @property
    def signers_file(self) -> Path:
        """Where the signers stand."""
        return self.folder / SIGNERS

    @property
    def revoked_file(self) -> Path:
        """Where the revoked keys stand."""
        return self.folder / REVOKED

    def signers(self) -> Signers:
        """As they stand here."""
        return parse_signers(read_file(self.signers_file), f"{FOLDER}/{SIGNERS}")

    def revoked(self) -> Revoked:
        """As they stand here. Raises SignOffError(TRUST) for a line that cannot be read."""
        return parse_revoked(read_file(self.revoked_file), f"{FOLDER}/{REVOKED}")

    def add(self, line: str) -> None:
        """One more signer. Raises UsageError where it cannot be written."""
        _append(self.signers_file, _SIGNERS_HEAD, line)

    def revoke(self, line: str) -> None:
        """One more revoked key. Raises UsageError where it cannot be written."""
        _append(self.revoked_file, _REVOKED_HEAD, line)

    def objections(self, signer: Signer) -> Iterator[SignOffError]:
        """Why this line should not be added to those that are here."""
        if self.revoked().contains(signer.key):
            yield SignOffError(Code.KEY_REVOKED, f"the key {signer.key.fingerprint} is revoked in {FOLDER}/{REVOKED}")
        for entry in self.signers().entries:
            if entry.key == signer.key and entry.principal != signer.principal:
                message = f"the key {signer.key.fingerprint} is {entry.principal}'s, in line {entry.line}"
                yield SignOffError(Code.IDENTITY, f"{message}: two people with one key are one person")
            if entry.principal != signer.principal and entry.principal.casefold() == signer.principal.casefold():
                yield SignOffError(Code.IDENTITY, f"line {entry.line} has the same person as {entry.principal}")

    def has(self, signer: Signer) -> bool:
        """Whether a line says all of it already."""
        return any(
            (entry.principal, entry.key, entry.valid_after, entry.valid_before)
            == (signer.principal, signer.key, signer.valid_after, signer.valid_before)
            and set(signer.namespaces) <= set(entry.namespaces)
            for entry in self.signers().entries
        )

    def keys_of(self, principal: str) -> tuple[PublicKey, ...]:
        """Every key of a person."""
        wanted = principal.casefold()
        return tuple(entry.key for entry in self.signers().entries if entry.principal.casefold() == wanted)


def roster_of(folder: Path) -> Roster:
    """That of the repository around a folder; of the folder itself outside one."""
    top = git(folder, "rev-parse", "--show-toplevel")
    return Roster(folder=Path(top.removesuffix("\n") if top else folder) / FOLDER)


def _append(path: Path, head: bytes, line: str) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        write_new(new, with_line(read_file(path) or head, line.encode("utf-8")), like=path)
        new.replace(path)
    except OSError as error:
        hint = "make the folder writable, then run this again"
        raise UsageError([Problem(message=f"cannot write {path}: {error.strerror or error}", hint=hint)]) from error
