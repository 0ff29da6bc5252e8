"""Where the mistakes of a checklist and of a selection are gathered, so that all are told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from readiness.errors import Problem
from readiness.strict_yaml import Document
from readiness.strict_yaml import Path as DataPath


@dataclass
class Mistakes:
    """Each mistake once."""

    document: Document
    found: list[Problem] = field(default_factory=list)

    def add(self, problems: Iterable[Problem]) -> None:
        """Keep those that are new."""
        self.found += [problem for problem in dict.fromkeys(problems) if problem not in self.found]

    def say(self, message: str, hint: str | None = None) -> None:
        """A mistake of the command line."""
        self.add([Problem(message=message, hint=hint)])

    def fault(self, message: str, at: DataPath, hint: str | None = None) -> None:
        """A mistake of the checklist."""
        self.add([self.document.problem(message, at, hint=hint)])

    def secret(self, message: str, at: DataPath) -> None:
        """A secret where none may be."""
        self.fault(message, at, "use a variable of `vars` or --var instead")

    def in_order(self) -> list[Problem]:
        """As they stand in the checklist, then in its packs and other files, then those of the command line."""
        return sorted(self.found, key=self._order)

    def _order(self, problem: Problem) -> tuple[bool, bool, str, int, int]:
        place = problem.place
        if place is None:
            return (True, True, "", 0, 0)
        return (False, place.file != self.document.file, place.file, place.line, place.column)
