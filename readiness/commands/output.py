"""Where a rendered report goes: a file that is written whole or not at all, or stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from readiness.console import is_terminal, say
from readiness.errors import Problem, UsageError
from readiness.store import write_bytes, write_text

STDOUT = (None, "-")


def refuse_binary(name: str | None, to: str | None) -> None:
    """Raises UsageError where a PDF would go to a terminal."""
    if name == "pdf" and to in STDOUT and is_terminal(sys.stdout):
        raise UsageError([Problem(message="a PDF is nothing for a terminal", hint="name a file: -o report.pdf")])


def emit(rendered: str | bytes, to: str | None) -> None:
    """Write it to the file `to`, or to stdout. Raises UsageError where that cannot be written."""
    if to is not None and to != "-":
        _to_file(rendered, Path(to))
    elif isinstance(rendered, str):
        say(rendered, sys.stdout)
    else:
        _to_stdout(rendered)


def _to_file(rendered: str | bytes, path: Path) -> None:
    try:
        if isinstance(rendered, str):
            write_text(path, rendered)
        else:
            write_bytes(path, rendered)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UsageError(f"cannot write {path}: {reason}") from error


def _to_stdout(rendered: bytes) -> None:
    """The very bytes; a reader who went away changes no exit code, as in `say`."""
    try:
        sys.stdout.buffer.write(rendered)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
