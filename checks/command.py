"""The kind `command`."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, CommandResult, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.duration import parse_duration
from readiness.patterns import compile_assertion

TAIL = 1_500
"""Bytes of the end of an output that are shown: that is where programs say what went wrong."""
LINE_SHOWN = 200
"""Characters of a line that is shown."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """What an output must and must not say."""

    must: tuple[str, ...] = ()
    """RE2 patterns; each must be found."""
    must_not: tuple[str, ...] = ()
    """RE2 patterns that may not be found."""

    def __post_init__(self) -> None:
        if not self.must and not self.must_not:
            raise ValueError("neither `must` nor `must_not` holds a pattern, so nothing would be checked")
        for pattern in (*self.must, *self.must_not):
            compile_assertion(pattern)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A program ends with the expected exit code, and says what it should.

    It runs in the checklist's root without a shell and without standard input, and gets PATH, HOME,
    LANG, LC_ALL, TMPDIR, VIRTUAL_ENV and the variables that are named. What it leaves running is
    ended. A program that is not installed, or does not end in time, is an error; a script of the
    repository that is not there fails.
    """

    id: ClassVar = "command"
    reads: ClassVar = frozenset({Reads.EXEC, Reads.REPO, Reads.ENV})
    effect: ClassVar = Effect.EXEC

    argv: tuple[str, ...]
    """The program and its arguments; a path with a slash is relative to the checklist's root."""
    exit_code: int = 0
    """Exit code that says that all is well."""
    stdout: Output | None = None
    """What it must print."""
    stderr: Output | None = None
    """What it must print as errors."""
    env: tuple[str, ...] = ()
    """Names of further variables that it gets, from the process environment or the environment's dotenv."""
    limit: str = "30s"
    """How long it may take."""

    def __post_init__(self) -> None:
        if not self.argv or not self.argv[0].strip():
            raise ValueError("`argv` names no program")
        if any("\0" in word for word in self.argv):
            raise ValueError("`argv` holds a NUL character, which no program can get")
        if any("=" in name for name in self.env):
            raise ValueError("`env` holds names of variables, not values")
        if len(self.argv) == 1 and " " in self.argv[0]:
            raise ValueError(f"no shell splits {self.argv[0]!r} into words: write {self.argv[0].split()}")
        parse_duration(self.limit)

    def looks_at(self) -> Iterator[str]:
        """The command line and the variables."""
        yield shlex.join(self.argv)
        yield from (f"${name}" for name in self.env)

    def run(self, world: World) -> Iterator[Outcome]:
        """Run it once and judge its end and its outputs."""
        program = self.argv[0]
        if "/" in program and not program.startswith("/") and not world.repo.exists(program):
            yield failed(f"{program} is not there", reason=Reason.MISSING, expected="a program", subject=program)
            return
        result = world.commands.run(self.argv, timeout=parse_duration(self.limit), env=self.env)
        yield self._end(result)
        for name, asked, output in (("stdout", self.stdout, result.stdout), ("stderr", self.stderr, result.stderr)):
            if asked:
                yield from _texts(name, asked, output, whole=not result.truncated)

    def _end(self, result: CommandResult) -> Outcome:
        line = shlex.join(self.argv)
        ended = _ended(result.exit_code)
        say = passed if result.exit_code == self.exit_code else failed
        evidence = [
            Evidence.of(f"{name} of {line}", _tail(output))
            for name, output in (("stdout", result.stdout), ("stderr", result.stderr))
            if output
        ]
        return say(
            f"{line} {ended}", expected=f"exit code {self.exit_code}", observed=ended, subject=line, evidence=evidence
        )


def _texts(name: str, asked: Output, output: bytes, *, whole: bool) -> Iterator[Outcome]:
    for pattern in asked.must:
        yield _said(name, pattern, output, whole=whole)
    for pattern in asked.must_not:
        yield _not_said(name, pattern, output, whole=whole)


def _said(name: str, pattern: str, output: bytes, *, whole: bool) -> Outcome:
    match = compile_assertion(pattern).search(output)
    if match:
        return passed(f"{name} says {pattern}", expected=pattern, observed=_line(output, match.start()))
    if not whole:
        raise _cut(name)
    return failed(f"{name} does not say {pattern}", reason=Reason.MISSING, expected=pattern, observed=_tail(output))


def _not_said(name: str, pattern: str, output: bytes, *, whole: bool) -> Outcome:
    match = compile_assertion(pattern).search(output)
    if match:
        return failed(f"{name} says {pattern}", expected=f"not {pattern}", observed=_line(output, match.start()))
    if not whole:
        raise _cut(name)
    return passed(f"{name} does not say {pattern}", expected=f"not {pattern}", observed=f"{len(output)} bytes")


def _cut(name: str) -> CannotTell:
    fix = "make the program print less"
    return CannotTell(f"{name} went past 1 MiB and was cut, so what it says further on is unknown", fix=fix)


def _line(output: bytes, start: int) -> str:
    begin = output.rfind(b"\n", 0, start) + 1
    return output[begin:].split(b"\n", 1)[0][:LINE_SHOWN].decode("utf-8", "replace").strip()


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    known = {number.value: number.name for number in signal.Signals}
    return f"was ended by {known.get(-code, f'signal {-code}')}"


def _tail(output: bytes) -> str:
    text = output[-TAIL:].decode("utf-8", "replace").strip()
    return f"... {text}" if len(output) > TAIL else text
