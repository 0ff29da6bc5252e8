"""Code that takes an object of Stripe's SDK for a dict, which raises since version 15.

Only what is certain is told: a name counts where everything that a function binds to it comes from the SDK.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

SOURCES = ("construct_event", "retrieve", "create", "modify")
METHODS = frozenset({"get", "items", "keys", "values", "setdefault"})
ROOTS = frozenset({"stripe", "Webhook"})


@dataclass(frozen=True, kw_only=True, order=True)
class Trap:
    """One place that raises."""

    line: int
    text: str
    """As it stands there."""


def traps(tree: ast.Module) -> tuple[Trap, ...]:
    """Every such place of a file, in its order; nothing where it does not import the SDK."""
    if not any(_imports(node) for node in ast.walk(tree)):
        return ()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    # a function within another is walked with it and by itself
    return tuple(sorted({trap for function in functions for trap in _within(function)}))


def _within(function: ast.AST) -> Iterator[Trap]:
    known = _Names(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and known.raises(node):
            yield Trap(line=node.lineno, text=ast.unparse(node))


class _Names:
    """What a function's names hold."""

    def __init__(self, function: ast.AST) -> None:
        self._values = _bindings(function)
        self._open: set[str] = set()

    def raises(self, call: ast.Call) -> bool:
        """Whether a call fails on an object of the SDK."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            return self._part(call.func.value)
        whole = ast.unparse(call.func) in {"dict", "json.dumps"}
        return whole and len(call.args) == 1 and self._whole(call.args[0])

    def _part(self, value: ast.expr) -> bool:
        """Whether it is an object of the SDK, or some part of one."""
        if isinstance(value, ast.Attribute | ast.Subscript) and self._part(value.value):
            return True
        return self._whole(value)

    def _whole(self, value: ast.expr) -> bool:
        """Whether it is an object for certain, not a text or a number in one."""
        if isinstance(value, ast.Await):
            return self._whole(value.value)
        if isinstance(value, ast.Name):
            return self._named(value.id)
        if isinstance(value, ast.Subscript):
            return isinstance(value.slice, ast.Constant) and value.slice.value == "object" and self._part(value.value)
        if isinstance(value, ast.Attribute):
            return value.attr == "object" and self._part(value.value)
        return isinstance(value, ast.Call) and _from_sdk(value)

    def _named(self, name: str) -> bool:
        values = self._values.get(name)
        if not values or name in self._open:
            return False
        self._open.add(name)
        holds = all(value is not None and self._whole(value) for value in values)
        self._open.discard(name)
        return holds


def _bindings(function: ast.AST) -> dict[str, list[ast.expr | None]]:
    """Everything that is bound to each name; None for a parameter, a loop's item and whatever else is not known."""
    assigned: dict[int, ast.expr | None] = {}
    found: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assigned |= {id(target): node.value for target in targets}
        elif isinstance(node, ast.arg):
            found.setdefault(node.arg, []).append(None)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            # the walk is breadth first: it met the assignment before its target
            found.setdefault(node.id, []).append(assigned.get(id(node)))
    return found


def _from_sdk(call: ast.Call) -> bool:
    words = ast.unparse(call.func).split(".")
    return words[0] in ROOTS and words[-1].removesuffix("_async") in SOURCES


def _imports(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "stripe" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stripe" and not node.level
