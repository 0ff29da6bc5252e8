"""``stripe.sdk_version``: the service is deployed with an SDK that verifies signatures as it should."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.billing.sdk import Pin, release, statements
from readiness.billing.traps import traps

FILES = (
    "**/*requirements*.txt", "**/*requirements*.in", "**/requirements/*.txt", "**/requirements/*.in",
    "**/constraints*.txt", "**/pyproject.toml", "**/Pipfile", "**/Pipfile.lock", "**/poetry.lock", "**/uv.lock",
    "**/pdm.lock", "**/pylock*.toml",
)  # fmt: skip
ABSTRACT = re.compile(r"(\.in|pyproject\.toml|Pipfile)$")
"""Files whose ranges a lock narrows down."""


@dataclass(frozen=True, kw_only=True)
class StripeSdkVersion:
    """The service is deployed with an SDK of Stripe that verifies signatures as it should.

    Python's SDK before 15.6.0 accepts an event that was signed with an empty key where the webhook's secret is
    empty. Every pin must be new enough, and every range must keep older versions out; a range in
    ``pyproject.toml``, ``Pipfile`` or a ``.in`` file counts only where nothing is pinned beside or below it.
    """

    id: ClassVar = "stripe.sdk_version"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ

    at_least: str = "15.6.0"
    """The oldest version that is good enough."""
    files: tuple[str, ...] = FILES
    """Globs of requirement and lock files."""
    exclude: tuple[str, ...] = ()
    """Globs of those that nothing is deployed from."""
    code: tuple[str, ...] = ()
    """Globs of Python files that must not take an object of the SDK for a dict, which raises since version 15."""
    package: str = "stripe"
    """Name of the distribution."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", self.at_least):
            raise ValueError(f"{self.at_least!r} is no version: write one such as 15.6.0")
        if not self.files:
            raise ValueError("`files` is empty, so nothing would be checked")

    def looks_at(self) -> Iterator[str]:
        """The globs."""
        yield from (*self.files, *self.code)

    def run(self, world: World) -> Iterator[Outcome]:
        """Read every file, and compare what it says of the package."""
        names = world.repo.files(self.files, self.exclude)
        if not names:
            raise CannotTell("there is no requirement or lock file", reason=Reason.NOT_FOUND, fix="name it in `files`")
        found = [pin for name in names for pin in self._statements(world, name)]
        pins = [pin for pin in found if pin.known]
        places = [pin for pin in found if not pin.known]
        if not found:
            yield failed(
                f"no file requires {self.package}: {', '.join(names)}", reason=Reason.MISSING, expected=self.package
            )
        yield from (self._judge(pin) for pin in pins if not _narrowed(pin, pins))
        if self.code:
            yield from self._code(world)
        if places:
            place = f"{places[0].file} takes {self.package} from {places[0].text}"
            raise CannotTell(f"{place}, which says nothing of its version", fix="require a released version")

    def _statements(self, world: World, name: str) -> list[Pin]:
        try:
            return list(statements(name, world.repo.read(name), self.package))
        except ValueError as error:
            raise CannotTell(f"{name} cannot be read: {error}", fix="correct the file") from error

    def _code(self, world: World) -> Iterator[Outcome]:
        """One outcome for each place that raises."""
        names = world.repo.files(self.code, self.exclude)
        found = [(name, trap) for name in names for trap in traps(_parsed(world, name))]
        for name, trap in found:
            yield failed(
                f"{name}:{trap.line}: {trap.text} takes an object of the SDK for a dict, which raises since stripe 15:"
                " use .to_dict() before, or its attributes",
                expected="attributes, or .to_dict()",
                observed=trap.text,
                subject=f"{name}:{trap.line}",
                evidence=[Evidence.of(f"{name}:{trap.line}", trap.text)],
            )
        if not names:
            raise CannotTell(f"no file matches {', '.join(self.code)}", reason=Reason.NOT_FOUND)
        if not found:
            yield passed(f"{len(names)} files take no object of the SDK for a dict", subject=self.package)

    def _judge(self, pin: Pin) -> Outcome:
        subject, seen = f"{pin.file}: {self.package} {pin.text}", [Evidence.of(pin.file, f"{self.package} {pin.text}")]
        expected = f"{self.at_least} or newer"
        if pin.lowest is not None and pin.lowest >= release(self.at_least):
            return passed(
                f"{subject} is new enough", expected=expected, observed=pin.text, subject=pin.file, evidence=seen
            )
        words = "is too old" if pin.exact else "admits versions that are too old"
        message = f"{subject} {words}: require {self.package}>={self.at_least}, and lock it again"
        return failed(message, expected=expected, observed=pin.text, subject=pin.file, evidence=seen)


def _parsed(world: World, name: str) -> ast.Module:
    try:
        return world.repo.python(name)
    except SyntaxError as error:
        raise CannotTell(f"{name} is no Python: line {error.lineno}", fix="correct the file") from error


def _narrowed(pin: Pin, pins: list[Pin]) -> bool:
    """Whether a lock in the same folder, or below it, decides instead of a range."""
    folder = pin.file.rpartition("/")[0]
    return (
        not pin.exact
        and bool(ABSTRACT.search(pin.file))
        and any(other.exact and (not folder or other.file.startswith(f"{folder}/")) for other in pins)
    )
