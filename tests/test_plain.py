"""What is read without pydantic is what pydantic would have read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness import plain, typed
from readiness.catalog import Catalog
from readiness.checklist.fields import Duration, Retries, Words
from readiness.checklist.model import Header, Item, Section
from readiness.marks import After, Bounds
from readiness.people.model import Attestation, Waiver


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("odd")
    return value


@dataclass(frozen=True, kw_only=True)
class Part:
    name: Annotated[str, Bounds(min_length=1)]
    from_: str | None = None


@dataclass(frozen=True, kw_only=True)
class Whole:
    id: ClassVar = "whole"
    text: str = ""
    number: int = 0
    ratio: float = 0.0
    flag: bool = False
    value: str | int | float | bool | None = None
    near: float | None = None
    words: Words = ()
    wait: Duration | None = None
    retries: Retries = 0
    even: Annotated[int, After(_even)] = 0
    colour: Colour | None = None
    word: Literal["a", "b", 1] = "a"
    parts: tuple[Part, ...] = ()
    part: Part | str | None = None
    by_name: Mapping[str, int | None] = field(default_factory=dict)
    any: Any = None


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(["", "a", "b", "red", "blue", "10s", "1", "true", "x y"]),
)
PART = st.dictionaries(st.sampled_from(["name", "from", "from_", "more"]), SCALARS, max_size=3)
VALUES = st.one_of(
    SCALARS, PART, st.lists(SCALARS, max_size=3), st.lists(PART, max_size=2), st.dictionaries(st.just("k"), SCALARS)
)
NAMES = [*(one.name for one in dataclasses.fields(Whole)), "unknown"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2))
def test_pydantic_says_the_same_of_what_is_plain(data: dict[str, Any]) -> None:
    try:
        found = plain.reader(Whole)(data)
    except plain.NotPlain:
        return
    asked = typed.adapter(Whole).validate_python(data)
    assert found == asked
    assert repr(found) == repr(asked)  # 1, 1.0 and True are equal


@pytest.mark.parametrize(
    "data",
    [
        {"text": "a", "number": 3, "ratio": 2, "flag": True, "value": 7, "near": 1},
        {"words": "one", "wait": "10s", "retries": 2, "even": 4, "colour": "red", "word": 1},
        {"words": ["one", "two"], "parts": [{"name": "n", "from": "f"}], "part": {"name": "n"}, "by_name": {"a": None}},
        {},
    ],
)
def test_what_is_right_is_plain(data: dict[str, Any]) -> None:
    assert plain.reader(Whole)(data) == typed.adapter(Whole).validate_python(data)


@pytest.mark.parametrize(
    "data",
    [
        {"text": 1},
        {"number": True},
        {"number": "1"},
        {"retries": 11},
        {"wait": "soon"},
        {"even": 3},
        {"word": True},
        {"parts": [{"name": ""}]},
        {"parts": [{}]},
        {"parts": "name"},
        {"parts": [{"name": "n", "from_": "f"}]},
        {"by_name": [1]},
        {"unknown": 1},
        [],
    ],
)
def test_what_is_wrong_is_left_to_pydantic(data: Any) -> None:
    with pytest.raises(plain.NotPlain):
        plain.reader(Whole)(data)


def test_every_bundled_kind_and_file_is_known() -> None:
    kinds = [*Catalog().all(), Header, Item, Section, Attestation, Waiver]
    assert [kind.__name__ for kind in kinds if not plain.is_known(kind)] == []


def test_a_type_stays_known_when_pydantic_has_been_asked_first() -> None:
    @dataclass
    class Fresh:
        part: Part | None = None

    assert typed.adapter(Fresh).validate_python({"part": {"name": "a"}}) == Fresh(Part(name="a"))
    assert plain.is_known(Fresh)


@dataclass
class Itself:
    again: Itself | None = None


@dataclass
class WithPydantic:
    port: int = pydantic.Field(default=1, ge=1)


@pydantic.dataclasses.dataclass
class OfPydantic:
    port: int = 1


@dataclass
class Unknown:
    port: Nowhere  # type: ignore[name-defined]  # noqa: F821 - a stranger's mistake


@dataclass
class Fixed:
    pair: tuple[str, int] = ("", 0)


@dataclass
class Computed:
    port: int = field(default=1, init=False)


@pytest.mark.parametrize("kind", [Itself, WithPydantic, OfPydantic, Unknown, Fixed, Computed, str])
def test_a_type_that_says_more_is_left_to_pydantic(kind: type[Any]) -> None:
    assert not plain.is_known(kind)


def test_a_moment_stays_what_it_is() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    told = {"item": "a", "environment": "e", "state": "pass", "by": "b", "at": at, "fingerprint": "0" * 64}
    assert plain.reader(Attestation)(told).at == at
