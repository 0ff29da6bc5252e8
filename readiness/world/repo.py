"""The files below the checklist's root: one index, one read and one parse of each file for all items.

Globs look at what git tracks or would track; an exact path may also name an ignored file. Nothing
outside the root is read, through links either, and nothing of `.git`.
"""

from __future__ import annotations

import ast
import errno
import os
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from readiness.api import CannotTell, Reason
from readiness.corpus import Corpus, Unread, plain
from readiness.globs import join_paths, match_glob
from readiness.world.memo import Memo
from readiness.world.universe import list_files

MAX_BYTES = 5 * 1024 * 1024
"""A larger file is refused."""


class Repo:
    """Files of one root; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._real = Path(os.path.realpath(root))
        self._index: Memo[None, tuple[dict[int, str], bytes]] = Memo()
        self._globs: Memo[str, tuple[str, ...]] = Memo()
        self._folders: dict[str, Path] = {}
        self._bytes: dict[str, bytes] = {}
        self._trees: Memo[str, ast.Module] = Memo()
        self._corpora: Memo[tuple[str, ...], Corpus] = Memo()
        self._warnings = Lock()

    def files(self, globs: Sequence[str], exclude: Sequence[str] = ()) -> tuple[str, ...]:
        """Paths that match any of the globs and none of `exclude`, sorted.

        A link is among them unless it points to a folder or to nothing. Raises CannotTell where
        the files cannot be listed.
        """
        wanted = {path for glob in globs for path in self._matching(glob)}
        return tuple(sorted(wanted.difference(*(self._matching(glob) for glob in exclude))))

    def exists(self, path: str) -> bool:
        """Whether a regular file is there, named exactly so, also where the file system ignores case."""
        try:
            place = self.resolve(path)
            return stat.S_ISREG(place.stat().st_mode) and _same_case(self._root / path)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def read(self, path: str) -> bytes:
        """Its bytes. Raises FileNotFoundError, or CannotTell (outside the root, unreadable, over 5 MiB, not a file)."""
        known = self._bytes.get(path)
        # two threads may read the same file at the same time, but all get what the first of them read
        return self._bytes.setdefault(path, self._read(path)) if known is None else known

    def corpus(self, globs: Sequence[str], exclude: Sequence[str] = ()) -> Corpus:
        """The texts of the files that `files` gives; what could not be read is named in it."""
        paths = self.files(globs, exclude)
        return self._corpora.get(paths, lambda: self._join(paths))

    def python(self, path: str) -> ast.Module:
        """Its syntax tree. Raises SyntaxError, FileNotFoundError or CannotTell."""
        return self._trees.get(path, lambda: self._parse(path))

    def resolve(self, path: str) -> Path:
        """Its place on disk, links followed. Raises CannotTell where it leaves the root, or is in `.git`."""
        real = Path(os.path.realpath(self._root / path)) if "\0" not in path else self._real.parent
        if not real.is_relative_to(self._real):
            raise CannotTell(
                f"{path} leads out of the root, so it is not read",
                reason=Reason.DENIED,
                fix="name a file inside the checklist's root, not a link to one outside",
            )
        if ".git" in real.relative_to(self._real).parts:
            raise CannotTell(f"{path} is inside .git, which is not read", reason=Reason.DENIED)
        return real

    def _matching(self, glob: str) -> tuple[str, ...]:
        return self._globs.get(glob, lambda: match_glob(glob, *self._index.get(None, self._list)))

    def _list(self) -> tuple[dict[int, str], bytes]:
        return join_paths(list_files(self._real))

    def _join(self, paths: tuple[str, ...]) -> Corpus:
        texts: list[tuple[str, bytes]] = []
        unread: list[Unread] = []
        for path in paths:
            try:
                texts.append((path, plain(self.read(path))))
            except CannotTell as error:
                unread.append(Unread(path=path, why=error.message))
            except FileNotFoundError:
                unread.append(Unread(path=path, why=f"{path} went away during the run"))
        return Corpus.of(texts, unread)

    def _parse(self, path: str) -> ast.Module:
        raw = self.read(path)
        with self._warnings, warnings.catch_warnings():
            # an odd escape in the code under test is not our warning to print
            warnings.simplefilter("ignore")
            try:
                return ast.parse(raw, filename=path)
            except SyntaxError as error:
                error.filename, error.lineno = path, error.lineno or 1  # a NUL byte has no place
                raise
            except (RecursionError, MemoryError) as error:
                raise CannotTell(f"{path} is nested too deeply to be parsed") from error

    def _place(self, path: str) -> Path | str:
        """As `resolve`, at the cost of one look for a file that is no link in a folder that is known."""
        folder, _, name = path.rpartition("/")
        if not name.strip(".") or name == ".git" or "\0" in path:
            return self.resolve(path)
        place = f"{self._folders.get(folder) or self._folders.setdefault(folder, self.resolve(folder))}/{name}"
        return self.resolve(path) if os.path.islink(place) else place  # noqa: PTH114 - per file of the tree

    def _read(self, path: str) -> bytes:
        place = self._place(path)
        try:
            # not blocking: opening a pipe must not wait for its writer
            handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(path, error) from error
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise CannotTell(f"{path} is not a regular file", reason=Reason.DENIED, fix="name a file")
            if status.st_size > MAX_BYTES:
                raise _too_big(path, status.st_size)
            return os.read(handle, status.st_size)
        finally:
            os.close(handle)


def _same_case(path: Path) -> bool:
    return path.name in os.listdir(path.parent)  # noqa: PTH208 - names alone


def _too_big(path: str, size: int) -> CannotTell:
    return CannotTell(
        f"{path} has {size / 1024 / 1024:.1f} MiB; files over {MAX_BYTES // 1024 // 1024} MiB are not read",
        reason=Reason.DENIED,
        fix="leave it out with `exclude`, or look at it with a check of kind `command`",
    )


def _unreadable(path: str, error: OSError) -> Exception:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return CannotTell(
        f"{path} cannot be read: {error.strerror}", reason=Reason.DENIED, fix="make it readable, or exclude it"
    )
