"""``.readiness/policy.yaml``: how many persons must sign for an environment, and how long what they signed holds.

::

    production:
      require: {completer: 1, approver: 1}
      approver_not_author: true
      max_age: 3d
      match: commit
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from readiness.errors import ConfigError, Place, Problem
from readiness.signoff.model import Role

if TYPE_CHECKING:
    from readiness.strict_yaml import Document

RELEASE = "release"
"""The gate whose reports need an approver where the policy does not say."""
SKEW = timedelta(minutes=5)
"""How far the clocks of two machines may differ."""
MOST = 20
"""Persons of one role that a policy may ask for."""


class Match(StrEnum):
    """What must be equal between the report's commit and the one that is released."""

    COMMIT = "commit"
    """The commit, or one after it that differs in reports/ alone."""
    TREE = "tree"
    """The files, whatever the history: for squash merges."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What holds for one environment."""

    require: Mapping[Role, int]
    approver_not_author: bool = True
    max_age: timedelta = timedelta(days=3)
    """Of the results and of each sign-off."""
    match: Match = Match.COMMIT
    checklist: str | None = None
    """The one that a release is checked with, from the top of the repository; None: any of the commit."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The whole file; without one, what is not written."""

    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sha256: str | None = None
    """Of the file's bytes; None where there is no file."""

    def of(self, environment: str, gate: str) -> Policy:
        """The policy of an environment for a report by this gate."""
        said = dict(self.written.get(environment, {}))
        required = {Role.COMPLETER: 1, Role.APPROVER: 1 if gate == RELEASE else 0}
        return Policy(require={**required, **said.pop("require", {})}, **said)


def parse_policies(raw: bytes, file: str) -> Policies:
    """The policies in a file's bytes. Raises ConfigError with every fault, each at its line."""
    from readiness.strict_yaml import parse

    try:
        document = parse(raw.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        place = Place(file=file, line=raw.count(b"\n", 0, error.start) + 1)
        raise ConfigError([Problem(message=f"byte 0x{raw[error.start]:02x} is not UTF-8", place=place)]) from error
    reader = _Reader(document)
    written = reader.policies()
    problems = [*document.problems, *reader.problems]
    if problems:
        raise ConfigError(problems)
    return Policies(written=written, sha256=hashlib.sha256(raw).hexdigest())


@dataclass
class _Reader:
    document: Document
    problems: list[Problem] = field(default_factory=list)

    def policies(self) -> dict[str, dict[str, Any]]:
        readers: dict[str, _Read] = {
            "require": self.require,
            "approver_not_author": self.flag,
            "max_age": self.duration,
            "match": self.match,
            "checklist": self.text,
        }
        found = {}
        for environment in self.mapping(self.document.data, (), "environments with their policies"):
            said = self.mapping(self.document.data[environment], (environment,), "what holds for this environment")
            found[environment] = self.known(said, readers, (environment,))
        return found

    def known(self, said: Mapping[str, Any], readers: Mapping[str, _Read], at: _At) -> dict[str, Any]:
        """Each value by the reader of its key; other keys are faults."""
        for key in said:
            if key not in readers:
                self.fault(f"unknown key `{key}`", (*at, key), key=True, hint=_suggest(key, readers))
        return {key: readers[key](value, (*at, key)) for key, value in said.items() if key in readers}

    def require(self, value: Any, at: _At) -> dict[Role, int]:
        roles = {role.value: self.persons for role in Role}
        found = self.known(self.mapping(value, at, "roles and numbers of persons"), roles, at)
        return {Role(name): number for name, number in found.items()}

    def persons(self, value: Any, at: _At) -> int:
        least = 1 if at[-1] == Role.COMPLETER else 0
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST:
            return value
        self.fault(f"`{at[-1]}` must be a number of persons, {least} to {MOST}, found {_say(value)}", at)
        return least

    def flag(self, value: Any, at: _At) -> bool:
        if not isinstance(value, bool):
            self.fault(f"`{at[-1]}` must be true or false, found {_say(value)}", at)
        return value is True

    def text(self, value: Any, at: _At) -> str:
        if not isinstance(value, str) or not value:
            self.fault(f"`{at[-1]}` must be a text, found {_say(value)}", at)
        return str(value)

    def duration(self, value: Any, at: _At) -> timedelta:
        from readiness.duration import parse_duration

        try:
            return timedelta(seconds=parse_duration(value))
        except (ValueError, OverflowError) as error:
            self.fault(f"`{at[-1]}`: {error}", at)
            return timedelta()

    def match(self, value: Any, at: _At) -> Match:
        words = [word.value for word in Match]
        if value not in words:
            self.fault(f"`match` must be {' or '.join(words)}, found {_say(value)}", at, hint=_suggest(value, words))
            return Match.COMMIT
        return Match(value)

    def mapping(self, value: Any, at: _At, what: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self.fault(f"expected a mapping: {what}; found {_say(value)}", at)
        return {}

    def fault(self, message: str, at: _At, *, key: bool = False, hint: str | None = None) -> None:
        self.problems.append(self.document.problem(message, at, key=key, hint=hint))


_At = tuple[str, ...]
_Read = Callable[[Any, _At], Any]


def _say(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else f"`{str(value)[:60]}`"


def _suggest(word: Any, words: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(str(word), list(words), n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"it may hold {', '.join(words)}"
