"""What stands around a piece of code within its function: branches, and exceptions that are caught."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise

from readiness.pysource.dead import ends, truth
from readiness.pysource.scopes import Scope

Fault = Callable[[Scope, ast.AST], int | None]
"""Line of what is wrong around a node of a scope, or None."""

_OF = truth({})


def swallowed_at(scope: Scope, node: ast.AST) -> int | None:
    """An ``except`` or ``suppress`` around the node after which the code goes on as if nothing had happened."""
    for outer, inner in _around(scope, node):
        if isinstance(outer, (ast.With, ast.AsyncWith)) and inner in outer.body:
            if any("suppress" in ast.unparse(item.context_expr) for item in outer.items):
                return outer.lineno
        elif isinstance(outer, (ast.Try, ast.TryStar)) and inner in outer.body:
            for handler in outer.handlers:
                if not ends(handler.body, _OF):
                    return handler.lineno
    return None


def branched_at(scope: Scope, node: ast.AST) -> int | None:
    """A condition that decides whether the node is reached, and that lets the function go on without it."""
    for outer, inner in _around(scope, node):
        match outer:
            case ast.If(body=body, orelse=orelse) if inner in body or inner in orelse:
                if not ends(orelse if inner in body else body, _OF):
                    return outer.lineno
            case ast.IfExp(test=test) | ast.BoolOp(values=[test, *_]) if inner is not test:
                return outer.lineno
            case ast.match_case() | ast.ExceptHandler():
                return int(getattr(inner, "lineno", 0)) or None
    return None


def _around(scope: Scope, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each node around `node` with the part of it that `node` is in, from the inside to the function itself."""
    root = named(scope).node
    parents = {child: parent for parent in ast.walk(root) for child in ast.iter_child_nodes(parent)}
    chain = [node]
    while chain[-1] in parents and chain[-1] is not root:
        chain.append(parents[chain[-1]])
    return ((outer, inner) for inner, outer in pairwise(chain))


def named(scope: Scope) -> Scope:
    """The named function, or the module, that a lambda or comprehension is part of."""
    while scope.parent and not scope.is_function:
        scope = scope.parent
    return scope
