"""The modules of a repository, found by their dotted names; each is read when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from readiness.api import CannotTell, Repo
from readiness.patterns import compile_pattern
from readiness.pysource.build import build
from readiness.pysource.scopes import Scope

PYTHON = ("**/*.py",)
NOT_PRODUCTION = ("**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py")
"""What refers to code from here does not make it part of the service."""


class Project:
    """A repository's Python code, for one check."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._scopes: dict[str, Scope | None] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every Python file."""
        return frozenset(self._repo.files(PYTHON))

    def scope(self, path: str) -> Scope | None:
        """The module in a file, or None where it cannot be read or parsed."""
        if path not in self._scopes:
            self._scopes[path] = self._build(path)
        return self._scopes[path]

    def module(self, dotted: str) -> Scope | None:
        """The module of a dotted name; None for a package without ``__init__.py``, and for what is not ours."""
        path = self.path(dotted)
        return self.scope(path) if path else None

    def path(self, dotted: str) -> str | None:
        """The file of a module: below the root, below ``src``, or wherever only one file has that ending."""
        stem = dotted.replace(".", "/")
        names = (f"{stem}.py", f"{stem}/__init__.py")
        for folder in ("", "src/"):
            for name in names:
                if folder + name in self.paths:
                    return folder + name
        if "." not in dotted:  # too common a name to be looked for everywhere
            return None
        found = [path for path in self.paths for name in names if path.endswith(f"/{name}")]
        return found[0] if len(found) == 1 else None

    def is_package(self, dotted: str) -> bool:
        """Whether modules lie below this name."""
        inside = dotted.replace(".", "/") + "/"
        return any(path.startswith((inside, f"src/{inside}")) or f"/{inside}" in path for path in self.paths)

    def mentioning(self, name: str, also: frozenset[str] = frozenset()) -> Iterator[Scope]:
        """Modules of the service, and those of `also`, whose text holds a word."""
        pattern = compile_pattern(rf"\b{name}\b")
        hits = (
            {hit.path for hit in self._repo.corpus(PYTHON, NOT_PRODUCTION).files_with(pattern)}
            if name.isidentifier()
            else set()
        )
        more = {path for path in also if name.encode() in self._repo.read(path)}
        for path in sorted(hits | more):
            if scope := self.scope(path):
                yield scope

    def is_entry(self, dotted: str, name: str) -> bool:
        """Whether any file names ``module:name`` as a server or an installer is told what to run."""
        tail = dotted.rsplit(".", 1)[-1]
        pattern = compile_pattern(rf"\b{tail}:{name}\b")
        return any(True for _ in self._repo.corpus(("**/*",)).files_with(pattern))

    def _build(self, path: str) -> Scope | None:
        try:
            tree = self._repo.python(path)
        except (SyntaxError, CannotTell, FileNotFoundError):
            return None
        dotted = dotted_name(path)
        package = dotted if path.endswith("__init__.py") else dotted.rpartition(".")[0]
        # only the guard `if __name__ == "__main__"` makes a difference between a server's module and a program
        served = b"__main__" in self._repo.read(path) and self.is_entry(dotted, r"\w+")
        return build(tree, path=path, package=package, served=served)


def dotted_name(path: str) -> str:
    """``api/billing/__init__.py`` is ``api.billing``; the folder ``src`` is no package."""
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
