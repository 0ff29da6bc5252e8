"""``python -m readiness`` and the console script; ``--version`` is answered before anything is imported."""

from __future__ import annotations

import gc
import sys

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
        from readiness.main import main as command_line
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(command_line())


if __name__ == "__main__":
    main()
