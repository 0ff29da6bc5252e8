"""``python -m readiness`` and the console script; ``--version`` is answered before anything is imported."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from readiness import __version__

ALLOCATIONS = 50_000
"""Between two collections; a command ends before its garbage matters, and collecting costs 5 % of its start."""


def main() -> None:
    """Run the command line and leave with the exit code of the one table."""
    if sys.argv[1:] == ["--version"]:
        print(f"readiness {__version__}")  # noqa: T201 - the one line that must cost nothing
        return
    gc.set_threshold(ALLOCATIONS)
    try:
        command_line = _verify if sys.argv[1:2] == ["verify"] else _all()
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(command_line())


def _all() -> Callable[[], int]:
    from readiness.main import main as command_line

    return command_line


def _verify() -> int:
    """Without the library that reads the command line: importing it takes longer than verifying."""
    from readiness.ending import ended

    def verify() -> int:
        from readiness.commands.verify import main as command

        return command(sys.argv[2:])

    return ended(verify)


if __name__ == "__main__":
    main()
