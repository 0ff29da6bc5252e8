"""How every command ends: one exit code, and a mistake of a person as sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from readiness.console import forgive, printable, say, style_of
from readiness.errors import ExitCode, ReadinessError


def ended(command: Callable[[], int]) -> int:
    """The exit code of a command, whatever becomes of it."""
    forgive(sys.stdout)
    forgive(sys.stderr)
    try:
        return command()
    except ReadinessError as error:
        return _tell(error)
    except KeyboardInterrupt:
        say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as crash:  # noqa: BLE001 - a bug of readiness must not look like a verdict
        return _crashed(crash)


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
