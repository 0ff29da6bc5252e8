"""A repository's objects, read without a working tree: ``git cat-file --batch``, one process for all of them."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from readiness.git import TIMEOUT, git, git_command, git_environment, is_report, source_digest, top_of
from readiness.signoff.model import Code, SignOffError

MAX_BYTES = 16 * 1024 * 1024
"""Of one object; what is read here was written by hand."""


class Object(NamedTuple):
    """An object and its name."""

    id: str
    kind: str
    """blob, tree, commit or tag."""
    data: bytes


class Author(NamedTuple):
    """A person who had a hand in a commit."""

    commit: str
    email: str


@dataclass
class Repository:
    """The repository around a folder. The process starts at once, so that it is ready when it is asked."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = field(init=False)
    _known: dict[str, Object | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # never the folder itself: a change may bring files that git takes for a bare repository
        top = top_of(self.folder)
        self.folder = top or Path(os.devnull)
        self._process = self._started() if top else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    def read(self, name: str) -> Object | None:
        """The object of that name, such as ``HEAD:checklist.yaml``; None where there is none, or no repository.

        Raises SignOffError(MALFORMED) for an object of more than MAX_BYTES.
        """
        if name not in self._known:
            self._known[name] = self._ask(name)
        return self._known[name]

    def blob(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file of a commit."""
        found = self.read(f"{commit}:{path}")
        return found.data if found and found.kind == "blob" else None

    def commit(self, name: str) -> str | None:
        """The full id of the commit that a name stands for."""
        found = self.read(f"{name}^{{commit}}")
        return found.id if found else None

    def tree(self, commit: str) -> str | None:
        """The id of a commit's tree."""
        found = self.read(f"{commit}^{{tree}}")
        return found.id if found else None

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether `other` is `one` or came after it."""
        return git(self.folder, "merge-base", "--is-ancestor", one, other) is not None

    def common(self, one: str, other: str) -> str | None:
        """The last commit that two others have in common."""
        found = git(self.folder, "merge-base", one, other)
        return found.strip() if found else None

    def last_change(self, commit: str) -> str | None:
        """The last commit up to this one that changed more than `reports/`."""
        found = git(self.folder, "log", "-1", "--format=%H", commit, "--", ":(top)", ":(top,exclude)reports")
        return (found or "").strip() or None

    def refusal(self) -> str | None:
        """Why nothing here says who may sign: a submodule, which a change brings with its own branches."""
        if not (self.folder / ".git").is_file() or Path.cwd().is_relative_to(self.folder):
            return None
        above = (git(self.folder, "rev-parse", "--show-superproject-working-tree") or "").strip()
        return f"{self.folder} is a submodule of {above}, which cannot say who may sign there" if above else None

    def source_digest(self, commit: str) -> str | None:
        """As in report.json."""
        tree = git(self.folder, "ls-tree", "-r", "--full-tree", "--end-of-options", commit)
        return None if tree is None else source_digest(tree)

    def changed(self, one: str, other: str) -> tuple[str, ...]:
        """Paths that differ between two commits, without `reports/`."""
        listed = git(self.folder, "diff-tree", "-r", "-z", "--no-renames", "--name-only", "--no-ext-diff", one, other)
        return tuple(path for path in (listed or "").split("\0") if path and not is_report(path))

    def authors(self, commit: str, base: str | None) -> Sequence[Author] | None:
        """Authors, committers and co-authors of what `commit` brings to `base`; None where git cannot tell.

        Where `base` has the commit already, of the commit and what it merged. A shallow clone
        cannot tell where what it lacks belongs to that.
        """
        found = self._log(commit, f"^{base}") if base else []
        if found or found is None:
            return found
        parent = self.commit(f"{commit}^")
        return self._log(commit, f"^{parent}") if parent else self._log("-1", commit)

    def _log(self, *revisions: str) -> list[Author] | None:
        form = "%D%x00%H%x00%ae%x00%ce%x00%(trailers:key=Co-authored-by,valueonly,separator=%x00)%x00%x01"
        plain = ("--no-show-signature", "--no-mailmap", "--decorate-refs=refs/none")
        said = git(self.folder, "log", *plain, f"--format={form}", *revisions, "--")
        entries = (said or "").split("\x01\n")
        # without the names of refs, the only decoration is that of the end of a shallow clone
        if said is None or any(entry.startswith("grafted\0") for entry in entries):
            return None
        return [author for entry in entries if entry for author in _people(entry)]

    def _started(self) -> subprocess.Popen[bytes] | None:
        try:
            return subprocess.Popen(  # noqa: S603 - a fixed program; objects are named on its stdin
                git_command(self.folder, "cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=git_environment(),
            )
        except OSError:  # no git here
            return None

    def _ask(self, name: str) -> Object | None:
        if not self._process or any(sign in name for sign in "\n\r\0"):
            return None
        watchdog = threading.Timer(TIMEOUT, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._exchange(self._process, name)
        except OSError:  # it is gone: no repository, or out of time
            return None
        finally:
            watchdog.cancel()

    def _exchange(self, process: subprocess.Popen[bytes], name: str) -> Object | None:
        if process.stdin is None or process.stdout is None:
            return None
        process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        process.stdin.flush()
        words = process.stdout.readline().decode("ascii", "replace").split()
        if len(words) != 3 or not words[2].isdigit():  # noqa: PLR2004 - id, type and size, else "... missing"
            return None
        if int(words[2]) > MAX_BYTES:
            process.kill()
            raise SignOffError(Code.MALFORMED, f"{name} has {words[2]} bytes; at most {MAX_BYTES:,} are read")
        data = process.stdout.read(int(words[2]) + 1)
        return Object(id=words[0], kind=words[1], data=data[:-1]) if len(data) == int(words[2]) + 1 else None


def _people(entry: str) -> Iterator[Author]:
    _, commit, *people = entry.split("\0")
    for person in people:
        email = person.rpartition("<")[2].rstrip("> \n") if "<" in person else person.strip()
        if email:
            yield Author(commit=commit, email=email)
