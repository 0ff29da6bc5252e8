"""Sign-offs arranged for readers: the headline, who completed, who approved, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from readiness.errors import PRECEDENCE, ExitCode
from readiness.light import dataclass
from readiness.report.model import Report, Verdict
from readiness.report.words import VERDICT_WORDS, count
from readiness.signoff.model import Code, Decision, Finding, Role, SignOff, Verification

NOBODY = "Not signed yet: nobody has completed or approved this report."
TITLES = {Role.COMPLETER: "Completed by", Role.APPROVER: "Approved by"}


class Tone(StrEnum):
    """How a headline looks; its word says the same."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    WAIT = "wait"


CODES = {
    Verdict.READY: ExitCode.READY,
    Verdict.NOT_READY: ExitCode.NOT_READY,
    Verdict.UNVERIFIED: ExitCode.UNVERIFIED,
    Verdict.WAITING: ExitCode.WAITING,
}
TONES = {
    ExitCode.READY: (Tone.GOOD, "✓"),
    ExitCode.NOT_READY: (Tone.BAD, "✗"),
    ExitCode.INVALID: (Tone.BAD, "✗"),
    ExitCode.STALE: (Tone.BAD, "✗"),
    ExitCode.UNVERIFIED: (Tone.UNKNOWN, "!"),
    ExitCode.WAITING: (Tone.WAIT, "…"),
}
WORDS = {
    ExitCode.INVALID: "INVALID",
    ExitCode.STALE: "NOT VALID",
    ExitCode.UNVERIFIED: "UNVERIFIED",
    ExitCode.NOT_READY: "NOT READY",
    ExitCode.WAITING: "WAITING",
}


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The answer of the page."""

    word: str
    tone: Tone
    symbol: str
    sentence: str
    code: Code | None
    """Of the finding that the sentence tells, where it is one."""
    fix: str | None
    others: tuple[Finding, ...]
    """What else keeps it from being valid."""
    signed: str
    """What became of the sign-off, in one sentence."""
    alarm: bool = False
    """The signatures themselves are wrong: nothing else on the page may be believed."""


@dataclass(frozen=True, kw_only=True)
class TwoPersons:
    """Whether the two-person rule is met, in words too; None where nobody signed."""

    says: str
    good: bool | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the sign-off table: a signature, or one that is missing."""

    title: str
    sign_off: SignOff | None = None
    says: str
    """``verified``, or why it does not count."""
    good: bool = False


def headline(report: Report, verification: Verification | None) -> Headline:
    """The worse one of what the run found and what the signatures say."""
    code, finding = _worst(report, verification)
    tone, symbol = TONES[code]
    return Headline(
        word=_word(report, code, finding),
        tone=tone,
        symbol=symbol,
        sentence=finding.message if finding else report.verdict.because,
        code=finding.code if finding and finding.code is not Code.REJECTED else None,
        fix=finding.fix if finding else None,
        others=tuple(one for one in verification.findings if one is not finding) if verification else (),
        signed=_signed(verification),
        alarm=code is ExitCode.INVALID,
    )


def _worst(report: Report, verification: Verification | None) -> tuple[ExitCode, Finding | None]:
    """The code that wins, and the finding where it is the signatures that say so and not the run."""
    own = CODES[report.verdict.state]
    checked = verification.exit_code if verification else ExitCode.READY
    code = next((code for code in PRECEDENCE if code in {own, checked}), ExitCode.READY)
    finding = verification.finding if verification and code is checked else None
    told_by_run = finding is not None and code is own and finding.code is not Code.REJECTED
    return code, None if told_by_run else finding


def _word(report: Report, code: ExitCode, finding: Finding | None) -> str:
    if finding is None:
        return "INTERRUPTED" if report.interrupted else VERDICT_WORDS[report.verdict.state]
    return "REJECTED" if finding.code is Code.REJECTED else WORDS[code]


def _signed(verification: Verification | None) -> str:
    if verification is None or not (verification.sign_offs or verification.findings):
        return NOBODY
    if verification.trust is None:
        return "Not verified: nothing says who may sign."
    if verification.findings:
        return "Not signed off."
    people = len({line.signer for line in verification.sign_offs if counts(line)})
    if not people:
        return NOBODY
    others = sum(not counts(line) for line in verification.sign_offs)
    rest = f"{count(others, 'other does', 'others do')} not count" if others else "every signature was verified"
    return f"Signed off by {count(people, 'person', 'persons')}; {rest}."


def counts(sign_off: SignOff) -> bool:
    """Whether it approves and holds."""
    return sign_off.valid and sign_off.decision is Decision.APPROVE


def lines(verification: Verification | None) -> tuple[Line, ...]:
    """Completed by, then approved by; the seed's two lines are there whether anybody signed or not."""
    return tuple(line for role in Role for line in _of_role(role, verification))


def _of_role(role: Role, verification: Verification | None) -> Iterator[Line]:
    found = [line for line in verification.sign_offs if line.role is role] if verification else []
    for sign_off in sorted(found, key=lambda line: line.signed_on):
        title = TITLES[role] if sign_off.decision is Decision.APPROVE else "Rejected by"
        yield Line(title=title, sign_off=sign_off, says=_says(sign_off), good=counts(sign_off))
    missing = _required(role, verification) - len({line.signer for line in found if counts(line)})
    if missing > 0 or not found:
        yield Line(title=TITLES[role], says=_missing(role, verification, missing))


def _required(role: Role, verification: Verification | None) -> int:
    return verification.required.get(role.value, 0) if verification else 0


def _missing(role: Role, verification: Verification | None, missing: int) -> str:
    if verification is not None and verification.trust is None:
        return "not verified: nothing says who may sign"
    if verification is None or not verification.required:
        return "not signed yet"
    return f"not signed yet: {count(missing, 'person', 'persons')} required" if missing > 0 else f"no {role} required"


def _says(sign_off: SignOff) -> str:
    if sign_off.finding:
        return f"NOT VALID: {sign_off.finding.code}"
    return "verified" if sign_off.decision is Decision.APPROVE else "REJECTED, verified"


def two_person(verification: Verification | None) -> TwoPersons:
    """The row on the two-person rule."""
    signed = {line.role for line in verification.sign_offs if counts(line)} if verification else set()
    if verification is None or not signed:
        return TwoPersons(says="not signed yet", good=None)
    if signed < set(Role):
        return TwoPersons(says="waiting for the other person", good=None)
    if verification.two_person:
        return TwoPersons(
            says="met: completed and approved by different persons with different keys, none of them an author",
            good=True,
        )
    return TwoPersons(
        says="not met: completer and approver are not known to be two persons beside the authors", good=False
    )


def planned(verification: Verification | None) -> datetime | None:
    """The deployment that the approver signed for, else the completer; signatures that do not hold say nothing."""
    valid = [line for line in verification.sign_offs if counts(line)] if verification else []
    valid.sort(key=lambda line: (line.role is Role.APPROVER, line.signed_on))
    return next((line.planned_deployment for line in reversed(valid) if line.planned_deployment), None)


def change(verification: Verification | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What valid signatures say of the change: a title and every different text, in the order of signing."""
    valid = [line.change for line in verification.sign_offs if counts(line)] if verification else []
    fields = (
        ("Change", [one.ref for one in valid]),
        ("Reason", [one.reason for one in valid]),
        ("Security impact", [one.security_impact for one in valid]),
        ("Rollback", [one.rollback for one in valid]),
    )
    return tuple((title, tuple(dict.fromkeys(text for text in texts if text))) for title, texts in fields)
