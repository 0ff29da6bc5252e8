"""``@dataclass(frozen=True, kw_only=True)`` whose methods are shared closures.

The standard library writes and compiles six functions for each class when it is imported; for the
hundred classes of a command that was a third of its start. A class made here is a dataclass all
the same: fields, replace(), asdict(), pattern matching and pydantic find what they look for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - type checkers know what that one means

T = TypeVar("T")
Fields = Sequence[dataclasses.Field[Any]]


def _light(*, frozen: Literal[True], kw_only: Literal[True]) -> Callable[[type[T]], type[T]]:
    """The decorator. It knows no InitVar and no field that `__init__` does not take."""

    def decorate(cls: type[T]) -> type[T]:
        if any(map(dataclasses.is_dataclass, cls.__mro__)):  # what is inherited is left to who knows the rules
            return dataclasses.dataclass(frozen=frozen, kw_only=kw_only)(cls)
        made = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        params: Any = vars(made)["__dataclass_params__"]  # where replace(), pydantic and the catalog look
        params.init = params.repr = params.eq = params.frozen = frozen
        for method in _methods(made, dataclasses.fields(made)):  # type: ignore[arg-type]  # it is one now
            if vars(made).get(method.__name__) is None:
                method.__qualname__ = f"{made.__qualname__}.{method.__name__}"
                setattr(made, method.__name__, method)
        return made

    return decorate


if not TYPE_CHECKING:

    def dataclass(cls: type[T] | None = None, /, **options: bool) -> Any:
        """The decorator of the standard library; with these two options, and no other, the light one."""
        if options == {"frozen": True, "kw_only": True}:
            return _light(**options)
        return dataclasses.dataclass(cls, **options)


def _methods(cls: type, fields: Fields) -> Sequence[Callable[..., Any]]:
    return (_init(cls, fields), *_frozen(cls, fields), *_compared(fields), _shown(fields))


def _init(cls: type, fields: Fields) -> Callable[..., None]:
    names = [field.name for field in fields]
    every = frozenset(names)
    defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    makers = [(field.name, field.default_factory) for field in fields]
    makers = [(name, make) for name, make in makers if make is not dataclasses.MISSING]
    checked = hasattr(cls, "__post_init__")
    put = object.__setattr__

    def __init__(self: Any, **given: Any) -> None:  # noqa: N807 - it becomes a method
        values = defaults | given
        for name, make in makers:
            if name not in given:
                values[name] = make()  # type: ignore[operator]  # the missing ones are left out above
        if values.keys() != every:
            raise TypeError(_misfit(cls, values.keys() - every, every - values.keys()))
        for name in names:
            put(self, name, values[name])
        if checked:
            self.__post_init__()

    return __init__


def _misfit(cls: type, unknown: set[str], missing: frozenset[str]) -> str:
    what = f"unexpected keyword argument {min(unknown)!r}" if unknown else f"missing {', '.join(sorted(missing))}"
    return f"{cls.__name__}.__init__(): {what}"


def _frozen(cls: type, fields: Fields) -> Sequence[Callable[..., None]]:
    names = frozenset(field.name for field in fields)

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - it becomes a method
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)  # type: ignore[arg-type]  # cls is a class

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807 - it becomes a method
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)  # type: ignore[arg-type]  # cls is a class

    return __setattr__, __delattr__


def _compared(fields: Fields) -> Sequence[Callable[..., Any]]:
    compared = _values(field.name for field in fields if field.compare)
    hashed = _values(field.name for field in fields if (field.compare if field.hash is None else field.hash))

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807 - it becomes a method
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(compared(self) == compared(other))

    def __hash__(self: Any) -> int:  # noqa: N807 - it becomes a method
        return hash(hashed(self))

    return __eq__, __hash__


def _values(names: Iterable[str]) -> Callable[[Any], Any]:
    """The values of these attributes, as something to compare."""
    wanted = tuple(names)
    return attrgetter(*wanted) if wanted else lambda _: ()


def _shown(fields: Fields) -> Callable[..., str]:
    names = [field.name for field in fields if field.repr]

    def __repr__(self: Any) -> str:  # noqa: N807 - it becomes a method
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__
