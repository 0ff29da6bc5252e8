"""A light dataclass is what the standard library would have made."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar

import pytest

from readiness.light import dataclass


@dataclass(frozen=True, kw_only=True)
class Light:
    """A page."""

    kind: ClassVar = "light"
    a: int
    b: str = "b"
    c: list[int] = field(default_factory=list)
    d: int = field(default=4, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("negative")

    @cached_property
    def double(self) -> int:
        """Twice."""
        return self.a * 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Heavy:
    a: int
    b: str = "b"
    c: list[int] = field(default_factory=list)
    d: int = field(default=4, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Heir(Light):
    e: int = 5


class Plainly(Light):
    """No dataclass of its own."""


@dataclass(frozen=True, kw_only=True)
class Equal:  # noqa: PLW1641 - the decorator brings it
    """Everything is the same as everything."""

    a: tuple[int, ...] = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "equal"


@dataclass(frozen=True, kw_only=True)
class Empty:
    """Nothing."""


def test_it_looks_like_one() -> None:
    light_fields, heavy_fields = dataclasses.fields(Light), dataclasses.fields(Heavy)
    assert [(one.name, one.kw_only) for one in light_fields] == [(one.name, one.kw_only) for one in heavy_fields]
    assert repr(Light(a=1)) == repr(Heavy(a=1)).replace("Heavy", "Light")
    assert vars(Light(c=[1], a=2)) == vars(Heavy(c=[1], a=2))
    assert list(vars(Light(c=[1], a=2))) == ["a", "b", "c", "d"]
    assert dataclasses.asdict(Light(a=1)) == dataclasses.asdict(Heavy(a=1))
    assert str(vars(Light)["__dataclass_params__"]) == str(vars(Heavy)["__dataclass_params__"])


def test_values_compare() -> None:
    assert Light(a=1) == Light(a=1, d=5)
    assert Light(a=1) != Light(a=2)
    assert Light(a=1) != Heavy(a=1)  # type: ignore[comparison-overlap]  # so it is
    assert hash(dataclasses.replace(Equal(), a=(1,))) == hash(Equal(a=(1,)))
    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1
    assert Equal() == 3
    assert repr(Equal()) == "equal"


def test_defaults_are_made_anew() -> None:
    assert Light(a=1).c is not Light(a=1).c
    assert dataclasses.replace(Light(a=1), a=3).double == 6


def test_it_is_frozen() -> None:
    one: Any = Light(a=1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'a'"):
        one.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'a'"):
        del one.a
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.other = 2
    heir: Any = Plainly(a=1)
    heir.other = 2
    del heir.other
    with pytest.raises(dataclasses.FrozenInstanceError):
        heir.a = 2


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, TypeError, r"Light.__init__\(\): missing a"),
        ({"a": 1, "z": 2}, TypeError, "unexpected keyword argument 'z'"),
        ({"a": -1}, ValueError, "negative"),
    ],
)
def test_what_it_does_not_take(given: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Light(**given)


def test_heirs_are_made_by_the_standard_library() -> None:
    assert Heir(a=1) == Heir(a=1, e=5)
    assert [one.name for one in dataclasses.fields(Heir)] == ["a", "b", "c", "d", "e"]
    with pytest.raises(ValueError, match="negative"):
        Heir(a=-1)


def test_copies() -> None:
    one = Light(a=1, c=[2])
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - its own
    assert copy.deepcopy(one) == one
    assert copy.copy(one).c is one.c


@dataclass
class Open:
    a: int = 1


@dataclass(frozen=True)
class Placed:
    a: int


def test_any_other_is_left_to_the_standard_library() -> None:
    one = Open()
    one.a = 2
    assert one == Open(2)
    assert Placed(3).a == 3
