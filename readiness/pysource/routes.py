"""The function that answers a route, and all that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from readiness.pysource.evaluate import Evaluator
from readiness.pysource.reach import known
from readiness.pysource.scopes import Scope
from readiness.pysource.values import Definition, Made, texts, union

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket"})
ADDS = frozenset({"add_api_route", "add_route", "add_api_websocket_route"})
ROUTES = frozenset({"Route", "APIRoute"})
RUN_WITH_THE_CLASS = ("__init__", "__call__", "__enter__", "__aenter__")


class Routes:
    """Handlers in a set of files."""

    def __init__(self, evaluator: Evaluator, modules: Iterable[Scope]) -> None:
        self._evaluator = evaluator
        self._modules = tuple(modules)

    def handlers(self, path: str) -> Iterator[tuple[Scope, ast.Call]]:
        """Functions that answer a route whose path, as far as it is written there, ends `path`; with its call."""
        for module in self._modules:
            for place in module.all():
                for call in place.calls:
                    if self._is_route(call, place, path):
                        yield from ((scope, call) for scope in self._answering(call, place))

    def used_by(self, path: str) -> frozenset[Scope]:
        """The handlers of a route and every function that they, their dependencies and their router's refer to."""
        found: set[Scope] = set()
        waiting: list[Scope] = []
        for scope, call in self.handlers(path):
            waiting.append(scope)
            waiting += self._router_dependencies(call, scope)
        while waiting:
            scope = waiting.pop()
            if scope not in found:
                found.update(scope.all())
                waiting += self._referred(scope)
        return frozenset(found)

    def _is_route(self, call: ast.Call, place: Scope, path: str) -> bool:
        name = _name(call.func)
        if name not in VERBS | ADDS | ROUTES:
            return False
        written = call.args[:1] or [part.value for part in call.keywords if part.arg == "path"]
        prefixes = self._prefixes(call, place)
        ends = [text for part in written for text in texts(self._evaluator.values(part, place))]
        return any(path == prefix + end or _is_end(prefix + end, path) for prefix in prefixes for end in ends)

    def _prefixes(self, call: ast.Call, place: Scope) -> list[str]:
        """What the router's own constructor puts before each path."""
        if not isinstance(call.func, ast.Attribute):
            return [""]
        routers = self._evaluator.values(call.func.value, place)
        given = [
            self._evaluator.values(part.value, one.scope)
            for one in routers
            if isinstance(one, Made) and one.call and one.scope
            for part in one.call.keywords
            if part.arg == "prefix"
        ]
        return [text for found in given for text in texts(found)] or [""]

    def _answering(self, call: ast.Call, place: Scope) -> Iterator[Scope]:
        for scope in place.inner:
            if scope.is_function and call in getattr(scope.node, "decorator_list", ()):
                yield scope
        given = [*call.args[1:2], *(part.value for part in call.keywords if part.arg == "endpoint")]
        for one in union(self._evaluator.values(part, place) for part in given):
            if isinstance(one, Definition):
                yield one.scope

    def _router_dependencies(self, call: ast.Call, scope: Scope) -> Iterator[Scope]:
        if not isinstance(call.func, ast.Attribute) or not scope.parent:
            return
        for one in self._evaluator.values(call.func.value, scope.parent):
            if isinstance(one, Made) and one.call and one.scope:
                yield from self._in_expression(one.call, one.scope)

    def _referred(self, scope: Scope) -> Iterator[Scope]:
        for place in scope.all():
            for load in place.loads:
                yield from self._definitions(load, place)
        node = scope.node
        if scope.parent and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (node.args, *node.decorator_list):  # dependencies stand in defaults, annotations and decorators
                yield from self._in_expression(part, scope.parent)

    def _in_expression(self, node: ast.AST, scope: Scope) -> Iterator[Scope]:
        for part in ast.walk(node):
            if isinstance(part, (ast.Name, ast.Attribute)):
                yield from self._definitions(part, scope)

    def _definitions(self, load: ast.Name | ast.Attribute, place: Scope) -> Iterator[Scope]:
        found = self._evaluator.values(load, place)
        for one in found:
            maker = one.maker if isinstance(one, Made) else one
            scope = maker.scope if isinstance(maker, Definition) else None
            if scope and scope.is_class:
                yield from _methods(scope, RUN_WITH_THE_CLASS)
            elif scope:
                yield scope
        if isinstance(load, ast.Attribute) and not known(found | self._evaluator.values(load.value, place)):
            yield from self._methods_named(load.attr)

    def _methods_named(self, name: str) -> Iterator[Scope]:
        everything = (one for module in self._modules for one in module.all())
        return (
            one for one in everything if one.is_function and one.name == name and one.parent and one.parent.is_class
        )


def _methods(scope: Scope, names: Iterable[str]) -> Iterator[Scope]:
    return (inner for inner in scope.inner if inner.is_function and inner.name in names)


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_end(written: str, path: str) -> bool:
    """``/stripe`` is an end of ``/webhooks/stripe``; the empty text and ``/`` end anything, so they say nothing."""
    return len(written) > 1 and written.startswith("/") and path.endswith(written)
