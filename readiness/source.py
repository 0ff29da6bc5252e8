"""Which source tree a run looked at, as git tells it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from readiness.git import git, source_digest
from readiness.people.model import ATTESTATIONS, WAIVERS, Release
from readiness.report.model import Source

_GLOB = re.compile(r"[*?\[\\]")
REPORTS = "reports"
_RUNS = ("*/*/report.json", "*/*/report.json.intoto.jsonl")
_HOME = ("ledger.jsonl", ".gitattributes")


def read_source(folder: Path, reports: Path) -> Source:
    """The commit around `folder`; all None where it is in no git repository or has no commit yet."""
    commit = git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        return Source()
    changes = git(folder, "status", "--porcelain", "--untracked-files=all", "--", ":/", *_without(folder, reports))
    return Source(
        commit=commit.strip(),
        dirty=None if changes is None else bool(changes.strip()),
        source_digest=tree_digest(folder, "HEAD"),
    )


def read_release(folder: Path) -> Release:
    """What is released, for attestations that hold for one release: committing them does not change it."""
    commit = git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    home = git(folder, "rev-parse", "--show-prefix")
    if commit is None or home is None:
        return Release()
    people = frozenset(f"{home.rstrip()}{name}" for name in (ATTESTATIONS, WAIVERS))
    return Release(commit=commit.strip(), source=tree_digest(folder, "HEAD", without=people))


def tree_digest(folder: Path, commit: str, *, without: Collection[str] = ()) -> str | None:
    """What :func:`readiness.git.source_digest` makes of a commit's tree; None where git fails."""
    tree = git(folder, "ls-tree", "-r", "--full-tree", "--end-of-options", commit)
    return None if tree is None else source_digest(tree, without=without)


def is_committed(folder: Path, name: str) -> bool:
    """Whether the file below `folder` is in the commit as it stands there."""
    known = git(folder, "ls-files", "--error-unmatch", "--", f":(literal){name}")
    changes = git(folder, "status", "--porcelain", "--", f":(literal){name}")
    return known is not None and changes == ""


def author(folder: Path) -> str | None:
    """The e-mail address that commits made here would carry."""
    found = git(folder, "config", "--get", "user.email")
    return found.strip() or None if found else None


def place_of(path: Path) -> str:
    """A file's path from the top of its repository, with ``/``; its name alone where it is in none."""
    home = git(path.parent, "rev-parse", "--show-prefix")
    return path.name if home is None else f"{home.rstrip()}{path.name}"


def _without(folder: Path, reports: Path) -> tuple[str, ...]:
    """What does not make a tree dirty: the reports, wherever below the repository they are written."""
    top = git(folder, "rev-parse", "--show-toplevel")
    names = [":(top,exclude)reports"]
    if top and reports.resolve().is_relative_to(top.rstrip("\n")):
        home = reports.resolve().relative_to(top.rstrip("\n"))
        # what readiness writes there, not all that is there: `--reports .` hides no change
        place = [_GLOB.sub(r"\\\g<0>", part) for part in home.parts]
        written = (*_RUNS, *_HOME) if home.name == REPORTS else _RUNS
        names += [f":(top,exclude,glob){'/'.join([*place, name])}" for name in written]
    return tuple(names)
