"""What an expression can stand for."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from readiness.pysource.scopes import Scope


@dataclass(frozen=True)
class External:
    """Something outside the repository, by its full name: ``stripe.Webhook``, or the builtin ``eval``."""

    name: str


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

    value: str | bytes | complex | bool | None  # ast gives int and float too, which complex covers for a type checker


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
