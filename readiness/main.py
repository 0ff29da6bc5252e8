"""From the shell and back to it: every mistake of a person becomes sentences, and every ending one exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from readiness.cli import app
from readiness.console import forgive, printable, say, style_of
from readiness.errors import ExitCode, ReadinessError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, that of ``sys.argv`` where none is given."""
    forgive(sys.stdout)
    forgive(sys.stderr)
    try:
        code = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except ReadinessError as error:
        return _tell(error)
    except TyperException as error:
        return _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as crash:  # noqa: BLE001 - a bug of readiness must not look like a verdict
        return _crashed(crash)
    return code if isinstance(code, int) else ExitCode.READY


def _misused(error: TyperException) -> int:
    """A command line that cannot be parsed: the parser knows best how to say it."""
    show = getattr(error, "show", None)
    if show:
        show()
    else:
        say(str(error))
    return ExitCode.USAGE


def _crashed(crash: Exception) -> int:
    from readiness.redact import patterns

    if os.environ.get("READINESS_DEBUG"):
        raise crash
    words = f"readiness itself crashed: {type(crash).__name__}: {crash}"
    say(f"{printable(patterns(words))}\nThis is a bug of readiness; READINESS_DEBUG=1 shows where.")
    return ExitCode.CRASH


def _tell(error: ReadinessError) -> int:
    from readiness.faults import render

    say(render(error.problems, style_of(sys.stderr, os.environ)))
    return error.exit_code
