"""``readiness sign-off``: a person signs a report, as completer or approver, with the key they have."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path

from readiness.console import Style, is_terminal, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.light import dataclass
from readiness.signoff import store
from readiness.signoff.choice import Chosen, NoKeyError, choose
from readiness.signoff.desk import Desk, Wish, open_desk, say_before
from readiness.signoff.failure import RefusedError
from readiness.signoff.keys import Machine, Passed
from readiness.signoff.ledger import Kind, Record
from readiness.signoff.model import BUNDLE, Change, Decision, Role, SignOffError, Statement
from readiness.signoff.newest import newest_report
from readiness.signoff.signing import Pen
from readiness.signoff.times import clock, end, moment, say_moment
from readiness.signoff.verify import Target, verify
from readiness.signoff.words import maybe_text

COLUMN = 17
SHOWN = 5
"""Names in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The options of the command, as typed."""

    role: str
    report: Path | None = None
    environment: str | None = None
    key: Path | None = None
    reject: bool = False
    comment: str | None = None
    planned: str | None = None
    expires: str | None = None
    change: Change = field(default_factory=Change)
    trust_ref: str | None = None
    yes: bool = False
    process: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A sign-off that is recorded."""

    desk: Desk
    wish: Wish
    me: str


def sign_off(words: Words) -> int:
    """Sign and record it. Raises RefusedError with the verifier's reason, SigningError, UsageError, ConfigError."""
    try:
        written = _signed(words)
    except SignOffError as error:
        raise RefusedError.of(error) from error
    except KeyboardInterrupt:
        say("interrupted; nothing was signed")
        return ExitCode.INTERRUPTED
    if written:
        _tell(words, written)
    return ExitCode.READY


def _signed(words: Words) -> _Written | None:
    """From the question to the files; None where the person said the same before."""
    wish = _wish(words)
    if not (words.yes or is_terminal(sys.stdin)):
        hint = "in a script, say --yes once the script knows what it signs"
        raise UsageError([Problem(message="there is no terminal to confirm at", hint=hint)])
    report = words.report or newest_report(words.environment)
    desk = open_desk(report, environment=words.environment, trust_ref=words.trust_ref, now=clock())
    refusal = desk.refusal(wish)
    if refusal:
        raise RefusedError(refusal)
    style = style_of(sys.stderr, words.process)
    chosen = _key(words, wish, desk, style)
    me = chosen.signer.principal
    earlier = desk.before(wish, me)
    if earlier:
        say(f"{one_line(say_before(earlier))} already; nothing was written")
        return None
    doubt = desk.doubt(desk.statement(wish, me), chosen)
    if doubt:
        raise RefusedError(doubt)
    say(_shown(desk, wish, chosen, style))
    if not words.yes:
        _confirm(desk.report.environment)
    _write(words, wish, replace(desk, now=clock()), chosen)  # reading and confirming took its time
    return _Written(desk=desk, wish=wish, me=me)


def _write(words: Words, wish: Wish, desk: Desk, chosen: Chosen) -> None:
    made = desk.statement(wish, chosen.signer.principal)
    pen = Pen(candidate=chosen.candidate, environment=words.process, terminal=is_terminal(sys.stdin))
    line = pen.envelope(made.payload, wish.role)
    desk.check(line)
    store.append(desk.place, _record(made, desk), line)


def _tell(words: Words, written: _Written) -> None:
    what = "rejected" if written.wish.decision is Decision.REJECT else "signed"
    who = f"as {written.wish.role.value} by {one_line(written.me)}"
    say(f"{what} {who}: {written.desk.place.with_name(BUNDLE)}", sys.stdout)
    say(_next(words, written.desk, written.me))


def _wish(words: Words) -> Wish:
    now = clock()
    if words.role not in set(Role):
        raise UsageError([Problem(message=f"--as {words.role}: there is no such role", hint="completer or approver")])
    return Wish(
        role=Role(words.role),
        decision=Decision.REJECT if words.reject else Decision.APPROVE,
        comment=maybe_text(words.comment, "--comment"),
        planned=moment(words.planned, "--planned", now) if words.planned else None,
        expires=end(words.expires, "--expires", now) if words.expires else None,
        change=Change(**{name: maybe_text(said, _option(name)) for name, said in vars(words.change).items()}),
    )


def _option(field_name: str) -> str:
    return "--change" if field_name == "ref" else f"--{field_name.replace('_', '-')}"


def _key(words: Words, wish: Wish, desk: Desk, style: Style) -> Chosen:
    machine = Machine(words.process, desk.place.resolve().parent)
    found = [machine.named(words.key)] if words.key else machine.candidates()
    try:
        return choose(found, desk.authority(), wish.role)
    except NoKeyError as error:
        say(_passed_over(error.passed, style))
        raise


def _passed_over(passed: tuple[Passed, ...], style: Style) -> Iterator[str]:
    """What was looked at and why it was not taken."""
    if not passed:
        yield "looked for keys in git's user.signingkey, the agent and ~/.ssh/*.pub: there are none"
    for one in passed:
        yield f"  {one_line(one.origin)}:"
        yield style.wrap(one.why, "    ")


def _shown(desk: Desk, wish: Wish, chosen: Chosen, style: Style) -> Iterator[str]:
    """What will be signed, for the person's eyes."""
    signer = chosen.signer
    who = f"{signer.principal} ({signer.name})" if signer.name else signer.principal
    verb = "REJECT" if wish.decision is Decision.REJECT else "sign"
    yield style.paint(one_line(f"{verb} as {wish.role.value}, as {who}"), "bold")
    for name, text in _facts(desk, wish, chosen):
        yield style.wrap(text, " " * (COLUMN + 2), first=f"  {name:<{COLUMN}}", lines=4)


def _facts(desk: Desk, wish: Wish, chosen: Chosen) -> Iterator[tuple[str, str]]:
    report = desk.report
    yield "report", f"{desk.place}, sha256 {report.sha256[:16]}"
    yield "verdict", f"{report.said.state}: {report.said.because}"
    yield "items", ", ".join(f"{number} {state}" for state, number in report.said.counts.items() if number)
    yield from _by_people(desk)
    yield "environment", report.environment
    yield "commit", f"{report.commit}{', and files differ from it' if report.dirty else ''}"
    yield "checked", say_moment(report.finished)
    if wish.planned:
        yield "deployment", f"planned for {say_moment(wish.planned)}"
    if wish.expires:
        yield "holds until", say_moment(wish.expires)
    for name, text in vars(wish.change).items():
        if text:
            yield name.replace("_", " "), text
    if wish.comment:
        yield "comment", wish.comment
    for one in desk.judged:
        if one.finding is None:
            yield "before", say_before(one)
    key = chosen.candidate.key
    yield "key", f"{key.fingerprint} ({key.type}), {chosen.candidate.origin}"
    yield "allowed by", desk.trust.where


def _by_people(desk: Desk) -> Iterator[tuple[str, str]]:
    """What is let pass, and what rests on somebody's word."""
    waived = [line.id for line in desk.report.lines if line.waiver]
    attested = [line.id for line in desk.report.lines if line.attestation]
    for name, ids in (("waived", waived), ("attested", attested)):
        yield name, f"{len(ids)}: {', '.join(ids)}" if ids else "none"


def _confirm(environment: str) -> None:
    """Raises UsageError where something else is typed."""
    say(f"Type the environment's name, {one_line(environment)}, to sign:")
    try:
        typed = sys.stdin.readline().strip()
    except UnicodeDecodeError:
        typed = "this"
    if typed != environment:
        raise UsageError(f"{typed!r} is not {environment!r}; nothing was signed")


def _record(made: Statement, desk: Desk) -> Record:
    said = made.predicate
    return Record(
        kind=Kind.SIGN_OFF,
        at=said.signed_on,
        environment=said.environment,
        report=desk.report.sha256,
        commit=said.commit,
        statement=made.sha256,
        role=said.role,
        decision=said.decision,
        signer=said.signer,
    )


def _next(words: Words, desk: Desk, me: str) -> Iterator[str]:
    yield f"next: git add {os.path.relpath(store.home_of(desk.place))}, git commit, then"
    found = verify(Target(report=desk.place, trust_ref=words.trust_ref))
    for role, wanted in found.required.items():
        signed = {one.signer for one in found.sign_offs if one.valid and one.role == role}
        if len(signed) < wanted:
            names = desk.others(Role(role), {one.signer for one in found.sign_offs} | {me})
            by = " or ".join(names[:SHOWN]) or "another person, who must be added to the signers first"
            yield f"  readiness sign-off --as {role} {desk.place}   by {one_line(by)}"
    yield f"  readiness verify {desk.place}"
