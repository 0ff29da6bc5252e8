"""What plainly is as a dataclass asks for, read without pydantic, whose import takes longer than a small run.

Only what pydantic would take without turning it into something else is plain. All the rest, a
fault above all, raises `NotPlain`: pydantic then has the word, and finds the sentences.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, Union

from readiness.marks import After, Before, Bounds, Schema

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], Any]


class NotPlain(Exception):
    """Of a type: it is not known here. Of a value: it is not known to be right."""


class Told(dict[str, Any]):
    """What this package itself tells pydantic of a dataclass: nothing that changes what is plain."""


@cache
def reader(kind: type[T]) -> Callable[[Any], T]:
    """What makes a `kind`, a dataclass, of plain data. Raises NotPlain, as what it gives back does."""
    return _record(kind, ())


def is_known(kind: Any) -> bool:
    """Whether there is such a reader."""
    try:
        reader(kind)
    except NotPlain:
        return False
    return True


def key_of(name: str) -> str:
    """How a field is called in a file: one whose name would be a word of Python has an underscore behind it."""
    return name.removesuffix("_")


def _record(kind: Any, around: tuple[Any, ...]) -> Reader:
    """Of a dataclass; `around` are those that it is a part of."""
    made: Callable[..., Any] = kind
    if kind in around or not dataclasses.is_dataclass(kind) or _is_pydantics(kind):
        raise NotPlain
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError) as error:
        raise NotPlain from error
    fields = dataclasses.fields(kind)
    if not all(field.init for field in fields) or any(isinstance(hint, dataclasses.InitVar) for hint in hints.values()):
        raise NotPlain
    names = {key_of(field.name): field.name for field in fields}
    readers = {key: _reader(hints[name], (*around, kind)) for key, name in names.items()}
    needed = {key_of(field.name) for field in fields if field.default is field.default_factory is dataclasses.MISSING}

    def read(value: Any) -> Any:
        if type(value) is not dict or not needed <= value.keys() <= names.keys():
            raise NotPlain
        given = {names[key]: readers[key](part) for key, part in value.items()}
        return _right(lambda _: made(**given), None)

    return read


def _is_pydantics(kind: Any) -> bool:
    """Its author told pydantic more than types."""
    return any(
        name.startswith(("__pydantic", "__get_pydantic")) or type(value).__module__.startswith("pydantic")
        for base in kind.__mro__
        for name, value in vars(base).items()
        if not isinstance(value, Told)
    )


def _right(read: Reader, value: Any) -> Any:
    """What somebody's function makes of a value, where it does."""
    try:
        return read(value)
    except (ValueError, AssertionError) as error:
        raise NotPlain from error


def _reader(hint: Any, around: tuple[Any, ...]) -> Reader:
    """Of any type."""
    if hint is Any:
        return lambda value: value
    if hint is float:
        return _float
    if isinstance(hint, type) and hint in _EXACT:
        return _of_type(hint)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return _choice({str(member): member for member in hint})
    origin = typing.get_origin(hint)
    if origin in _COMPOUND:
        return _COMPOUND[origin](typing.get_args(hint), around)
    return _record(hint, around) if isinstance(hint, type) else _unknown()


def _unknown() -> Reader:
    raise NotPlain


_EXACT = {str, int, bool, datetime, types.NoneType}


def _of_type(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise NotPlain
        return value

    return read


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int and abs(value) < 1 << 53:
        return float(value)
    raise NotPlain


def _choice(members: Mapping[str, Any]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not str or value not in members:
            raise NotPlain
        return members[value]

    return read


def _literal(words: tuple[Any, ...], _around: tuple[Any, ...]) -> Reader:
    known = {(type(word), word): word for word in words}

    def read(value: Any) -> Any:
        if type(value) not in _EXACT or (type(value), value) not in known:
            raise NotPlain
        return value

    return read


def _tuple(parts: tuple[Any, ...], around: tuple[Any, ...]) -> Reader:
    """Of any length."""
    if len(parts) != 2 or parts[1] is not Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        raise NotPlain
    inner = _reader(parts[0], around)

    def read(value: Any) -> Any:
        if type(value) not in {list, tuple}:
            raise NotPlain
        return tuple(inner(part) for part in value)

    return read


def _mapping(parts: tuple[Any, ...], around: tuple[Any, ...]) -> Reader:
    of_key, of_value = (_reader(part, around) for part in parts)

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise NotPlain
        return {of_key(key): of_value(part) for key, part in value.items()}

    return read


def _union(members: tuple[Any, ...], around: tuple[Any, ...]) -> Reader:
    """Exactly one member takes the value; which of two it is, pydantic has rules for."""
    readers = [_of_type(float) if one is float and int in members else _reader(one, around) for one in members]

    def read(value: Any) -> Any:
        found = []
        for one in readers:
            try:
                found.append(one(value))
            except NotPlain:
                continue
        if len(found) != 1:
            raise NotPlain
        return found[0]

    return read


def _annotated(parts: tuple[Any, ...], around: tuple[Any, ...]) -> Reader:
    read = _reader(parts[0], around)
    for mark in parts[1:]:
        read = _marked(read, mark)
    return read


def _marked(inner: Reader, mark: Any) -> Reader:
    match mark:
        case Schema():
            return inner
        case Before():
            return lambda value: inner(_right(mark.read, value))
        case After():
            return lambda value: _right(mark.read, inner(value))
        case Bounds():
            return lambda value: _within(mark, inner(value))
    raise NotPlain


def _within(bounds: Bounds, value: Any) -> Any:
    if not bounds.holds(value):
        raise NotPlain
    return value


_COMPOUND: Mapping[Any, Callable[[tuple[Any, ...], tuple[Any, ...]], Reader]] = {
    tuple: _tuple,
    Mapping: _mapping,
    dict: _mapping,
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    typing.Annotated: _annotated,
}
