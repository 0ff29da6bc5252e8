"""Questions about a set of Python files of a repository, for one check."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness.api import Repo
from readiness.pysource import sites
from readiness.pysource.evaluate import Evaluator
from readiness.pysource.paths import Fault, named
from readiness.pysource.project import Project
from readiness.pysource.reach import Reach, references
from readiness.pysource.routes import Routes
from readiness.pysource.scopes import Scope
from readiness.pysource.sites import Site
from readiness.pysource.values import Definition, Made, Module, Values, Variable


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A file that is no Python."""

    path: str
    line: int
    message: str

    @property
    def place(self) -> str:
        """``api/main.py:12``."""
        return f"{self.path}:{self.line}"


class Code:
    """Raises CannotTell where a file of the set cannot be read, or where the code is too entangled."""

    def __init__(self, repo: Repo, files: tuple[str, ...]) -> None:
        self.broken = tuple(_broken(repo, files))
        self._files = frozenset(files)
        self._project = project = Project(repo)
        found = (project.scope(path) for path in files)
        self._modules = tuple(scope for scope in found if scope)
        self._evaluator = Evaluator(project)
        self._reach = Reach(self._evaluator, self._files)

    def used_by_route(self, path: str) -> frozenset[Scope]:
        """The handlers of a route, and every function that they use."""
        return Routes(self._evaluator, self._modules).used_by(path)

    def calls(self, pattern: str, within: frozenset[Scope] | None = None) -> tuple[Site, ...]:
        """Calls by name, of functions that nobody uses too, in order of files and lines."""
        found = sites.calls_of(self._evaluator, self._modules, pattern)
        return tuple(site for site in found if within is None or site.scope in within)

    def live(self, site: Site) -> bool:
        """Whether the function that the call stands in is used."""
        return self._reach.live(site.scope)

    def imports(self, name: str) -> tuple[str, ...]:
        """Places where a module, or a name of it, is imported by code that is used."""
        return tuple(self._imports(name))

    def defines(self, name: str) -> bool:
        """False where a name belongs to our code and our code has no such thing."""
        top = name.split(".", maxsplit=1)[0]
        ours = any(isinstance(one, Module) for one in self._evaluator.dotted(top))
        return not ours or bool(self._evaluator.dotted(name))

    def has_argument(self, site: Site, argument: str) -> bool:
        """Whether the thing of that name is handed over."""
        return sites.has_argument(self._evaluator, site, argument)

    def has_keywords(self, site: Site, keywords: Mapping[str, Any]) -> bool:
        """Whether all keywords have these values."""
        return sites.has_keywords(self._evaluator, site, keywords)

    def fault(self, site: Site, within: frozenset[Scope] | None, fault: Fault) -> str | None:
        """Place of a fault around the call, or around a use of the function that it stands in, and so on."""
        places = within or frozenset(scope for module in self._modules for scope in module.all())
        return self._fault(site.scope, site.call, places, fault, set())

    def _fault(
        self, scope: Scope, node: ast.AST, places: frozenset[Scope], fault: Fault, seen: set[Scope]
    ) -> str | None:
        if line := fault(scope, node):
            return f"{scope.path}:{line}"
        function = named(scope)
        if function in seen or not function.parent:
            return None
        seen.add(function)
        uses = ((place, use) for place in places for use in references(self._evaluator, function, place))
        found = (self._fault(place, use, places, fault, seen) for place, use in uses if named(place).parent)
        return next((one for one in found if one), None)

    def attached(self, site: Site) -> bool:
        """False for a router that gets something but is itself handed over by no call of the same method."""
        func = site.call.func
        return not isinstance(func, ast.Attribute) or self._attached(func, site.scope, frozenset())

    def _attached(self, func: ast.Attribute, scope: Scope, seen: Values) -> bool:
        found = self._evaluator.values(func.value, scope)
        routers = frozenset(one for one in found if isinstance(one, Made) and _is_router(one)) - seen
        if not routers:
            return not found or bool(found - seen)
        return any(
            sites.hands_over(self._evaluator, other, routers)
            and self.live(other)
            and isinstance(other.call.func, ast.Attribute)
            and self._attached(other.call.func, other.scope, seen | routers)
            for module in self._project.mentioning(func.attr, self._files)
            for other in sites.calls_of(self._evaluator, [module], f"*.{func.attr}")
        )

    def _imports(self, name: str) -> Iterator[str]:
        wanted = self._identity(name)
        for module in self._modules:
            for scope in module.all():
                live = [(dotted, node.lineno) for dotted, node in scope.imports if self._reach.live(scope)]
                for dotted, line in live:
                    if self._is_import_of(dotted, name, wanted):
                        yield f"{scope.path}:{line}"
                for call in scope.calls:
                    if self._evaluator.values(call, scope) & wanted and self._reach.live(scope):
                        yield f"{scope.path}:{call.lineno}"

    def _is_import_of(self, dotted: str, name: str, wanted: frozenset[object]) -> bool:
        """The thing itself, or something in it: importing a name of a module runs the module."""
        if dotted == name or dotted.startswith(f"{name}."):
            return True
        return any(self._identity(dotted.rsplit(".", cut)[0]) & wanted for cut in (0, 1) if dotted.count(".") >= cut)

    def _identity(self, name: str) -> frozenset[object]:
        return frozenset(one for one in self._evaluator.dotted(name) if isinstance(one, (Module, Definition, Variable)))


def _is_router(made: Made) -> bool:
    return (sites.full_name(made.maker) or "").endswith("Router")


def _broken(repo: Repo, files: tuple[str, ...]) -> Iterator[Broken]:
    for path in files:
        try:
            repo.python(path)
        except SyntaxError as error:
            yield Broken(path=path, line=error.lineno or 1, message=error.msg)
