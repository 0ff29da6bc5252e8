"""What an expression can stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from readiness.pysource.scopes import Scope


@dataclass(frozen=True)
class External:
    """Something outside the repository, by its full name: ``stripe.Webhook``, or the builtin ``eval``."""

    name: str
    of_object: bool = False
    """A member of an attribute of an object, so that nobody can say what it really is."""


@dataclass(frozen=True)
class Module:
    """A module or package of the repository."""

    dotted: str


@dataclass(frozen=True)
class Variable:
    """A variable at the top of a module of the repository: ``api.main.app``."""

    dotted: str


@dataclass(frozen=True)
class Definition:
    """A function or class of the repository."""

    scope: Scope


@dataclass(frozen=True)
class Made:
    """What a call gives: an object of a class, or the result of a function that is not known further."""

    maker: External | Definition
    call: ast.Call | None
    scope: Scope | None
    """Where the call stands; both None for an object that only its annotation tells of."""


@dataclass(frozen=True)
class Literal:
    """A number, text, truth value or None."""

    value: object


@dataclass(frozen=True)
class Many:
    """A list, tuple or set; each element is what that element can be."""

    elements: tuple[frozenset[Value], ...]


@dataclass(frozen=True)
class Table:
    """A dictionary; a key that is not known is None."""

    entries: tuple[tuple[str | None, frozenset[Value]], ...]


Value = External | Module | Variable | Definition | Made | Literal | Many | Table
Values = frozenset[Value]
NOTHING: Values = frozenset()


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


def item(base: Value, index: Values) -> Values:
    """What stands at an index, or at any where the index is not known."""
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


def only_text(found: Values) -> str | None:
    """The one literal that it can be."""
    possible = texts(found)
    return possible[0] if len(possible) == 1 else None


def texts(found: Values) -> list[str]:
    """The literals, as text."""
    return sorted(str(value.value) for value in found if isinstance(value, Literal))
