"""Problems for people: where, what was found, the line itself with a caret, and the cure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.console import Style, one_line, printable
from readiness.errors import Place, Problem
from readiness.redact import patterns

LONGEST = 100
"""Columns of an excerpt; a longer line is cut around the caret."""


def render(problems: Sequence[Problem], style: Style) -> str:
    """Every problem, then their number; a line that holds a key is shown without it."""
    lines = [line for problem in problems for line in _one(problem, style)]
    if len(problems) > 1:
        lines.append(f"{len(problems)} problems; nothing was run")
    return "\n".join(lines) + "\n"


def _one(problem: Problem, style: Style) -> Iterator[str]:
    place = f"{problem.place}: " if problem.place else ""
    yield style.paint(f"{place}error: ", "bold", "red") + one_line(patterns(problem.message))
    if problem.place and problem.excerpt is not None:
        yield from _excerpt(problem.place, problem.excerpt, style)
    if problem.hint:
        yield f"  {style.paint('help:', 'cyan')} {one_line(patterns(problem.hint))}"


def _excerpt(place: Place, line: str, style: Style) -> Iterator[str]:
    start = max(0, place.column - LONGEST // 2) if len(line) > LONGEST else 0
    shown = patterns(line)[start : start + LONGEST]
    number = f"{place.line:>5} | "
    yield style.paint(number, "dim") + printable(shown.replace("\t", " "))
    yield (
        " " * (len(number) - 2) + style.paint("| ", "dim") + " " * (place.column - 1 - start) + style.paint("^", "red")
    )
