"""Where reports are written: once, atomically, each run in a folder of its own."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from readiness.errors import UsageError
from readiness.report import json
from readiness.report.model import Report


def write_report(report: Report, folder: Path) -> Path:
    """``<folder>/<environment>/<UTC>-<commit12>/report.json``. Raises UsageError where it cannot be written."""
    stamp = re.sub(r"[-:]|\.[0-9]+", "", report.started)
    environment = re.sub(r"[^A-Za-z0-9._-]", "_", report.environment)
    home = folder / environment
    name = f"{stamp}-{(report.commit or 'no-commit')[:12]}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        place = _fresh(home, name)
        write_text(place / "report.json", json.render(report))
    except OSError as error:
        raise UsageError(
            f"cannot write the report below {folder}: {error.strerror or error}; choose another folder with --reports"
        ) from error
    return place / "report.json"


def write_text(path: Path, text: str) -> None:
    """Write a whole file or nothing, in UTF-8: a reader never sees half of it."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """The same of bytes."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _fresh(home: Path, name: str) -> Path:
    """A new folder; two runs within one second get two."""
    for suffix in ["", *(f".{number}" for number in range(2, 1000))]:
        try:
            (home / f"{name}{suffix}").mkdir()
        except FileExistsError:
            continue
        return home / f"{name}{suffix}"
    raise FileExistsError(0, "too many reports of this second", str(home / name))
