"""Finds check kinds: bundled ones, those in folders that a checklist names, those of installed distributions.

The kind ``dns.spf`` lives in a file ``dns_spf.py``, so only what a checklist uses is imported.
Nothing is loaded from a folder that was not named, and a folder of a repository only when the
operator allows it: it is code that runs beside secrets.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from readiness._bundled import CHECKS
from readiness.api import Check, Reads
from readiness.errors import ConfigError, Place, Problem
from readiness.typed import suggest, unusable

ENTRY_POINTS = "readiness.checks"


@dataclasses.dataclass(frozen=True)
class Catalog:
    """The kinds that a checklist may name."""

    folders: tuple[Path, ...] = ()
    """Folders besides the bundled one."""

    @cached_property
    def files(self) -> dict[str, Path]:
        """Kind id to its file. Raises ConfigError for a folder that is missing, and for an id that two files claim."""
        found: dict[str, Path] = {}
        problems: list[Problem] = []
        for folder in (CHECKS, *self.folders):
            if not folder.is_dir():
                problems.append(
                    Problem(
                        message=f"the folder of checks {folder} is not there",
                        hint="`checks:` is relative to the checklist",
                    )
                )
                continue
            for path in sorted(folder.glob("[!_]*.py")):
                if path.stem in found:
                    problems.append(
                        Problem(message=f"{path} and {found[path.stem]} are the same kind", hint="rename one of them")
                    )
                found.setdefault(path.stem, path)
        if problems:
            raise ConfigError(problems)
        return found

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Every kind there is; imports all of them."""
        return tuple(sorted(kind.id for kind in self.all()))

    def all(self) -> Iterator[type[Check]]:
        """Every kind, imported."""
        for path in self.files.values():
            yield self.load(path)
        for entry in _entry_points():
            yield _installed(entry)

    def find(self, identity: str) -> type[Check]:
        """The kind of that id. Raises ConfigError: unknown (with the nearest), or its file cannot be imported."""
        path = self.files.get(identity.replace(".", "_"))
        if path is not None:
            kind = self.load(path)
            if kind.id == identity:
                return kind
        for entry in _entry_points():
            if entry.name == identity:
                return _installed(entry)
        raise ConfigError([Problem(message=f"unknown check `{identity}`", hint=suggest(identity, self.ids))])

    def load(self, path: Path) -> type[Check]:
        """The one kind in a file. Raises ConfigError naming file and line."""
        module = _import(path)
        kinds = [
            kind
            for kind in vars(module).values()
            if inspect.isclass(kind) and kind.__module__ == module.__name__ and "id" in vars(kind)
        ]
        if len(kinds) != 1:
            raise ConfigError(
                [_fault(path, 1, f"holds {len(kinds)} check kinds; a file holds exactly one class with an `id`")]
            )
        problem = _misnamed(kinds[0], path) or _flaw(kinds[0], vars(kinds[0])["id"])
        if problem:
            raise ConfigError([_fault(path, inspect.getsourcelines(kinds[0])[1], problem)])
        return cast("type[Check]", kinds[0])


def _keep_nothing(*_path_and_data: object, **_mode: object) -> None:
    """Writes no ``__pycache__`` beside a team's own kinds: a run must not make the tree dirty that it judges."""


def _import(path: Path) -> ModuleType:
    name = f"readiness_kinds.{path.resolve().as_posix()}"  # no two files are one module, whatever their folders' names
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a .py file always has a loader"  # noqa: S101, PT018 - for the type checker
    module = importlib.util.module_from_spec(spec)
    if not path.is_relative_to(CHECKS) and isinstance(spec.loader, SourceFileLoader):
        spec.loader.set_data = _keep_nothing  # type: ignore[method-assign]  # documented in importlib.abc.SourceLoader
    sys.modules[name] = module  # dataclasses look their module up while they are made
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise ConfigError(
            [_fault(Path(error.filename or path), error.lineno or 1, f"is no Python: {error.msg}")]
        ) from error
    except (Exception, SystemExit) as error:
        # A stranger's module may raise anything; whatever it is, the cure is in that file. One that
        # ends the process while it is imported would otherwise look like a run without a fault.
        del sys.modules[name]
        raise ConfigError(
            [_fault(path, _line(error, path), f"cannot be imported: {type(error).__name__}: {error}")]
        ) from error
    return module


def _line(error: BaseException, path: Path) -> int:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return lines[-1] if lines and lines[-1] else 1


def _fault(path: Path, line: int, message: str) -> Problem:
    return Problem(
        message=f"the check file {path.name} {message}",
        place=Place(file=str(path), line=line),
        hint="see docs/writing-a-check.md",
    )


def _misnamed(kind: Any, path: Path) -> str | None:
    """A kind that nobody would find: its file is not called after it."""
    if isinstance(kind.id, str) and kind.id.replace(".", "_") == path.stem:
        return None
    return f"holds the kind {kind.id!r}; the file of that kind is called {str(kind.id).replace('.', '_')}.py"


def _flaw(kind: Any, identity: str) -> str | None:
    """What keeps a class from being the check kind of that id."""
    parameters = getattr(kind, "__dataclass_params__", None)  # there is no public way to ask
    if parameters is None or not parameters.frozen:
        return "needs `@dataclass(frozen=True, kw_only=True)` on its class"
    if getattr(kind, "id", None) != identity:
        return f"needs `id: ClassVar = {identity!r}`, as it is called"
    lacks = [name for name in ("reads", "effect", "run", "looks_at") if not hasattr(kind, name)]
    if lacks:
        return f"lacks {', '.join(f'`{name}`' for name in lacks)}"
    reads = kind.reads
    if not isinstance(reads, frozenset) or not all(isinstance(part, Reads) for part in reads):
        return "needs `reads: ClassVar = frozenset({Reads...})`"
    if (kind.__doc__ or f"{kind.__name__}(").startswith(f"{kind.__name__}("):  # what dataclasses write where nobody did
        return "needs a docstring: it is the kind's page"
    return unusable(kind)


def _entry_points() -> Sequence[Any]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=ENTRY_POINTS))


def _installed(entry: Any) -> type[Check]:
    """The kind of an installed distribution. Raises ConfigError naming it."""
    what = f"the installed check `{entry.name}` ({entry.value})"
    try:
        kind = entry.load()
    except (Exception, SystemExit) as error:
        message = f"{what} cannot be imported: {type(error).__name__}: {error}"
        raise ConfigError([Problem(message=message, hint="repair or uninstall its distribution")]) from error
    flaw = _flaw(kind, entry.name)
    if flaw:
        raise ConfigError([Problem(message=f"{what} {flaw}", hint="repair or uninstall its distribution")])
    return cast("type[Check]", kind)
