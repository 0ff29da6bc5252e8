"""What a text of a program is put together from: what is written down, and holes that only a run fills."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HOLE = "\0"
"""Stands in a text for what only a run knows."""
HARMLESS = frozenset({"int", "float", "len", "bool", "range"})
"""Builtins whose result has no letters that matter."""
MOST_NAMES = 50
"""Names that are followed for one text; real code needs fewer than ten."""
BUILDERS = (ast.JoinedStr, ast.BinOp, ast.Call, ast.AugAssign)


@dataclass(frozen=True)
class Names:
    """What the names of a function, or of a module, are assigned; a name with any other origin is not known."""

    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()
    outer: Names | None = None

    def of(self, name: str) -> list[ast.expr] | None:
        """All that it can be; empty for a name from elsewhere, None for an argument and the like."""
        if name in self.opaque:
            return None
        return self.values.get(name) or (self.outer.of(name) if self.outer else [])


def names_of(scope: ast.AST, outer: Names | None = None) -> Names:
    """The names of one scope, without those of the scopes within it."""
    values: dict[str, list[ast.expr]] = {}
    bound: set[str] = set()
    arguments = getattr(scope, "args", None)
    named = ast.walk(arguments) if isinstance(arguments, ast.arguments) else ()
    opaque = {node.arg for node in named if isinstance(node, ast.arg)}
    for node in _own(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values.setdefault(name, []).append(value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                values.setdefault(name, []).append(value)
            case (
                ast.For(target=ast.Name(id=name), iter=value) | ast.comprehension(target=ast.Name(id=name), iter=value)
            ):
                values.setdefault(name, []).append(value)  # any of its elements
            case ast.Name(id=name, ctx=ast.Store()):
                bound.add(name)
    return Names(values=values, opaque=frozenset(opaque | (bound - values.keys())), outer=outer)


def is_function(node: ast.AST) -> bool:
    """Whether names within it are its own."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        yield child
        if not is_function(child):
            yield from _own(child)


def text_of(node: ast.AST, names: Names) -> str:
    """The text, with a HOLE for each part that is not written down in the program."""
    return _Reader(names).text(node)


@dataclass(frozen=True)
class _Reader:
    """Reads one expression."""

    names: Names
    seen: set[str] = field(default_factory=set)
    """Names that were followed; each is followed once, as a second time it adds nothing."""

    def text(self, node: ast.AST) -> str:
        match node:
            case ast.Constant(value=value):
                return str(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(attr=attr):
                return "" if _is_constant_name(attr) else HOLE
            case ast.Call(func=ast.Name(id=name)) if name in HARMLESS:
                return "0"
        parts = _parts(node)
        return "".join(self.text(part) for part in parts) or HOLE * (not parts)

    def _name(self, name: str) -> str:
        if name in self.seen:
            return ""
        known = self.names.of(name)
        if known is None or len(self.seen) > MOST_NAMES:
            return HOLE
        if not known:
            return "" if _is_constant_name(name) else HOLE
        self.seen.add(name)
        return "".join(self.text(value) for value in known)


def _is_constant_name(name: str) -> bool:
    """PEP 8 writes constants in capitals; an ORM's table name is one too."""
    return name.isupper() or name == "__tablename__"


def _parts(node: ast.AST) -> Sequence[ast.AST]:
    """What stands one after the other in a text, or nothing where that is not known."""
    match node:
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.FormattedValue(value=part) | ast.NamedExpr(value=part):
            return [part]
        case ast.IfExp(body=one, orelse=other) | ast.AugAssign(target=one, value=other):
            return [one, other]
        case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
            return [part]
    return _of_operation(node) if isinstance(node, ast.BinOp) else _of_call(node)


def _of_operation(node: ast.BinOp) -> Sequence[ast.AST]:
    match node.op:
        case ast.Add() | ast.Mod():
            return [node.left, node.right]
        case ast.Mult():
            return [node.left]
    return []


def _of_call(node: ast.AST) -> Sequence[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id="str"), args=parts):
            return parts
        case ast.Call(func=ast.Attribute(value=text, attr="join" | "format"), args=parts, keywords=named):
            return [text, *parts, *(keyword.value for keyword in named)]
        case ast.Call(func=ast.Attribute(value=text, attr="strip" | "lower" | "upper")):
            return [text]
    return []
