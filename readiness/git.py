"""Git as a question to a stranger's repository: nothing in it, or in this process's environment, starts a program."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

TIMEOUT = 10.0
_HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.quotePath=true"),  # paths, and the digest of a tree, are the same on every machine
    *("-c", "safe.bareRepository=explicit"),  # files named HEAD, objects and refs may lie in any folder
    "--no-optional-locks",
)
_REPORTS = re.compile(
    r"\"?(?:reports/|(?:[^/]+/)+reports/(?:ledger\.jsonl|\.gitattributes|[^/]+/[0-9]{8}T[0-9]{6}Z-[^/]+/report\."
    r"(?:json|json\.intoto\.jsonl|html|md|pdf|sarif|junit\.xml|ctrf\.json))\"?\Z)"
)
"""A service in a folder of its own may have its reports beside it; a path that is not ASCII stands in quotes."""
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


def top_of(folder: Path) -> Path | None:
    """The working tree around a folder; None outside one. No commit brings a ``.git``, so somebody cloned it."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


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


def is_report(path: str) -> bool:
    """Whether a path, as git writes it, is no part of the source: `reports/`, elsewhere what readiness writes."""
    return _REPORTS.match(path) is not None


def source_digest(tree: str, *, without: Collection[str] = ()) -> str:
    """sha256 of the lines of ``git ls-tree -r --full-tree`` but for reports and the paths in `without`."""
    paths = ((line, line.partition("\t")[2]) for line in tree.splitlines())
    kept = "".join(f"{line}\n" for line, path in paths if not is_report(path) and path not in without)
    return hashlib.sha256(kept.encode("utf-8", "surrogateescape")).hexdigest()
