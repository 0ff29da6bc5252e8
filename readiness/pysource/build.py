"""From a syntax tree to scopes, in one pass over the code that can run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from readiness.pysource.dead import Truth, constants, live_children, truth
from readiness.pysource.scopes import FUNCTIONS, Binding, How, Scope, Step

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match, ast.IfExp, ast.BoolOp)
GROWS = frozenset({"append", "add", "insert", "appendleft"})


def build(tree: ast.Module, *, path: str, package: str, served: bool) -> Scope:
    """The scopes of a module; `served` says that it is imported and never run as a program."""
    known = constants(tree) | ({"__name__": path} if served else {})
    scope = Scope(node=tree, parent=None, path=path, package=package)
    _Builder(truth(known)).children(tree, scope, always=True)
    return scope


class _Builder:
    def __init__(self, of: Truth) -> None:
        self._of = of

    def children(self, node: ast.AST, scope: Scope, *, always: bool) -> None:
        for child in live_children(node, self._of):
            self.visit(child, scope, always=always)

    def visit(self, node: ast.AST, scope: Scope, *, always: bool) -> None:
        """Note what a node means for the scope that it is in, then go on inside."""
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            self._function(node, scope, always=always)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope, always=always)
        elif isinstance(node, COMPREHENSIONS):
            inner = _enter(node, scope)
            for generator in node.generators:
                _targets(generator.target, generator.iter, (Step.ELEMENT,), generator, inner, always=False)
            self.children(node, inner, always=False)
        else:
            _note(node, scope, always=always)
            self.children(node, scope, always=always and not isinstance(node, BRANCHES))

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope, *, always: bool
    ) -> None:
        inner = _enter(node, scope)
        outside: list[ast.expr | None] = [*node.args.defaults, *node.args.kw_defaults]
        if not isinstance(node, ast.Lambda):
            _bind(scope, Binding(how=How.DEFINITION, node=node, scope=inner, always=always), node.name)
            outside += [
                *node.decorator_list,
                node.returns,
                *(parameter.annotation for parameter in _parameters(node.args)),
            ]
        for part in outside:
            if part:
                self.visit(part, scope, always=always)
        for parameter in _parameters(node.args):
            _bind(inner, Binding(how=How.PARAMETER, node=parameter, scope=inner, always=True), parameter.arg)
        if isinstance(node, ast.Lambda):
            inner.returns.append(node.body)
            self.visit(node.body, inner, always=True)
        else:
            self.children(ast.Module(body=node.body, type_ignores=[]), inner, always=True)

    def _class(self, node: ast.ClassDef, scope: Scope, *, always: bool) -> None:
        inner = _enter(node, scope)
        _bind(scope, Binding(how=How.DEFINITION, node=node, scope=inner, always=always), node.name)
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(part, scope, always=always)
        self.children(ast.Module(body=node.body, type_ignores=[]), inner, always=True)


def _enter(node: ast.AST, scope: Scope) -> Scope:
    inner = Scope(node=node, parent=scope, path=scope.path, package=scope.package)
    scope.inner.append(inner)
    return inner


def _parameters(args: ast.arguments) -> list[ast.arg]:
    rest = [arg for arg in (args.vararg, args.kwarg) if arg]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]


def _note(node: ast.AST, scope: Scope, *, always: bool) -> None:
    if not _note_use(node, scope):
        _note_binding(node, scope, always=always)


def _note_use(node: ast.AST, scope: Scope) -> bool:
    """What a scope reads, calls and gives back; False where it is none of these."""
    match node:
        case ast.Call():
            scope.calls.append(node)
            _growth(node, scope)
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            scope.loads.append(node)
        case ast.Return(value=ast.expr() as value):
            scope.returns.append(value)
        case ast.Yield(value=ast.expr() as value):
            scope.yields.append(value)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            scope.outer_names.update(names)
        case _:
            return False
    return True


def _note_binding(node: ast.AST, scope: Scope, *, always: bool) -> None:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _targets(target, value, (), node, scope, always=always)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            _targets(target, value, (), node, scope, always=always)
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            _bind(scope, Binding(how=How.GROW, node=node, value=value, steps=(Step.ELEMENT,), scope=scope), name)
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            _targets(target, value, (Step.ELEMENT,), node, scope, always=False)
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            _targets(target, value, (Step.ENTERED,), value, scope, always=always)
        case ast.Import() | ast.ImportFrom():
            _imports(node, scope, always=always)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            _bind(scope, Binding(how=How.ASSIGN, node=node, scope=scope), name)


def _targets(
    target: ast.expr, value: ast.expr, steps: tuple[Step | int, ...], node: ast.AST, scope: Scope, *, always: bool
) -> None:
    """Bind each name of a target to its part of the value."""
    binding = Binding(how=How.ASSIGN, node=node, value=value, steps=steps, scope=scope, always=always)
    match target:
        case ast.Name(id=name):
            _bind(scope, binding, name)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for number, part in enumerate(parts):
                _targets(part, value, (*steps, number), node, scope, always=always)
        case ast.Starred(value=inner):
            _targets(inner, value, steps[:-1], node, scope, always=False)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            if owner := _class_of(scope):
                owner.self_values.setdefault(name, []).append(binding)
        case ast.Subscript(value=ast.Name(id=name), slice=key) if not steps:
            entry = ast.Dict(keys=[key], values=[value])
            _bind(scope, Binding(how=How.GROW, node=node, value=entry, scope=scope), name)


def _class_of(scope: Scope) -> Scope | None:
    while scope.parent and not scope.parent.is_class:
        scope = scope.parent
    return scope.parent


def _bind(scope: Scope, binding: Binding, name: str) -> None:
    """Where the name lives: here, in the module for ``global``, or, for a list that grows, where it was made."""
    place = scope
    while place.parent and (name in scope.outer_names or (binding.how is How.GROW and name not in place.bindings)):
        place = place.parent
        if name in place.bindings and name not in scope.outer_names:
            break
    place.bindings.setdefault(name, []).append(binding)


def _growth(call: ast.Call, scope: Scope) -> None:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=[*_, value]) if attr in GROWS:
            _bind(scope, Binding(how=How.GROW, node=call, value=value, scope=scope), name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend"), args=[value]):
            _bind(scope, Binding(how=How.GROW, node=call, value=value, steps=(Step.ELEMENT,), scope=scope), name)


def _imports(node: ast.Import | ast.ImportFrom, scope: Scope, *, always: bool) -> None:
    base = "" if isinstance(node, ast.Import) else _base(node, scope.package)
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(base)
            scope.imports.append((base, node))
            continue
        dotted = f"{base}.{alias.name}" if base else alias.name
        scope.imports.append((dotted, node))
        # `import a.b` binds `a`; `import a.b as c` and `from a import b` bind the thing itself
        whole = isinstance(node, ast.ImportFrom) or alias.asname
        bound = dotted if whole else dotted.split(".")[0]
        binding = Binding(how=How.IMPORT, node=node, dotted=bound, scope=scope, always=always)
        _bind(scope, binding, alias.asname or bound.split(".")[-1])


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    kept: Iterable[str] = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])
