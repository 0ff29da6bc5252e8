"""The formats by name; each is one file, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from readiness.errors import Problem, UsageError
from readiness.report.model import Report
from readiness.typed import suggest

FORMATS = ("json", "junit", "sarif")


def find(name: str | None) -> Callable[[Report], str]:
    """The renderer of a format; json where none is named. Raises UsageError with the nearest name."""
    wanted = name or "json"
    if wanted not in FORMATS:
        raise UsageError(
            [Problem(message=f"--format {wanted}: there is no such format", hint=suggest(wanted, FORMATS))]
        )
    render: Callable[[Report], str] = import_module(f"readiness.report.{wanted}").render
    return render
