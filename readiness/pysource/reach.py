"""Whether a function is used at all, found by going back from it to code that runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from readiness.pysource.evaluate import Evaluator
from readiness.pysource.project import dotted_name
from readiness.pysource.scopes import How, Scope
from readiness.pysource.values import Definition, External, Made, Values

INERT = frozenset(
    {
        *("staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "wraps", "retry"),
        *("contextmanager", "asynccontextmanager", "override", "abstractmethod", "overload", "final", "deprecated"),
    }
)
"""Decorators that hand a function to nobody; any other may register it (a route, an event, a task)."""


class Reach:
    """Liveness of scopes: the top of a module runs, a function runs if something that runs uses it."""

    def __init__(self, evaluator: Evaluator, selected: frozenset[str]) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._selected = selected
        self._known: dict[Scope, bool] = {}

    def live(self, scope: Scope) -> bool:
        """Whether the code of a scope can run."""
        if not scope.parent:
            return True
        if not scope.is_function:
            return self.live(scope.parent)
        if scope not in self._known:
            self._known[scope] = False  # while it is looked at: a function that only calls itself does not run
            self._known[scope] = self.live(scope.parent) and self._used(scope)
        return self._known[scope]

    def _used(self, scope: Scope) -> bool:
        return _registered(scope) or self._named(scope) or self._called_by_others(scope) or self._entry(scope)

    def _entry(self, scope: Scope) -> bool:
        at_top = scope.parent is not None and not scope.parent.parent
        return at_top and self._project.is_entry(dotted_name(scope.path), scope.name)

    def _called_by_others(self, scope: Scope) -> bool:
        """A special method runs when its class is used, and so does an override of a base that is not ours."""
        owner = scope.parent
        if not owner or not owner.is_class or not owner.parent:
            return False
        special = scope.name.startswith("__") and scope.name.endswith("__")
        foreign = not scope.name.startswith("_") and self._has_foreign_base(owner)
        return (special or foreign) and (self._named(owner) or _decorated(owner))

    def _has_foreign_base(self, owner: Scope) -> bool:
        if not isinstance(owner.node, ast.ClassDef) or not owner.parent:
            return False
        for base in owner.node.bases:
            found = self._evaluator.values(base, owner.parent)
            ours = [one.scope for one in found if isinstance(one, Definition)]
            if (not ours and ast.unparse(base) != "object") or any(self._has_foreign_base(one) for one in ours):
                return True
        return False

    def _named(self, scope: Scope) -> bool:
        """Whether code that runs, outside of the function itself, reads its name."""
        return any(not _within(place, scope) and self.live(place) for place in self._references(scope))

    def _references(self, scope: Scope) -> Iterator[Scope]:
        for module in self._project.mentioning(scope.name, self._selected):
            for place in module.all():
                if any(True for _ in references(self._evaluator, scope, place)):
                    yield place


def references(evaluator: Evaluator, scope: Scope, place: Scope) -> Iterator[ast.Name | ast.Attribute]:
    """Where a place reads a function or class; for a method, also where nothing is known of the object."""
    target = Definition(scope)
    method = scope.parent is not None and scope.parent.is_class and scope.is_function
    names = {scope.name, *_aliases(place.module(), scope.name)}
    for load in place.loads:
        if (load.id if isinstance(load, ast.Name) else load.attr) not in names:
            continue
        unknown = method and isinstance(load, ast.Attribute) and not known(evaluator.values(load.value, place))
        if unknown or target in evaluator.values(load, place):
            yield load


def known(found: Values) -> bool:
    """Whether it is known what a value is: a variable's name tells nothing, nor a foreign object's member."""
    return any(
        isinstance(one, (Definition, Made)) or (isinstance(one, External) and not one.of_object) for one in found
    )


def _registered(scope: Scope) -> bool:
    decorators = scope.node.decorator_list if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    return any(_last_name(decorator) not in INERT for decorator in decorators)


def _decorated(scope: Scope) -> bool:
    return isinstance(scope.node, ast.ClassDef) and any(
        _last_name(one) not in {"dataclass", "final"} for one in scope.node.decorator_list
    )


def _last_name(decorator: ast.expr) -> str:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _aliases(module: Scope, name: str) -> Iterator[str]:
    for place in module.all():
        for alias, bindings in place.bindings.items():
            if any(one.how is How.IMPORT and one.dotted.rpartition(".")[2] == name for one in bindings):
                yield alias


def _within(place: Scope, scope: Scope) -> bool:
    current: Scope | None = place
    while current:
        if current is scope:
            return True
        current = current.parent
    return False
