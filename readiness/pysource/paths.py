"""What stands around a piece of code within its function: branches, and exceptions that are caught."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from readiness.pysource.dead import ends, truth
from readiness.pysource.scopes import Scope

Fault = Callable[[Scope, ast.AST], int | None]
"""Line of what is wrong around a node of a scope, or None."""

_OF = truth({})
_REFUSAL = re.compile(
    r"\b[45]\d\d\b|http_[45]|error|refus|reject|den[iy]|bad_?request|forbidden|unauthori[sz]|abort|fail|invalid|missing",
    re.IGNORECASE,
)


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
    """A condition that lets the function go on, or end well, without the node."""
    steps = list(_around(scope, node))
    return next(
        (line for outer, inner in steps if (line := _passed_by(outer, inner) or _left_before(outer, inner))), None
    )


def _passed_by(outer: ast.AST, inner: ast.AST) -> int | None:
    match outer:
        case ast.If(body=body, orelse=orelse, lineno=line) if inner in body or inner in orelse:
            return None if ends(orelse if inner in body else body, _OF) else line
        case ast.IfExp(test=test, lineno=line) | ast.BoolOp(values=[test, *_], lineno=line) if inner is not test:
            return line
        case ast.match_case(pattern=pattern):
            return pattern.lineno
        case ast.ExceptHandler(lineno=line):
            return line
    return None


def _left_before(outer: ast.AST, inner: ast.AST) -> int | None:
    """A return in an earlier statement of the same block that gives something which does not look like a refusal."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(outer, name, None)
        if isinstance(block, list) and inner in block:
            earlier = (part for statement in block[: block.index(inner)] for part in _own_parts(statement))
            return next((part.lineno for part in earlier if isinstance(part, ast.Return) and _is_success(part)), None)
    return None


def _own_parts(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and what is in it, without the functions that it defines."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _own_parts(child)


def _is_success(node: ast.Return) -> bool:
    """Nothing, a constant and what has the words or status of a refusal leave it to the caller, or refuse."""
    if node.value is None or isinstance(node.value, ast.Constant):
        return False
    return not _REFUSAL.search(ast.unparse(node.value))


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
