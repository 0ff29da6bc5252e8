"""Which source tree a run looked at, as git tells it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

from readiness.report.model import Source

TIMEOUT = 10.0
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
"""A repository's own settings start no program here."""


_GLOB = re.compile(r"[*?\[\\]")


def read_source(folder: Path, reports: Path) -> Source:
    """The commit around `folder`; all None where it is in no git repository or has no commit yet."""
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        return Source()
    changes = _git(folder, "status", "--porcelain", "--untracked-files=all", "--", ":/", *_without(folder, reports))
    tree = _git(folder, "ls-tree", "-r", "--full-tree", "HEAD")
    kept = (
        None
        if tree is None
        else "".join(f"{line}\n" for line in tree.splitlines() if not line.partition("\t")[2].startswith("reports/"))
    )
    return Source(
        commit=commit.strip(),
        dirty=None if changes is None else bool(changes.strip()),
        source_digest=None if kept is None else hashlib.sha256(kept.encode()).hexdigest(),
    )


def _without(folder: Path, reports: Path) -> tuple[str, ...]:
    """What does not make a tree dirty: the reports, wherever below the repository they are written."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    names = [":(top,exclude)reports"]
    if top and reports.resolve().is_relative_to(top.rstrip("\n")):
        home = reports.resolve().relative_to(top.rstrip("\n"))
        # what readiness writes there, not all that is there: `--reports .` hides no change
        written = "/".join([*(_GLOB.sub(r"\\\g<0>", part) for part in home.parts), "*", "*", "report.json"])
        names.append(f":(top,exclude,glob){written}")
    return tuple(names)


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *_HARMLESS, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and arguments of our own
            command, capture_output=True, env=environment, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None
