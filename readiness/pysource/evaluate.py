"""What an expression can stand for, followed through names, attributes and calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from readiness.api import CannotTell
from readiness.pysource.project import Project, dotted_name
from readiness.pysource.scopes import Binding, How, Scope, Step
from readiness.pysource.values import (
    NOTHING,
    Definition,
    External,
    Literal,
    Made,
    Many,
    Module,
    Table,
    Value,
    Values,
    Variable,
)

DEEPEST = 40
"""Steps from a name to its origin; real code needs fewer than ten."""
MOST = 400_000
"""Evaluations for one check."""


class Evaluator:
    """Values of expressions; flows are followed, branches are not: a name can be all it is ever bound to."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._under_way: set[tuple[int, int]] = set()
        self._done = 0

    def values(self, node: ast.expr, scope: Scope) -> Values:
        """All that an expression can stand for; empty where nothing is known."""
        self._done += 1
        if self._done > MOST:
            raise CannotTell(f"the code around {scope.path} is too entangled to be followed", fix="narrow `files`")
        key = (id(node), id(scope))
        if key in self._under_way or len(self._under_way) > DEEPEST:
            return NOTHING
        self._under_way.add(key)
        try:
            return self._values(node, scope)
        finally:
            self._under_way.discard(key)

    def _values(self, node: ast.expr, scope: Scope) -> Values:
        from readiness.pysource.invoke import result

        match node:
            case ast.Name(id=name):
                return self.name(name, scope, node)
            case ast.Attribute(value=base, attr=attr):
                return self.attribute(self.values(base, scope), attr)
            case ast.Call():
                return result(self, node, scope)
            case ast.Constant(value=value):
                return frozenset([Literal(value)])
            case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
                return self._joined(node, scope)
            case (
                ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.ListComp() | ast.SetComp() | ast.GeneratorExp()
            ):
                return self._collection(node, scope)
            case ast.Subscript(value=base, slice=index):
                return self._item(self.values(base, scope), self.values(index, scope))
            case _:
                return self._choice(node, scope)

    def _choice(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.IfExp(body=one, orelse=other):
                return self.values(one, scope) | self.values(other, scope)
            case ast.BoolOp(values=parts):
                return union(self.values(part, scope) for part in parts)
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.values(value, scope)
        return NOTHING

    # --- names -----------------------------------------------------------------------------------

    def name(self, name: str, scope: Scope, use: ast.AST | None = None) -> Values:
        """What a name stands for where it is used."""
        place: Scope | None = scope
        while place:
            visible = place is scope or not place.is_class
            if visible and name in place.bindings and name not in place.outer_names:
                return self._bound(name, place, use if place is scope else None)
            place = place.parent
        module = scope.module()
        stars = [self.dotted(f"{base}.{name}") for base in module.stars]
        ours = union(stars)
        if ours:
            return ours
        return frozenset([External(name)]) if hasattr(builtins, name) else NOTHING

    def _bound(self, name: str, scope: Scope, use: ast.AST | None) -> Values:
        found = union(self.binding(binding) for binding in surviving(scope.bindings[name], use))
        grown = [binding for binding in scope.bindings[name] if binding.how is How.GROW]
        if grown:
            elements = tuple(self.binding(binding) for binding in grown)
            found |= frozenset([Many(elements)])
        if scope.parent or any(binding.how in (How.IMPORT, How.DEFINITION) for binding in scope.bindings[name]):
            return found
        return found | frozenset([Variable(f"{dotted_name(scope.path)}.{name}")])

    def binding(self, binding: Binding) -> Values:
        """What one binding gives."""
        from readiness.pysource.invoke import parameter

        if binding.how is How.IMPORT:
            return self.dotted(binding.dotted)
        if binding.how is How.DEFINITION:
            return frozenset([Definition(binding.scope)])
        if binding.how is How.PARAMETER and isinstance(binding.node, ast.arg):
            return parameter(self, binding.node, binding.scope)
        if binding.value is None:
            return NOTHING
        found = self.values(binding.value, binding.scope)
        for step in binding.steps:
            found = self._step(found, step)
        return found

    def _step(self, found: Values, step: Step | int) -> Values:
        if step is Step.ELEMENT:
            return elements(found)
        if isinstance(step, int):
            return self._item(found, frozenset([Literal(step)]))
        return found

    def dotted(self, dotted: str) -> Values:
        """What an import of this name gives: a module of ours, a name in one, or something external."""
        if self.project.path(dotted) or self.project.is_package(dotted):
            return frozenset([Module(dotted)])
        base, _, name = dotted.rpartition(".")
        if not base:
            return frozenset([External(dotted)])
        inside = self.dotted(base)
        return self.attribute(inside, name) if inside else NOTHING

    # --- attributes ------------------------------------------------------------------------------

    def attribute(self, bases: Values, attr: str) -> Values:
        """What ``base.attr`` can be."""
        return union(self._attribute(base, attr) for base in bases)

    def _attribute(self, base: Value, attr: str) -> Values:
        match base:
            case External(name=name) | Made(maker=External(name=name)):
                return frozenset([External(f"{name}.{attr}")])
            case Module(dotted=dotted):
                return self._of_module(dotted, attr)
            case Definition(scope=scope) if scope.is_class:
                return self.of_class(scope, attr)
            case Made(maker=Definition(scope=scope)) if scope.is_class:
                own = union(self.binding(binding) for binding in scope.self_values.get(attr, ()))
                return own | self.of_class(scope, attr)
            case Made(maker=Definition(scope=scope)):
                return union(self._attribute(value, attr) for value in self.returned(scope))
        return NOTHING

    def _of_module(self, dotted: str, attr: str) -> Values:
        inside = f"{dotted}.{attr}"
        module = self.project.module(dotted)
        if module and attr in module.bindings:
            return self._bound(attr, module, None)
        if self.project.path(inside) or self.project.is_package(inside):
            return frozenset([Module(inside)])
        return union(self.dotted(f"{base}.{attr}") for base in module.stars) if module else NOTHING

    def of_class(self, scope: Scope, attr: str) -> Values:
        """An attribute of a class, looked for in its bases too."""
        if attr in scope.bindings:
            return union(self.binding(binding) for binding in scope.bindings[attr])
        bases = scope.node.bases if isinstance(scope.node, ast.ClassDef) and scope.parent else []
        return union(self.attribute(self.values(base, scope.parent), attr) for base in bases if scope.parent)

    def returned(self, scope: Scope) -> Values:
        """What a function gives back; a generator gives its elements."""
        found = union(self.values(value, scope) for value in scope.returns)
        if scope.yields:
            parts = tuple(self.values(value, scope) for value in scope.yields)
            # a dependency or context manager that yields gives the element, a loop over it too
            return found | frozenset([Many(parts)]) | union(parts)
        return found

    # --- collections -----------------------------------------------------------------------------

    def _collection(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return frozenset([Many(tuple(self._spread(parts, scope)))])
            case ast.Dict(keys=keys, values=parts):
                return frozenset([Table(tuple(self._entries(keys, parts, scope)))])
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
                inner = next((inner for inner in scope.inner if inner.node is node), scope)
                return frozenset([Many((self.values(part, inner),))])
        return NOTHING

    def _spread(self, parts: Iterable[ast.expr], scope: Scope) -> Iterable[Values]:
        for part in parts:
            found = self.values(part, scope)
            yield elements(found) if isinstance(part, ast.Starred) else found

    def _entries(
        self, keys: Iterable[ast.expr | None], parts: Iterable[ast.expr], scope: Scope
    ) -> Iterable[tuple[str | None, Values]]:
        for key, part in zip(keys, parts, strict=True):
            found = self.values(part, scope)
            if key is None:
                yield from (entry for value in found if isinstance(value, Table) for entry in value.entries)
            else:
                yield _only_text(self.values(key, scope)), found

    def _item(self, bases: Values, index: Values) -> Values:
        return union(_item(base, index) for base in bases)

    def _joined(self, node: ast.expr, scope: Scope) -> Values:
        parts = (
            node.values
            if isinstance(node, ast.JoinedStr)
            else [node.left, node.right]
            if isinstance(node, ast.BinOp)
            else []
        )
        texts = [""]
        for part in parts:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            found = self.values(inner, scope)
            many = [value for value in found if isinstance(value, Many)]
            if many:
                return found | self.values(parts[-1], scope)
            texts = [text + piece for text in texts for piece in _texts(found)][:64]
        return frozenset(Literal(text) for text in texts)


def surviving(bindings: list[Binding], use: ast.AST | None) -> list[Binding]:
    """Bindings that are not overwritten: the last one before the use that is always made ends those before it."""
    line = getattr(use, "lineno", None)
    before = [one for one in bindings if one.how is not How.GROW and (line is None or one.line <= line)]
    known = before or [one for one in bindings if one.how is not How.GROW]
    last = max((number for number, one in enumerate(known) if one.always), default=0)
    return known[last:]


def union(parts: Iterable[Values]) -> Values:
    """All of them."""
    return frozenset().union(*parts)


def elements(found: Values) -> Values:
    """What a loop over any of the values meets."""
    return union(_elements(value) for value in found)


def _elements(value: Value) -> Values:
    if isinstance(value, Many):
        return union(value.elements)
    if isinstance(value, Table):
        return frozenset(Literal(key) for key, _ in value.entries if key is not None)
    return NOTHING


def _item(base: Value, index: Values) -> Values:
    wanted = {value.value for value in index if isinstance(value, Literal)}
    if isinstance(base, Table):
        return union(found for key, found in base.entries if key is None or not wanted or key in wanted)
    if isinstance(base, Many):
        at = [
            number
            for number in wanted
            if isinstance(number, int) and -len(base.elements) <= number < len(base.elements)
        ]
        return union(base.elements[number] for number in at) if at else union(base.elements)
    return NOTHING


def _only_text(found: Values) -> str | None:
    texts = _texts(found)
    return texts[0] if len(texts) == 1 else None


def _texts(found: Values) -> list[str]:
    return sorted(str(value.value) for value in found if isinstance(value, Literal))
