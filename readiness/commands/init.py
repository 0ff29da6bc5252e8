"""``readiness init``: a small checklist that already runs."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from readiness.console import say
from readiness.errors import ExitCode, UsageError
from readiness.store import write_text


def write_checklist(path: Path, *, force: bool) -> int:
    """Write it. Raises UsageError where a file is there already, or the folder cannot be written."""
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; --force replaces it")
    try:
        write_text(path, (files("readiness.commands") / "init.yaml").read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    say([f"wrote {path}", f"run it:  readiness check{'' if path == Path('checklist.yaml') else f' -c {path}'}"])
    return ExitCode.READY
