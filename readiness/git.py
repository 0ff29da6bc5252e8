"""Git as a question to a stranger's repository: nothing in it, or in this process's environment, starts a program."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

TIMEOUT = 10.0
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
_SETTINGS = {
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace/ would show other objects under the same names
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would ask its remote
    "GIT_TERMINAL_PROMPT": "0",
}


def git_command(folder: Path, *arguments: str) -> list[str]:
    """The argument vector; a repository's own settings start no program."""
    return ["git", *_HARMLESS, "-C", str(folder), *arguments]


def git_environment() -> Mapping[str, str]:
    """This process's environment without what points git elsewhere."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, **_SETTINGS}


def git(folder: Path, *arguments: str) -> str | None:
    """What git says; None where it fails, is not there, or takes longer than TIMEOUT seconds."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; arguments of strangers stand behind --end-of-options
            git_command(folder, *arguments),
            capture_output=True,
            env=git_environment(),
            timeout=TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def source_digest(tree: str, *, without: Collection[str] = ()) -> str:
    """sha256 of the lines of ``git ls-tree -r --full-tree`` but for `reports/` and the paths in `without`."""
    paths = ((line, line.partition("\t")[2]) for line in tree.splitlines())
    kept = "".join(f"{line}\n" for line, path in paths if not path.startswith("reports/") and path not in without)
    return hashlib.sha256(kept.encode("utf-8", "surrogateescape")).hexdigest()
