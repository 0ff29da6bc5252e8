"""What a call gives, and what a parameter gets."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from readiness.pysource.scopes import Scope
from readiness.pysource.values import (
    NOTHING,
    Definition,
    External,
    Literal,
    Made,
    Many,
    Table,
    Value,
    Values,
    elements,
    texts,
    union,
)

if TYPE_CHECKING:
    from readiness.pysource.evaluate import Evaluator

SAME = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter"})
"""Builtins that give a collection of the same elements."""
LAST_ARGUMENT = frozenset({"typing.cast", "cast"})
DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"})
IMPORTERS = frozenset({"importlib.import_module", "__import__"})


def result(evaluator: Evaluator, call: ast.Call, scope: Scope) -> Values:
    """What a call gives."""
    if isinstance(call.func, ast.Attribute) and (found := _of_collection(evaluator, call, scope)):
        return found
    makers = evaluator.values(call.func, scope)
    return union(_result(evaluator, maker, call, scope) for maker in makers)


def _result(evaluator: Evaluator, maker: Value, call: ast.Call, scope: Scope) -> Values:
    match maker:
        case Definition(scope=inner) if inner.is_class:
            return frozenset([Made(maker, call, scope)])
        case Definition(scope=inner):
            return (
                frozenset([Made(maker, call, scope)])
                | evaluator.returned(inner)
                | annotated(evaluator, _returns(inner), inner.parent)
            )
        case External(name=name):
            return _external(evaluator, name, call, scope) or frozenset([Made(maker, call, scope)])
    return NOTHING


def _external(evaluator: Evaluator, name: str, call: ast.Call, scope: Scope) -> Values:
    first, last = (evaluator.values(call.args[at], scope) if call.args else NOTHING for at in (0, -1))
    found = NOTHING
    if name in SAME:
        found = first
    elif name in LAST_ARGUMENT:
        found = last
    elif name in DEPENDS:
        found = union(_result(evaluator, maker, call, scope) for maker in first)
    elif name == "enumerate":
        found = frozenset([Many((frozenset([Many((NOTHING, elements(first)))]),))])
    elif name == "dict":
        found = frozenset([Table(tuple((part.arg, evaluator.values(part.value, scope)) for part in call.keywords))])
    elif name == "getattr" and len(call.args) > 1:
        found = union(evaluator.attribute(first, text) for text in texts(evaluator.values(call.args[1], scope)))
    elif name in IMPORTERS:
        found = union(evaluator.dotted(text) for text in texts(first))
    return found


def _of_collection(evaluator: Evaluator, call: ast.Call, scope: Scope) -> Values:
    """``table.items()``, ``table.values()`` and ``table.get(key)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("items", "values", "get"):
        return NOTHING
    tables = [value for value in evaluator.values(call.func.value, scope) if isinstance(value, Table)]
    entries = [entry for table in tables for entry in table.entries]
    if not entries:
        return NOTHING
    if call.func.attr == "items":
        pairs = (Many((frozenset([Literal(key)]), found)) for key, found in entries)
        return frozenset([Many(tuple(frozenset([pair]) for pair in pairs))])
    return (
        frozenset([Many(tuple(found for _, found in entries))])
        if call.func.attr == "values"
        else union(found for _, found in entries)
    )


def _returns(scope: Scope) -> ast.expr | None:
    return scope.node.returns if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def annotated(evaluator: Evaluator, annotation: ast.expr | None, scope: Scope | None) -> Values:
    """An object of each class that an annotation names; ``Annotated[X, Depends(f)]`` gives what `f` gives too."""
    if annotation is None or scope is None:
        return NOTHING
    parts: list[ast.expr | None] = []
    match annotation:
        case ast.Constant(value=str(text)):
            parts = [_parsed(text)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            parts = [left, right]
        case ast.Subscript(slice=ast.Tuple(elts=elts)):
            parts = [*elts]
        case ast.Subscript(slice=part):
            parts = [part]
        case ast.Call():
            return evaluator.values(annotation, scope)
        case ast.Name() | ast.Attribute():
            classes = evaluator.values(annotation, scope)
            return frozenset(Made(one, None, None) for one in classes if isinstance(one, (External, Definition)))
    return union(annotated(evaluator, part, scope) for part in parts)


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def parameter(evaluator: Evaluator, arg: ast.arg, scope: Scope) -> Values:
    """What a parameter can be: its class, its default, and what the calls of the function hand over."""
    owner = scope.parent
    node = scope.node
    if not owner or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return NOTHING
    positional = [*node.args.posonlyargs, *node.args.args]
    if owner.is_class and positional and arg is positional[0]:
        return frozenset([Made(Definition(owner), None, None), Definition(owner)])
    found = annotated(evaluator, arg.annotation, owner) | _default(evaluator, arg, node.args, owner)
    return found | _handed_over(evaluator, arg, scope, positional)


def _default(evaluator: Evaluator, arg: ast.arg, args: ast.arguments, scope: Scope) -> Values:
    positional = [*args.posonlyargs, *args.args]
    pairs = [
        *zip(reversed(positional), reversed(args.defaults), strict=False),
        *zip(args.kwonlyargs, args.kw_defaults, strict=True),
    ]
    return union(evaluator.values(default, scope) for one, default in pairs if one is arg and default)


def _handed_over(evaluator: Evaluator, arg: ast.arg, scope: Scope, positional: list[ast.arg]) -> Values:
    if not scope.is_function or not scope.parent:
        return NOTHING
    method = scope.parent.is_class
    name = scope.parent.name if method and scope.name == "__init__" else scope.name
    index = positional.index(arg) - method if arg in positional else None
    target = Definition(scope.parent if name != scope.name else scope)
    found = NOTHING
    for module in evaluator.project.mentioning(name):
        for place in module.all():
            for call in place.calls:
                if _called_name(call) == name and target in evaluator.values(call.func, place):
                    found |= _argument(evaluator, call, place, arg.arg, index)
    return found


def _called_name(call: ast.Call) -> str | None:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else None


def _argument(evaluator: Evaluator, call: ast.Call, scope: Scope, name: str, index: int | None) -> Values:
    found = union(evaluator.values(part.value, scope) for part in call.keywords if part.arg == name)
    if index is not None and index < len(call.args) and not any(isinstance(part, ast.Starred) for part in call.args):
        found |= evaluator.values(call.args[index], scope)
    return found
