"""Whom to believe: signers, revoked keys and policy of the protected branch, read from git's objects.

Never from the working tree: a change could bring its own approver with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from readiness.errors import UsageError
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.policy import Policies, parse_policies
from readiness.signoff.repository import Repository
from readiness.signoff.signers import Revoked, Signers, parse_revoked, parse_signers

FOLDER = ".readiness"
SIGNERS = "allowed_signers"
REVOKED = "revoked_keys"
POLICY = "policy.yaml"
# full names: a tag or branch `origin/main`, which anybody may push, goes before refs/remotes/ in git's own search
PROTECTED = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
MAX_BYTES = 4 * 1024 * 1024
_SHORT = 12


class Trust(NamedTuple):
    """Signers, revocations and policies of one source."""

    signers: Signers
    signers_sha256: str
    revoked: Revoked
    policies: Policies
    where: str
    """For people: ``origin/HEAD at 3f1c2ab`` or the file."""
    commit: str | None = None
    """Of the protected branch; None for a file."""


def from_repository(repository: Repository, ref: str | None = None) -> Trust:
    """The trust of the protected branch, or of `ref`.

    Raises SignOffError(TRUST) where there is no such branch or it names no signers, ConfigError for a faulty policy.
    """
    name, commit = _protected(repository, ref)
    where = f"{name.removeprefix('refs/remotes/')} at {commit[:_SHORT]}"
    signers = repository.blob(commit, f"{FOLDER}/{SIGNERS}")
    if signers is None:
        raise SignOffError(Code.TRUST, f"{where} has no {FOLDER}/{SIGNERS}, so nobody may sign")
    return _trust(
        signers,
        repository.blob(commit, f"{FOLDER}/{REVOKED}"),
        repository.blob(commit, f"{FOLDER}/{POLICY}"),
        where=where,
        at=f"{name.removeprefix('refs/remotes/')}:{FOLDER}",
        commit=commit,
    )


def from_file(path: Path) -> Trust:
    """The trust in a file of signers, with revoked_keys and policy.yaml of the same folder. Raises UsageError, too."""
    signers = _read(path)
    if signers is None:
        raise UsageError(f"--allowed-signers: there is no file {path}")
    beside = path.parent
    return _trust(signers, _read(beside / REVOKED), _read(beside / POLICY), where=str(path), at=str(beside))


def _trust(
    signers: bytes, revoked: bytes | None, policy: bytes | None, *, where: str, at: str, commit: str | None = None
) -> Trust:
    return Trust(
        signers=parse_signers(signers, f"{at}/{SIGNERS}"),
        signers_sha256=hashlib.sha256(signers).hexdigest(),
        revoked=Revoked() if revoked is None else parse_revoked(revoked, f"{at}/{REVOKED}"),
        policies=Policies() if policy is None else parse_policies(policy, f"{at}/{POLICY}"),
        where=where,
        commit=commit,
    )


def _protected(repository: Repository, ref: str | None) -> tuple[str, str]:
    """Name and commit of the branch to trust."""
    for name in _candidates(ref) if ref else PROTECTED:
        commit = repository.commit(name)
        if commit:
            return ref or name, commit
    if ref:
        raise SignOffError(Code.TRUST, f"--trust-ref {ref}: there is no such commit in this repository")
    raise SignOffError(
        Code.TRUST, "no protected branch: this repository has no origin/HEAD, origin/main, origin/master"
    )


def _candidates(ref: str) -> Iterator[str]:
    """A branch of the remote first, then one of this repository; a tag or an id last."""
    yield from (f"{home}{ref}" for home in ("refs/remotes/", "refs/heads/", "refs/tags/"))
    yield ref


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{path} has more than {MAX_BYTES:,} bytes")
    return raw
