"""A check kind's own words: its docstring is its page, its fields are its options."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import textwrap
import typing
from enum import Enum
from types import NoneType, UnionType
from typing import Any

from readiness.light import dataclass


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a kind."""

    name: str
    type: str
    default: str | None
    """None: it must be given."""
    text: str


def options_of(kind: Any) -> list[Option]:
    """The options of a dataclass, in the order and with the words of its source."""
    hints = typing.get_type_hints(kind)
    texts = field_docs(kind)
    found = []
    for field in dataclasses.fields(kind):
        default = (
            None
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            else _default(field)
        )
        found.append(
            Option(name=field.name, type=say_type(hints[field.name]), default=default, text=texts.get(field.name, ""))
        )
    return found


def parts_of(kind: Any) -> list[Any]:
    """The dataclasses that a kind's options are made of, outermost first, without the kind itself."""
    found: list[Any] = []
    waiting = [kind]
    while waiting:
        part = waiting.pop(0)
        if dataclasses.is_dataclass(part) and isinstance(part, type):
            if part is not kind and part not in found:
                found.append(part)
            if part is kind or found[-1:] == [part]:
                waiting += typing.get_type_hints(part).values()
        else:
            waiting += typing.get_args(part)
    return found


def field_docs(kind: Any) -> dict[str, str]:
    """The string below each field (PEP 257 calls it an attribute docstring)."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, after in itertools.pairwise(body):
        name = _named(field)
        if name and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[name] = " ".join(str(after.value.value).split())
    return found


def _named(statement: ast.stmt) -> str | None:
    """The name that a statement of a class body defines: a field, or a member of an enumeration."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None


def say_type(hint: Any) -> str:
    """A type in words of YAML."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, UnionType}:
        return " or ".join(say_type(part) for part in arguments if part is not NoneType)
    if origin is typing.Literal:
        return ", ".join(str(part) for part in arguments)
    if origin is typing.Annotated:
        return say_type(arguments[0])
    if isinstance(origin, type):
        return _container(origin, arguments)
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return ", ".join(str(part.value) for part in hint)
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything"}
    return words.get(hint, getattr(hint, "__name__", str(hint)))


def _container(origin: type, arguments: tuple[Any, ...]) -> str:
    if origin not in {tuple, list}:
        return "mapping"
    return f"list of {say_type(arguments[0])}" if arguments else "list"


def _default(field: dataclasses.Field[Any]) -> str:
    value = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
    match value:
        case None | () | {}:
            return "none"
        case bool():
            return str(value).lower()
        case _ if dataclasses.is_dataclass(value):
            return "none"
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
