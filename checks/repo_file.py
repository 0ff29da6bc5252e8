"""The kind `repo.file`."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from readiness.api import Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.globs import is_glob, validate_globs


@dataclass(frozen=True, kw_only=True)
class RepoFile:
    """Files are there and hold something, or are not in the repository at all.

    A path is exact, or a glob of which at least one file must do. Size counts what is left without
    white space at both ends, so that a file of empty lines is an empty file. With `absent`, nothing
    that git tracks or would track may lie at the path or below it; a file that git ignores is not
    in the repository.
    """

    id: ClassVar = "repo.file"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ

    path: str | None = None
    """A file or glob, relative to the checklist's root."""
    paths: tuple[str, ...] = ()
    """Several of them; each is an assertion of its own."""
    executable: bool | None = None
    """Whether its mode must, or must not, let somebody execute it."""
    min_bytes: int = 1
    """Bytes that it must hold at least."""
    absent: bool = False
    """Turns the question round: nothing may be there."""

    def __post_init__(self) -> None:
        if not self._all():
            raise ValueError("neither `path` nor `paths` is given, so nothing would be checked")
        validate_globs(self._all())
        if self.min_bytes < 0:
            raise ValueError("`min_bytes` is less than nothing")
        if self.absent and (self.executable is not None or self.min_bytes != 1):
            raise ValueError("what is absent has neither size nor mode: leave `min_bytes` and `executable` out")

    def _all(self) -> tuple[str, ...]:
        return self.paths if self.path is None else (self.path, *self.paths)

    def looks_at(self) -> Iterator[str]:
        """The paths."""
        yield from self._all()

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at each path."""
        for path in self._all():
            yield from self._is_absent(world, path) if self.absent else self._is_there(world, path)

    def _is_absent(self, world: World, path: str) -> Iterator[Outcome]:
        found = world.repo.files((path, f"{path}/**"))
        if not found:
            yield passed(f"{path} is not in the repository", expected="no such file", observed="none", subject=path)
            return
        evidence = [Evidence.of(name, "is in the repository") for name in found[:20]]
        message = f"{path} must not be in the repository, but {_count(found)} there"
        yield failed(message, expected="no such file", observed=", ".join(found[:5]), subject=path, evidence=evidence)

    def _is_there(self, world: World, path: str) -> Iterator[Outcome]:
        found = world.repo.files((path,)) if is_glob(path) else (path,) * world.repo.exists(path)
        if not found:
            yield failed(_nothing(world, path), reason=Reason.MISSING, expected="a file", subject=path)
            return
        sizes = {name: _size(world, name) for name in found}
        filled = tuple(name for name, size in sizes.items() if size >= self.min_bytes)
        expected = f"at least {self.min_bytes} bytes, white space at the ends left out"
        observed = f"{max(sizes.values())} bytes"
        if not filled:
            yield failed(f"{path} holds too little", expected=expected, observed=observed, subject=path)
            return
        yield passed(f"{path} is there", expected=expected, observed=observed, subject=path, evidence=_shown(sizes))
        if self.executable is not None:
            yield self._mode(world, path, filled)

    def _mode(self, world: World, path: str, names: tuple[str, ...]) -> Outcome:
        wanted = "executable" if self.executable else "not executable"
        wrong = [name for name in names if _is_executable(world.repo.resolve(name)) != self.executable]
        if not wrong:
            return passed(f"{path} is {wanted}", expected=wanted, observed=wanted, subject=path)
        mode = f"mode {stat.S_IMODE(world.repo.resolve(wrong[0]).stat().st_mode):o}"
        cure = f"git update-index --chmod={'+' if self.executable else '-'}x {wrong[0]}"
        message = f"{wrong[0]} is {'not ' if self.executable else ''}executable: {cure}"
        return failed(message, expected=wanted, observed=mode, subject=path)


def _size(world: World, path: str) -> int:
    big = 1024 * 1024  # nobody fills a megabyte with blanks, and a larger file need not be read
    size = world.repo.resolve(path).stat().st_size
    return size if size > big else len(world.repo.read(path).strip())


def _is_executable(place: Path) -> bool:
    return bool(place.stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))


def _nothing(world: World, path: str) -> str:
    if world.repo.files((f"{path}/**",)):
        return f"{path} is a folder; name a file in it, or {path}/**"
    return f"{path} matches no file" if is_glob(path) else f"{path} is not there"


def _shown(sizes: dict[str, int]) -> list[Evidence]:
    return [Evidence.of(name, f"{size} bytes") for name, size in list(sizes.items())[:5]]


def _count(found: tuple[str, ...]) -> str:
    return "one file is" if len(found) == 1 else f"{len(found)} files are"
