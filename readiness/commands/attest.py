"""``readiness attest``: a person says of an item that it holds, does not, or does not apply."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from readiness.checklist.model import State
from readiness.commands.check import Limits, look_at
from readiness.commands.session import Options, Session, again, open_session
from readiness.console import Style, is_terminal, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.people import saying as person
from readiness.people.model import ATTESTATIONS, Attestation
from readiness.people.record import append
from readiness.people.saying import Saying
from readiness.plan import Step
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
    sayings = [_saying(step, words, who) for step in steps]
    for step, saying in zip(steps, sayings, strict=True):
        person.may_say(step, saying, session.checklist.header.roles)
    made = [_made(session, step, saying) for step, saying in zip(steps, sayings, strict=True)]
    for attestation in made:
        code = _seen(session, attestation, options)
        if code is not ExitCode.READY:
            return code
    for attestation in made:
        _write(session, attestation)
    _next(session)
    return ExitCode.READY


def _saying(step: Step, words: Words, who: str) -> Saying:
    saying = Saying(state=words.state, by=who, note=words.note, evidence=words.evidence)
    return person.with_note(saying, step.item)


def _made(session: Session, step: Step, saying: Saying) -> Attestation:
    folder = session.checklist.path.parent
    return person.attestation(step, saying, session.plan.environment, folder, read_release(folder))


def _seen(session: Session, made: Attestation, options: Options) -> ExitCode:
    """Look at the evidence where the item names a check for it: what is written has been seen to hold."""
    step = session.plan.step(made.item)
    if step is None or step.item.evidence_check is None or made.state != "pass":
        return ExitCode.READY
    people = dataclasses.replace(session.people, attestations=(*session.people.attestations, made))
    facts = look_at(again(session, people, made.item), options, Limits())
    fact = facts.by_id[made.item]
    if fact.state is State.PASS:
        return ExitCode.READY
    style = style_of(sys.stderr, options.process)
    say(style.wrap(f"{made.item}: the evidence was looked at: {fact.message}", "  ", first=""), sys.stderr)
    if fact.fix:
        say(style.wrap(f"help: {fact.fix}", "  "), sys.stderr)
    say("nothing was written", sys.stderr)
    return BLOCKED.get(fact.state, ExitCode.WAITING)


def _write(session: Session, made: Attestation) -> None:
    append(session.checklist.path.parent / ATTESTATIONS, person.entry(made))
    states = {"pass": "as fulfilled", "fail": "as not fulfilled", "na": "as not applicable"}
    say(f"attested {made.item} {states[made.state]} for {made.environment} by {one_line(made.by)}", sys.stdout)


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
    who = _identity(session, words, options)
    style = style_of(sys.stderr, options.process)
    steps = [step for step in session.plan.steps if step.settled and step.settled.state is State.PENDING]
    mine = [step for step in steps if _may(step, who, session)]
    others = len(steps) - len(mine)
    say(f"{len(mine)} items wait for {who} in {session.plan.environment}; {others} for other roles")
    done = 0
    for number, step in enumerate(mine, start=1):
        say(_question(step, number, len(mine), style))
        answer = _ask("[p]ass, [f]ail, [n]ot applicable, [s]kip, [q]uit? ", {"p", "f", "n", "s", "q"})
        if answer in {None, "q"}:
            break
        if answer != "s":
            done += _answered(session, options, step, str(answer), who)
    if done:
        _next(session)
    left = len(steps) - done
    say(f"{done} attested, {left} pending")
    return ExitCode.WAITING if left else ExitCode.READY


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


def _answered(session: Session, options: Options, step: Step, answer: str, who: str) -> int:
    """1 where the answer was written, 0 where it was refused, with the reason told."""
    states: dict[str, Literal["pass", "fail", "na"]] = {"p": "pass", "f": "fail", "n": "na"}
    state = states[answer]
    kind = step.item.evidence if state == "pass" else None
    evidence = _line(f"evidence ({kind}): ") if kind in {"url", "file"} else None
    note = _line("note: " if kind == "note" or state != "pass" else "note (may be empty): ")
    saying = Saying(state=state, by=who, note=note or None, evidence=evidence or None)
    try:
        person.may_say(step, saying, session.checklist.header.roles)
        made = _made(session, step, saying)
    except UsageError as error:
        for problem in error.problems:
            say(f"  {problem.message}" + (f"; {problem.hint}" if problem.hint else ""))
        return 0
    if _seen(session, made, options) is not ExitCode.READY:
        return 0
    _write(session, made)
    return 1


def _ask(prompt: str, known: set[str]) -> str | None:
    """One of the known answers; None at the end of the input."""
    while True:
        answer = _line(prompt)
        if answer is None:
            return None
        if answer.strip().lower()[:1] in known:
            return answer.strip().lower()[:1]


def _line(prompt: str) -> str | None:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write(os.linesep)
    return line.strip() if line else None
