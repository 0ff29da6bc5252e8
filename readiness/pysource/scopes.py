"""The scopes of a module: what each name is bound to, and which calls each scope makes, dead code left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class How(Enum):
    """How a name comes by its value."""

    ASSIGN = auto()
    IMPORT = auto()
    DEFINITION = auto()
    PARAMETER = auto()
    GROW = auto()
    """One more element of what the name already stands for."""


class Step(Enum):
    """From the value of an expression to a part of it."""

    ELEMENT = auto()
    """Any of its elements, as in a loop."""
    ENTERED = auto()
    """What ``with`` gives."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Binding:
    """One way in which a name gets a value."""

    how: How
    node: ast.AST
    """The statement, definition or parameter."""
    value: ast.expr | None = None
    steps: tuple[Step | int, ...] = ()
    """How to get from `value` to the name's part of it; a number is an index."""
    dotted: str = ""
    """What an import binds; for ``from a import b`` it is ``a.b``."""
    scope: Scope
    """Where `value` is to be understood."""
    always: bool = False
    """Every run of the scope that gets there makes this binding: no branch, no loop."""

    @property
    def line(self) -> int:
        """Line in the file."""
        return int(getattr(self.node, "lineno", 0))


@dataclass(kw_only=True, eq=False)
class Scope:
    """A module, class, function, lambda or comprehension."""

    node: ast.AST
    parent: Scope | None
    path: str
    """File."""
    package: str
    """Dotted package that relative imports start from."""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    loads: list[ast.Name | ast.Attribute] = field(default_factory=list)
    """Names and attributes that are read."""
    returns: list[ast.expr] = field(default_factory=list)
    yields: list[ast.expr] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)
    imports: list[tuple[str, ast.stmt]] = field(default_factory=list)
    """Each module, and each name of a module, that an import statement names."""
    stars: list[str] = field(default_factory=list)
    """Modules whose every name is imported."""
    outer_names: set[str] = field(default_factory=set)
    """Names declared ``global`` or ``nonlocal``."""
    self_values: dict[str, list[Binding]] = field(default_factory=dict)
    """In a class: what its methods assign to attributes of ``self``."""

    @property
    def name(self) -> str:
        """Name of the function or class."""
        return str(getattr(self.node, "name", "<lambda>"))

    @property
    def is_class(self) -> bool:
        """A class."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """A function that has a name."""
        return isinstance(self.node, FUNCTIONS)

    @property
    def qualified(self) -> str:
        """Its name within the module: ``Gateway.verify``."""
        if not self.parent:
            return ""
        outer = self.parent.qualified
        return f"{outer}.{self.name}" if outer else self.name

    def module(self) -> Scope:
        """The module that it is in."""
        scope = self
        while scope.parent:
            scope = scope.parent
        return scope

    def all(self) -> Iterator[Scope]:
        """This scope and all within it."""
        yield self
        for scope in self.inner:
            yield from scope.all()


def surviving(bindings: list[Binding], use: ast.AST | None) -> list[Binding]:
    """Bindings that are not overwritten: the last one before the use that is always made ends those before it."""
    line = getattr(use, "lineno", None)
    before = [one for one in bindings if one.how is not How.GROW and (line is None or one.line <= line)]
    known = before or [one for one in bindings if one.how is not How.GROW]
    last = max((number for number, one in enumerate(known) if one.always), default=0)
    return known[last:]
