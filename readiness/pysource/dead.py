"""Which parts of a piece of code can run, judged by its form alone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort"})

Statements = Sequence[ast.stmt]
Truth = Callable[[ast.expr], bool | None]
"""What a condition always is, or None where it depends."""


def truth(constants: Mapping[str, object]) -> Truth:
    """The truth of conditions, where `constants` are names that always have one value."""

    def of(test: ast.expr) -> bool | None:
        known: bool | None = None
        match test:
            case ast.Constant(value=value):
                known = bool(value)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
                known = bool(parts)
            case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
                known = False
            case ast.Name(id=name) if name in constants:
                known = bool(constants[name])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = of(operand)
                known = None if inner is None else not inner
            case ast.BoolOp(op=op, values=values):
                known = _combined([of(value) for value in values], decisive=isinstance(op, ast.Or))
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]) if "__name__" in constants:
                known = False
        return known

    return of


def _combined(parts: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def live_children(node: ast.AST, of: Truth) -> Iterator[ast.AST]:
    """The parts of a node that can run, in order."""
    match node:
        case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
            yield test
            yield from _chosen(test, body, orelse, of)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield test
            yield from _chosen(test, [body], [orelse], of)
        case ast.BoolOp(op=op, values=values):
            yield from _operands(values, of, stops_at=isinstance(op, ast.Or))
        case ast.For() | ast.AsyncFor() if of(node.iter) is False:
            yield from (node.iter, *reached(node.orelse, of))
        case ast.Try() | ast.TryStar():
            ended = ends(node.body, of)
            yield from (*reached(node.body, of), *node.handlers, *reached([] if ended else node.orelse, of))
            yield from reached(node.finalbody, of)
        case _:
            for _, value in ast.iter_fields(node):
                yield from _parts(value, of)


def _parts(value: object, of: Truth) -> Iterator[ast.AST]:
    if isinstance(value, ast.AST):
        yield value
    elif isinstance(value, list):
        statements = [part for part in value if isinstance(part, ast.stmt)]
        yield from reached(statements, of) if statements else (part for part in value if isinstance(part, ast.AST))


def _chosen(test: ast.expr, body: Sequence[ast.AST], orelse: Sequence[ast.AST], of: Truth) -> Iterator[ast.AST]:
    known = of(test)
    for wanted, branch in ((True, body), (False, orelse)):
        if known is None or known is wanted:
            yield from _parts(list(branch), of)


def _operands(values: Sequence[ast.expr], of: Truth, *, stops_at: bool) -> Iterator[ast.expr]:
    for value in values:
        yield value
        if of(value) is stops_at:
            return


def reached(body: Statements, of: Truth) -> Iterator[ast.stmt]:
    """The statements of a block up to the first that is never left."""
    for statement in body:
        yield statement
        if _leaves(statement, of):
            return


def ends(body: Statements, of: Truth) -> bool:
    """Whether control never comes out at the end of a block."""
    return any(_leaves(statement, of) for statement in body)


def _leaves(statement: ast.stmt, of: Truth) -> bool:
    leaves = False
    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            leaves = True
        case ast.Assert(test=test):
            leaves = of(test) is False
        case ast.Expr(value=ast.Call(func=ast.Name() | ast.Attribute() as func)):
            leaves = ast.unparse(func) in EXITS
        case ast.If(test=test, body=body, orelse=orelse):
            known = of(test)
            leaves = (known is False or ends(body, of)) and (known is True or ends(orelse, of))
        case ast.While(test=test):
            leaves = of(test) is True and not any(isinstance(part, ast.Break) for part in ast.walk(statement))
        case ast.Try(body=body, handlers=handlers, finalbody=last):
            leaves = ends(last, of) or (ends(body, of) and all(ends(one.body, of) for one in handlers))
    return leaves


def constants(tree: ast.Module) -> dict[str, object]:
    """Names of a module that are bound exactly once, at its top, to a literal."""
    stored: dict[str, int] = {}
    for node in ast.walk(tree):
        for name in _bound(node):
            stored[name] = stored.get(name, 0) + 1
    found: dict[str, object] = {}
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value))
            ) if stored[name] == 1:
                found[name] = value
    return found


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=alias):
            yield alias or name.split(".")[0]
