"""Which key to sign with: the first that the protected branch lets sign in the role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from readiness.errors import Problem
from readiness.signoff.failure import SigningError
from readiness.signoff.keys import Candidate, Passed
from readiness.signoff.model import Code, Role, SignOffError
from readiness.signoff.revoked import Revoked
from readiness.signoff.signer_line import Signer
from readiness.signoff.signers import Signers
from readiness.signoff.sshkey import PublicKey


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The key to sign with, and the line that allows it."""

    candidate: Candidate
    signer: Signer
    passed: tuple[Passed, ...] = ()


class NoKeyError(SigningError):
    """No key here may sign; tells what was looked at."""

    def __init__(self, message: str, passed: Sequence[Passed], hint: str) -> None:
        super().__init__([Problem(message=message, hint=hint)])
        self.passed = tuple(passed)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Who may sign as what at a moment: the lists of the protected branch."""

    signers: Signers
    revoked: Revoked
    moment: datetime

    def signer(self, key: PublicKey, role: Role) -> Signer:
        """The line that allows this key. Raises SignOffError: KEY_REVOKED, UNKNOWN_KEY, ROLE, KEY_EXPIRED."""
        if self.revoked.contains(key):
            raise SignOffError(Code.KEY_REVOKED, f"the key {key.fingerprint} is revoked")
        names = dict.fromkeys(entry.principal for entry in self.signers.entries if entry.key == key)
        faults = []
        for principal in names or {"": None}:
            try:
                return self.signers.authorise(principal, key, role.namespace, self.moment)
            except SignOffError as error:
                faults.append(error)
        raise faults[0]


def choose(found: Iterable[Candidate | Passed], authority: Authority, role: Role) -> Chosen:
    """The first key that may sign in this role. Raises NoKeyError, which tells why each other may not."""
    passed: list[Passed] = []
    for candidate in found:
        if isinstance(candidate, Passed):
            passed.append(candidate)
            continue
        try:
            signer = authority.signer(candidate.key, role)
        except SignOffError as error:
            why = f"{error.code}: {error.message}"
            passed.append(Passed(origin=candidate.origin, why=why))
        else:
            return Chosen(candidate=candidate, signer=signer, passed=tuple(passed))
    hint = f"`readiness signers add NAME --role {role} --key FILE.pub`, merged into the protected branch, allows a key"
    raise NoKeyError(f"no key here may sign as {role}", passed, hint)
