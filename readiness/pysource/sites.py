"""Calls by name, with their arguments, as they are after all aliases are followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from readiness.pysource.evaluate import Evaluator
from readiness.pysource.project import dotted_name
from readiness.pysource.scopes import How, Scope
from readiness.pysource.values import Definition, External, Literal, Made, Many, Module, Table, Values, Variable

DEEPEST_ARGUMENT = 5
HANDS_ON = frozenset({"to_thread", "run_in_threadpool", "run_in_executor", "run_sync", "partial", "submit"})
"""Functions that call a function which they get: it is called there too."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A call, and where it stands."""

    call: ast.Call
    scope: Scope

    @property
    def place(self) -> str:
        """``api/main.py:12``."""
        return f"{self.scope.path}:{self.call.lineno}"

    @property
    def text(self) -> str:
        """The call on one line."""
        return ast.unparse(self.call)


def alternatives(text: str) -> tuple[str, ...]:
    """The names that `a | b` gives a choice of."""
    return tuple(part.strip() for part in text.split("|"))


def calls_of(evaluator: Evaluator, modules: Sequence[Scope], pattern: str) -> Iterator[Site]:
    """Calls whose full name matches one of the pattern's alternatives; ``*`` is any text."""
    patterns = alternatives(pattern)
    for module in modules:
        for scope in module.all():
            for call in scope.calls:
                if any(fnmatchcase(name, one) for name in names(evaluator, call, scope) for one in patterns):
                    yield Site(call=call, scope=scope)


def names(evaluator: Evaluator, call: ast.Call, scope: Scope) -> set[str]:
    """Full names of what is called; where nothing is known of the object, ``?.method``."""
    found = {name for one in evaluator.values(call.func, scope) if (name := full_name(one))}
    if isinstance(call.func, ast.Attribute):
        owners = evaluator.values(call.func.value, scope)
        found |= {f"{one.dotted}.{call.func.attr}" for one in owners if isinstance(one, Variable)}
        found |= {_as_written(call.func, scope) or f"?.{call.func.attr}"}
    if any(name.rpartition(".")[2] in HANDS_ON for name in found):
        handed = (one for part in call.args for one in evaluator.values(part, scope))
        found |= {name for one in handed if isinstance(one, (External, Definition)) and (name := full_name(one))}
    return found


def full_name(one: object) -> str | None:
    """Name of an external thing, or of a function, class or variable of ours."""
    match one:
        case External(name=name):
            return name
        case Definition(scope=scope):
            return f"{dotted_name(scope.path)}.{scope.qualified}"
        case Variable(dotted=dotted) | Module(dotted=dotted):
            return dotted
    return None


def _as_written(func: ast.Attribute, scope: Scope) -> str | None:
    """``app.include_router`` where `app` is a variable: an import would have told its real name."""
    root: ast.expr = func
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return None
    place: Scope | None = scope
    while place and root.id not in place.bindings:
        place = place.parent
    ours = place and all(one.how not in (How.IMPORT, How.DEFINITION) for one in place.bindings[root.id])
    return ast.unparse(func) if ours else None


def has_argument(evaluator: Evaluator, site: Site, argument: str) -> bool:
    """Whether an argument of the call, or an element or part of one, is the thing of that name."""
    wanted = frozenset(one for name in alternatives(argument) for one in evaluator.dotted(name) if full_name(one))
    if wanted & evaluator.values(site.call.func, site.scope):
        return True  # the thing itself is called with the object: `app = Middleware(app)`
    return hands_over(evaluator, site, wanted)


def hands_over(evaluator: Evaluator, site: Site, wanted: Values) -> bool:
    """Whether any of the values is an argument of the call, or within one."""
    given = [*site.call.args, *(part.value for part in site.call.keywords)]
    return any(_mentions(evaluator, evaluator.values(part, site.scope), wanted, 0) for part in given)


def _mentions(evaluator: Evaluator, found: Values, wanted: Values, depth: int) -> bool:
    if wanted & found:
        return True
    if depth > DEEPEST_ARGUMENT:
        return False
    return any(_mentions(evaluator, part, wanted, depth + 1) for one in found for part in _parts(evaluator, one))


def _parts(evaluator: Evaluator, one: object) -> Iterator[Values]:
    match one:
        case Many(elements=parts):
            yield from parts
        case Table(entries=entries):
            yield from (part for _, part in entries)
        case Made(maker=maker, call=call, scope=scope):
            yield frozenset([maker])
            if isinstance(maker, External) and call and scope:
                yield from (
                    evaluator.values(part, scope) for part in (*call.args, *(each.value for each in call.keywords))
                )


def has_keywords(evaluator: Evaluator, site: Site, wanted: Mapping[str, Any]) -> bool:
    """Whether the call has each keyword with that value; None: it is left out, or None."""
    given = dict[str, Values]()
    for table in _tables(evaluator, site):
        given.update({key: found for key, found in table.entries if key is not None})
    return all(_is(given.get(name), value, evaluator) for name, value in wanted.items())


def _tables(evaluator: Evaluator, site: Site) -> Iterator[Table]:
    """The keywords themselves, those of ``**mapping``, and mappings that are handed over as parameters."""
    for part in (*site.call.args, *(each.value for each in site.call.keywords if each.arg in (None, "params"))):
        for one in evaluator.values(part, site.scope):
            if not isinstance(one, Made) or (full_name(one.maker) or "").endswith("Params"):
                yield from _as_table(evaluator, one)
    yield _keywords(evaluator, site.call, site.scope)


def _keywords(evaluator: Evaluator, call: ast.Call, scope: Scope) -> Table:
    return Table(tuple((part.arg, evaluator.values(part.value, scope)) for part in call.keywords))


def _as_table(evaluator: Evaluator, one: object) -> Iterator[Table]:
    if isinstance(one, Table):
        yield one
    elif isinstance(one, Made) and one.call and one.scope:
        yield _keywords(evaluator, one.call, one.scope)


def _is(found: Values | None, wanted: Any, evaluator: Evaluator) -> bool:
    if found is None:
        return wanted is None
    return any(_equals(one, wanted, evaluator) for one in found)


def _equals(one: object, wanted: Any, evaluator: Evaluator) -> bool:
    if isinstance(wanted, Mapping):
        tables = [dict(table.entries) for table in _as_table(evaluator, one)]
        return any(all(_is(table.get(key), value, evaluator) for key, value in wanted.items()) for table in tables)
    if isinstance(wanted, (list, tuple)):
        parts = one.elements if isinstance(one, Many) and len(one.elements) == len(wanted) else None
        return parts is not None and all(_is(part, value, evaluator) for part, value in zip(parts, wanted, strict=True))
    return isinstance(one, Literal) and type(one.value) is type(wanted) and one.value == wanted
