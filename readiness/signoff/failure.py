"""Why a sign-off was not made, as errors for the command line."""

from __future__ import annotations

from readiness.errors import ExitCode, Problem, ReadinessError
from readiness.signoff.fixes import found
from readiness.signoff.model import Finding, SignOffError


class SigningError(ReadinessError):
    """No signature could be made: no key, no ssh-keygen, an agent that refuses."""

    exit_code = ExitCode.UNVERIFIED


class RefusedError(ReadinessError):
    """What is there does not allow it; the exit code is the finding's."""

    def __init__(self, finding: Finding) -> None:
        super().__init__([Problem(message=f"{finding.code}: {finding.message}", hint=finding.fix)])
        self.exit_code = finding.exit
        self.finding = finding

    @classmethod
    def of(cls, error: SignOffError) -> RefusedError:
        """The refusal for something that was read and cannot be what it claims."""
        return cls(found(error))
