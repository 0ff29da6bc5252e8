"""From the shell and back to it: every mistake of a person becomes sentences, and every ending one exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from readiness.cli import app, narrow
from readiness.console import say
from readiness.ending import ended
from readiness.errors import ExitCode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, that of ``sys.argv`` where none is given."""
    return ended(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    narrow(next(iter(sys.argv[1:] if arguments is None else arguments), ""))
    try:
        code = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except TyperException as error:
        return _misused(error)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else ExitCode.READY


def _misused(error: TyperException) -> int:
    """A command line that cannot be parsed: the parser knows best how to say it."""
    show = getattr(error, "show", None)
    if show:
        show()
    else:
        say(str(error))
    return ExitCode.USAGE
