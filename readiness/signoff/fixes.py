"""What to do about each reason."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.errors import ExitCode
from readiness.signoff.model import Code, Finding, SignOffError

FIXES: Mapping[Code, str] = {
    Code.REPORT_DIGEST: "restore report.json as it was signed, or run `readiness check` and sign the new report",
    Code.SIG_INVALID: "treat the sign-off as forged or damaged: ask the signer to sign again",
    Code.NAMESPACE: "sign with `readiness sign-off --as completer` or `--as approver`",
    Code.ROLE: "let a person sign who has this role in .readiness/allowed_signers, or add the role on the main branch",
    Code.IDENTITY: "sign with a key of your own that .readiness/allowed_signers lists for you",
    Code.UNKNOWN_KEY: "add the key with `readiness signers add`, and merge that to the main branch first",
    Code.KEY_REVOKED: "let somebody sign with a key that is not revoked",
    Code.KEY_EXPIRED: "renew the dates in .readiness/allowed_signers on the main branch, or sign with another key",
    Code.TWO_PERSON: "let another person approve, who neither completed the checklist nor wrote the change",
    Code.THRESHOLD: "let the missing persons sign with `readiness sign-off`",
    Code.CHAIN: "restore reports/ledger.jsonl and the bundle from git; both are only ever appended to",
    Code.WRONG_TARGET: "run `readiness check` for this commit and environment, and have that report signed",
    Code.MISMATCH: "run `readiness check` again and have the new report signed",
    Code.STALE: "run `readiness check` again and have the new report signed",
    Code.FUTURE: "set the clock of the machine that signed, and sign again",
    Code.EXPIRED: "run `readiness check` again and have the new report signed",
    Code.DIRTY: "commit or remove what differs, and run `readiness check` again",
    Code.NOT_READY: "cure what blocks, and run `readiness check` again",
    Code.ITEMS: "run `readiness check` with the checklist of this commit, and have that report signed",
    Code.REJECTED: "cure what was rejected, and have a new report signed",
    Code.MALFORMED: "restore the file from git, or sign again",
    Code.TRUST: "merge signers (`readiness signers add`) to the protected branch; if it is another one than git's "
    "origin/HEAD, name it with `--trust-ref REF`, or run `git remote set-head origin -a`",
    Code.WEAK_KEY: "sign with an Ed25519 key: `ssh-keygen -t ed25519`",
    Code.HASH_ALG: "sign again with this readiness",
    Code.KEY_ALG: "sign with an Ed25519 key: `ssh-keygen -t ed25519`",
}


def finding(code: Code, message: str, *, exit_code: ExitCode | None = None) -> Finding:
    """A finding with the cure of its code."""
    return Finding(code=code, message=message, fix=FIXES[code], exit_code=exit_code)


def found(error: SignOffError) -> Finding:
    """What could not be read, as a finding."""
    return finding(error.code, error.message)
