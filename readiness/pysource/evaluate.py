"""What an expression can stand for, followed through names, attributes and calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence

from readiness.api import CannotTell
from readiness.pysource.invoke import parameter, result
from readiness.pysource.project import Project, dotted_name
from readiness.pysource.scopes import Binding, How, Scope, Step, surviving
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
    elements,
    item,
    only_text,
    texts,
    union,
)

DEEPEST = 40
"""Steps from a name to its origin; real code needs fewer than ten."""
MOST = 400_000
"""Evaluations for one check."""
NEVER = 1_000_000
"""Deeper than any circle can reach back."""
MOST_TEXTS = 64
"""Texts that one expression may stand for."""


class Evaluator:
    """Values of expressions; flows are followed, branches are not: a name can be all it is ever bound to."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._known: dict[tuple[ast.expr, Scope], Values] = {}
        self._under_way: dict[tuple[ast.expr, Scope], int] = {}
        self._cut = NEVER
        self._done = 0

    def values(self, node: ast.expr, scope: Scope) -> Values:
        """All that an expression can stand for; empty where nothing is known."""
        key = (node, scope)
        if key in self._known:
            return self._known[key]
        depth = len(self._under_way)
        if key in self._under_way or depth > DEEPEST:
            self._cut = min(self._cut, self._under_way.get(key, 0))
            return NOTHING
        self._count(scope)
        outer, self._cut = self._cut, NEVER
        self._under_way[key] = depth
        found = self._values(node, scope)
        del self._under_way[key]
        if self._cut >= depth:  # what was left out in a circle was left out within this very expression
            self._known[key] = found
            self._cut = NEVER
        self._cut = min(outer, self._cut)
        return found

    def _count(self, scope: Scope) -> None:
        self._done += 1
        if self._done > MOST:
            raise CannotTell(f"the code around {scope.path} is too entangled to be followed", fix="narrow `files`")

    def _values(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.Name(id=name):
                found = self.name(name, scope, node)
            case ast.Attribute(value=base, attr=attr):
                found = self.attribute(self.values(base, scope), attr)
            case ast.Call():
                found = result(self, node, scope)
            case ast.Constant(value=value):
                found = frozenset([Literal(value)])
            case ast.JoinedStr(values=parts):
                found = self._joined(parts, scope)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = self._joined([left, right], scope)
            case ast.Subscript(value=base, slice=index):
                found = self._item(self.values(base, scope), self.values(index, scope))
            case _:
                found = self._collection(node, scope) | self._choice(node, scope)
        return found

    def _choice(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.IfExp(body=one, orelse=other):
                return self.values(one, scope) | self.values(other, scope)
            case ast.BoolOp(values=parts):
                return union(self.values(part, scope) for part in parts)
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.values(value, scope)
        return NOTHING

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
        entries = [one for one in grown if isinstance(one.node, ast.Assign)]
        found |= union(self.binding(one) for one in entries)
        if len(grown) > len(entries):
            found |= frozenset([Many(tuple(self.binding(one) for one in grown if one not in entries))])
        if scope.parent or any(binding.how in (How.IMPORT, How.DEFINITION) for binding in scope.bindings[name]):
            return found
        return found | frozenset([Variable(f"{dotted_name(scope.path)}.{name}")])

    def binding(self, binding: Binding) -> Values:
        """What one binding gives."""
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

    def attribute(self, bases: Values, attr: str) -> Values:
        """What ``base.attr`` can be."""
        return union(self._attribute(base, attr) for base in bases)

    def _attribute(self, base: Value, attr: str) -> Values:
        found = NOTHING
        match base:
            case External(name=name, of_object=of_object):
                found = frozenset([External(f"{name}.{attr}", of_object)])
            case Made(maker=External(name=name)):
                found = frozenset([External(f"{name}.{attr}", of_object=True)])
            case Module(dotted=dotted):
                found = self._of_module(dotted, attr)
            case Definition(scope=scope) if scope.is_class:
                found = self.of_class(scope, attr)
            case Made(maker=Definition(scope=scope)) if scope.is_class:
                own = union(self.binding(binding) for binding in scope.self_values.get(attr, ()))
                found = own | self.of_class(scope, attr)
        return found

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
                yield only_text(self.values(key, scope)), found

    def _item(self, bases: Values, index: Values) -> Values:
        return union(item(base, index) for base in bases)

    def _joined(self, parts: Sequence[ast.expr], scope: Scope) -> Values:
        """Texts, or lists, one after the other."""
        found = [self.values(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in parts]
        lists = frozenset(one for values in found for one in values if isinstance(one, Many))
        if lists:
            return lists
        joined = [""]
        for values in found:
            joined = [text + piece for text in joined for piece in texts(values)][:MOST_TEXTS]
        return frozenset(Literal(text) for text in joined)
