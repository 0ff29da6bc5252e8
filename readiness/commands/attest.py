"""``readiness attest``: a person says of an item that it holds, does not, or does not apply."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Literal

from readiness.checklist.model import State
from readiness.commands.check import Limits, look_at
from readiness.commands.session import Options, Session, again, open_session
from readiness.console import Style, is_terminal, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.light import dataclass
from readiness.people import saying as person
from readiness.people.model import ATTESTATIONS, Attestation
from readiness.people.record import append
from readiness.people.saying import Saying
from readiness.plan import Step
from readiness.redact import patterns
from readiness.source import author, read_release

BLOCKED = {State.FAIL: ExitCode.NOT_READY, State.ERROR: ExitCode.UNVERIFIED, State.SKIPPED: ExitCode.WAITING}
"""What the shell is told where the evidence was looked at, and is not what it should be."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The options of the command, as typed."""

    state: Literal["pass", "fail", "na"] = "pass"
    by: str | None = None
    note: str | None = None
    evidence: str | None = None


def attest(names: Sequence[str], options: Options, words: Words) -> int:
    """Write an attestation for each item; without names ask about everything that is pending. Raises UsageError."""
    session = open_session(options)
    if not names:
        return _walk(session, options, words)
    who = _identity(session, words, options)
    steps = [person.find(session.plan, name) for name in dict.fromkeys(names)]
    made = [_made(session, step, _saying(step, words, who)) for step in steps]
    believed = _with(session, made)
    for attestation in made:
        code = _seen(believed, attestation, options)
        if code is not ExitCode.READY:
            return code
    _write(session, made)
    _next(session)
    return ExitCode.READY


def _saying(step: Step, words: Words, who: str) -> Saying:
    saying = Saying(state=words.state, by=who, note=words.note, evidence=words.evidence)
    return person.with_note(saying, step.item)


def _made(session: Session, step: Step, saying: Saying) -> Attestation:
    """What will be written. Raises UsageError where it may not be said, or not so."""
    person.may_say(step, saying, session.checklist.header.roles)
    words = {"the address": saying.by, "the note": saying.note, "the evidence": saying.evidence}
    person.refuse_secrets(words, session.redactor.text)
    folder = session.checklist.path.parent
    return person.attestation(step, saying, session.plan.environment, folder, read_release(folder))


def _with(session: Session, made: Sequence[Attestation]) -> Session:
    """The session as if they were written: what one item needs, another of them may have just been attested."""
    people = dataclasses.replace(session.people, attestations=(*session.people.attestations, *made))
    return dataclasses.replace(session, people=people)


def _seen(session: Session, made: Attestation, options: Options) -> ExitCode:
    """Look at the evidence where the item names a check for it: what is written has been seen to hold."""
    step = session.plan.step(made.item)
    if step is None or step.item.evidence_check is None or made.state != "pass":
        return ExitCode.READY
    facts = look_at(again(session, session.people, made.item), options, Limits())
    if facts.interrupted:
        say("nothing was written")
        raise KeyboardInterrupt
    fact = facts.by_id[made.item]
    if fact.state is State.PASS:
        return ExitCode.READY
    style = style_of(sys.stderr, options.process)
    say(style.wrap(f"{made.item}: the evidence was looked at: {fact.message}", "  ", first=""), sys.stderr)
    if fact.fix:
        say(style.wrap(f"help: {fact.fix}", "  "), sys.stderr)
    say("nothing was written", sys.stderr)
    return BLOCKED.get(fact.state, ExitCode.WAITING)


def _write(session: Session, made: Sequence[Attestation]) -> None:
    append(session.checklist.path.parent / ATTESTATIONS, [person.entry(one) for one in made])
    states = {"pass": "as fulfilled", "fail": "as not fulfilled", "na": "as not applicable"}
    for one in made:
        say(f"attested {one.item} {states[one.state]} for {one.environment} by {one_line(one.by)}", sys.stdout)


def _next(session: Session) -> None:
    say(f"next: commit {session.checklist.path.parent / ATTESTATIONS}, then run the check", sys.stderr)


def _identity(session: Session, words: Words, options: Options) -> str:
    """Who says so: ``--by``; at a terminal git's user.email, which is shown."""
    found = words.by or (author(session.checklist.path.parent) if _person_here(options) else None)
    if not found or not found.strip():
        hint = "name the person with --by ADDRESS, one of the role that the item asks for"
        raise UsageError([Problem(message="nobody is named who attests", hint=hint)])
    return found.strip()


def _person_here(options: Options) -> bool:
    return is_terminal(sys.stdin) and not options.process.get("CI")


def _walk(session: Session, options: Options, words: Words) -> int:
    """Everything that is pending, one question after another; each answer is written at once."""
    if not is_terminal(sys.stdin):
        hint = "name them: readiness attest ID --by ADDRESS; `readiness pending` lists them"
        raise UsageError([Problem(message="no items are named, and there is no terminal to ask at", hint=hint)])
    if words.state != "pass" or words.note or words.evidence:
        hint = "name the items: readiness attest ID ..."
        raise UsageError([Problem(message="--fail, --na, --note and --evidence say something of no item", hint=hint)])
    who = _identity(session, words, options)
    steps = [step for step in session.plan.steps if step.settled and step.settled.state is State.PENDING]
    mine = [step for step in steps if _may(step, who, session)]
    waits = "1 item waits" if len(mine) == 1 else f"{len(mine)} items wait"
    say(one_line(f"{waits} for {who} in {session.plan.environment}; {len(steps) - len(mine)} for other roles"))
    done: list[Attestation] = []
    over = _asked(session, options, mine, who, done)
    if done:
        _next(session)
    left = len(steps) - len(done)
    say(f"{len(done)} attested, {left} pending")
    return over or (ExitCode.WAITING if left else ExitCode.READY)


def _asked(
    session: Session, options: Options, steps: Sequence[Step], who: str, done: list[Attestation]
) -> ExitCode | None:
    """One question after another, each answer kept in `done`; INTERRUPTED where the person left by Ctrl-C."""
    style = style_of(sys.stderr, options.process)
    try:
        for number, step in enumerate(steps, start=1):
            say(_question(step, number, len(steps), style))
            done += _answered(_with(session, done), options, step, who)
    except _Over:
        return None
    except KeyboardInterrupt:
        say(f"{os.linesep}interrupted; what was attested is kept")
        return ExitCode.INTERRUPTED
    return None


def _may(step: Step, who: str, session: Session) -> bool:
    members = session.checklist.header.roles.get(step.item.by or "", ())
    return step.item.by is None or who.casefold() in {name.casefold() for name in members}


def _question(step: Step, number: int, total: int, style: Style) -> Iterator[str]:
    item = step.item
    yield ""
    yield style.paint(f"{number}/{total} {step.id}", "bold") + f" ({step.severity.value})"
    yield style.wrap(item.title, "  ")
    if item.manual and item.manual != item.title:
        yield style.wrap(item.manual, "  ")
    if step.standing and step.settled:
        yield style.wrap(step.settled.message, "  ", first="  pending: ")
    if item.if_applicable:
        yield style.wrap(item.if_applicable, "  ", first="  applies when: ")


def _answered(session: Session, options: Options, step: Step, who: str) -> list[Attestation]:
    """What was written of an item, nothing where it was skipped; what is refused is told, and asked for again."""
    states: dict[str, Literal["pass", "fail", "na"]] = {"p": "pass", "f": "fail", "n": "na"}
    while (answer := _choice("[p]ass, [f]ail, [n]ot applicable, [s]kip, [q]uit? ", "pfnsq")) != "s":
        if answer == "q":
            raise _Over
        try:
            made = _made(session, step, _typed(step, states[answer], who))
        except UsageError as error:
            say(_refusals(error))
            continue
        if _seen(_with(session, [made]), made, options) is ExitCode.READY:
            _write(session, [made])
            return [made]
    return []


def _typed(step: Step, state: Literal["pass", "fail", "na"], who: str) -> Saying:
    kind = step.item.evidence if state == "pass" else None
    evidence = _line(f"evidence ({kind}): ") if kind in {"url", "file"} else ""
    note = _line("note: " if kind == "note" or state != "pass" else "note (may be empty): ")
    return Saying(state=state, by=who, note=note or None, evidence=evidence or None)


def _refusals(error: UsageError) -> Iterator[str]:
    for problem in error.problems:
        yield "  " + one_line(patterns(problem.message + (f"; {problem.hint}" if problem.hint else "")))


class _Over(Exception):
    """The person has said all that they want to say."""


def _choice(prompt: str, known: str) -> str:
    """One of the known letters, asked for until it is typed. Raises _Over at the end of the input."""
    while True:
        answer = _line(prompt).lower()[:1]
        if answer and answer in known:
            return answer


def _line(prompt: str) -> str:
    """What was typed, asked for again where it is no text. Raises _Over at the end of the input."""
    while True:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        line = sys.stdin.buffer.readline()
        if not line:
            sys.stderr.write(os.linesep)
            raise _Over
        try:
            return line.decode("utf-8").strip()
        except UnicodeDecodeError:
            say("  that is not UTF-8")
