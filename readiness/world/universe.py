"""Which files a repository consists of: what git tracks or would track, else what a walk finds."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path

from readiness.api import CannotTell, Reason

NOT_WALKED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".tox", ".nox"})
"""Folders that hold no source of the service, wherever they are."""
GIT_SECONDS = 60


def list_files(root: Path) -> tuple[str, ...]:
    """Paths below `root`, relative to it, sorted; a link is among them if it leads to a file, wherever that is.

    Raises CannotTell where `root` is no folder, or is in a git repository that git cannot read.
    """
    if not root.is_dir():
        fix = "correct `root` in the checklist"
        raise CannotTell(f"the root {root} is not a folder", reason=Reason.NOT_FOUND, fix=fix)
    return tuple(sorted(_below(root)))


def _below(root: Path) -> Iterator[str]:
    # git gives nothing for a folder that it ignores as a whole
    listed = _git(root) if _in_git(root) else None
    if not listed:
        yield from _walk(root)
        return
    for path in listed:
        kind = _kind(f"{root}/{path}")
        if kind is Kind.FOLDER:  # a submodule, or a repository inside this one
            folder = path.rstrip("/")
            yield from (f"{folder}/{inner}" for inner in _below(root / folder))
        elif kind is Kind.FILE:
            yield path


class Kind(Enum):
    """What a path stands for."""

    FILE = auto()
    """A regular file, a link to one, or a special file in the place of one."""
    FOLDER = auto()
    NOTHING = auto()
    """Deleted and not yet committed, or a link to a folder or to nothing: there is no text to read."""


def _kind(path: str) -> Kind:
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return Kind.NOTHING if stat.S_ISDIR(os.stat(path).st_mode) else Kind.FILE  # noqa: PTH116 - per file of the tree
    except OSError:
        return Kind.NOTHING
    return Kind.FOLDER if stat.S_ISDIR(mode) else Kind.FILE


def _in_git(root: Path) -> bool:
    real = root.resolve()
    return any((folder / ".git").exists() for folder in (real, *real.parents))


def _git(root: Path) -> list[str]:
    argv = ["git", "-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "--deduplicate", "-z"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed argv
            argv, cwd=root, env=clean, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except FileNotFoundError as error:
        raise CannotTell(f"{root} is in a git repository, but git is not installed", fix="install git") from error
    except subprocess.TimeoutExpired as error:
        raise CannotTell(
            f"git did not list the files of {root} within {GIT_SECONDS} s", reason=Reason.TIMEOUT
        ) from error
    if done.returncode:
        raise _git_failed(root, done.stderr.decode("utf-8", "replace"))
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]


def _git_failed(root: Path, stderr: str) -> CannotTell:
    fix = f"run `git -C {root} ls-files` and cure what it says"
    if "dubious ownership" in stderr:
        fix = f"git config --global --add safe.directory {root.resolve()}"
    first = next(iter(stderr.strip().splitlines()), "no message")
    return CannotTell(f"git cannot list the files of {root}: {first}", reason=Reason.DENIED, fix=fix)


def _walk(root: Path, prefix: str = "") -> Iterator[str]:
    folders = [prefix]
    while folders:
        folder = folders.pop()
        with _scan(root / folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not _left_out(entry):
                        folders.append(f"{folder}{entry.name}/")
                elif entry.is_file() and _kind(entry.path) is Kind.FILE:
                    yield f"{folder}{entry.name}"


def _scan(folder: Path) -> os._ScandirIterator[str]:
    try:
        return os.scandir(folder)
    except PermissionError as error:
        raise CannotTell(
            f"the folder {folder} may not be read", reason=Reason.DENIED, fix="make it readable"
        ) from error


def _left_out(entry: os.DirEntry[str]) -> bool:
    return entry.name in NOT_WALKED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - per folder of the tree
