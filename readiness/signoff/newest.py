"""The report that a command means where none is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from readiness.errors import Problem, UsageError

REPORTS = Path("reports")
REPORT = "report.json"
_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-.+")


def newest_report(environment: str | None = None, folder: Path = REPORTS) -> Path:
    """The last one below `folder`, of an environment where one is named. Raises UsageError where there is none."""
    found = list(reports_of(environment, folder))
    if not found:
        where = f"{folder}/{environment or ''}"
        hint = "name one, or make one with `readiness check`"
        raise UsageError([Problem(message=f"there is no report below {where}", hint=hint)])
    return max(found, key=lambda path: (path.parent.name, str(path)))


def reports_of(environment: str | None = None, folder: Path = REPORTS) -> Iterator[Path]:
    """Every report that a run wrote, in no order; the folder of a run begins with its time."""
    home = re.sub(r"[^A-Za-z0-9._-]", "_", environment) if environment else "*"
    yield from (path for path in folder.glob(f"{home}/*/{REPORT}") if _RUN.fullmatch(path.parent.name))
