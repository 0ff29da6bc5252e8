"""Variables: filled in once, in values only, with every reference that makes no sense told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.variables import MAX_CHAIN, MAX_TEXT, Resolver


def resolver(variables: Mapping[str, Any] | None = None, **environment: str) -> Resolver:
    return Resolver(variables=variables or {}, lookup=environment.get)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${word}", "w"),
        ("${number}", 5),
        ("${truth}", True),
        ("a${number}b${truth}", "a5btrue"),
        ("${chain}", "<w>"),
        ("$${word}", "${word}"),
        ("$${word} ${word}", "${word} w"),
        ("$word", "$word"),
        ("$$", "$$"),
        ("${dotted.name-x}", 1),
        ("[^${<]", "[^${<]"),
        ("a${", "a${"),
        (["${word}", {"k": "${number}"}], ["w", {"k": 5}]),
        ({"${word}": "x"}, {"${word}": "x"}),
        (5, 5),
    ],
)
def test_filled(text: Any, value: Any) -> None:
    made = resolver({"word": "w", "number": 5, "truth": True, "chain": "<${word}>", "dotted.name-x": 1})
    assert made.fill(text) == value
    assert type(made.fill(text)) is type(value)
    assert not made.faults


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${wrod}", "the variable `wrod` is not defined", "did you mean `word`?"),
        ("a ${zzz} b", "the variable `zzz` is not defined", "known: a, b, c, word"),
        ("${a}", "the variable `a` is made of itself: a -> b -> a", "give one of them a value of its own"),
        ("${b}", "the variable `a` is made of itself: a -> b -> a", "give one of them a value of its own"),
        ("${c}", "the variable `c` is made of itself: c -> c", "give one of them a value of its own"),
        ("${}", "`${}` is no variable", "write ${name}, ${env:NAME}, or $${ for the characters themselves"),
        ("${1 + 1}", "`${1 + 1}` is no variable", None),
        ("${env:}", "`${env:}` is no variable", None),
        ("${env:A B}", "`${env:A B}` is no variable", None),
        ("${word", "`${word` is not closed", None),
        ("${env:KEY/x", "`${env:KEY/x` is not closed", None),
    ],
)
def test_references_that_make_no_sense(text: str, message: str, hint: str | None) -> None:
    made = resolver({"word": "w", "a": "${b}", "b": "${a}", "c": "${c}"})
    made.fill(text)
    (fault,) = made.faults
    assert fault.message == message
    assert hint is None or fault.hint == hint


def test_a_value_cannot_bring_another_reference() -> None:
    made = resolver({"a": "${env:X}"}, X="${b} $${c}")
    assert made.fill("${a}") == "${b} $${c}"
    assert not made.faults


def test_secrets_are_followed_through_variables() -> None:
    made = resolver({"a": "x${b}", "b": "${env:ONE}"}, ONE="1")
    assert made.fill(["${a}", "${env:TWO}"]) == ["x1", ""]
    assert list(made.secrets) == ["ONE", "TWO"]
    assert list(made.unset) == ["TWO"]


def test_an_empty_variable_is_set() -> None:
    made = resolver(E="")
    assert made.fill("${env:E}") == ""
    assert not made.unset


def test_a_bomb_of_variables_is_refused_at_once() -> None:
    bomb = {f"v{n}": f"${{v{n + 1}}}${{v{n + 1}}}" for n in range(MAX_CHAIN - 1)} | {f"v{MAX_CHAIN - 1}": "x" * 10}
    begin = time.thread_time()
    made = resolver(bomb)
    made.fill("${v0}")
    assert time.thread_time() - begin < 2
    assert [fault.message for fault in made.faults] == [f"the value grows beyond {MAX_TEXT:,} characters"]


def test_an_empty_bomb_takes_no_time() -> None:
    bomb = {f"v{n}": f"${{v{n + 1}}}${{v{n + 1}}}" for n in range(MAX_CHAIN - 1)} | {f"v{MAX_CHAIN - 1}": ""}
    begin = time.thread_time()
    assert resolver(bomb).fill("${v0}") == ""
    assert time.thread_time() - begin < 2


def test_a_long_chain_is_refused() -> None:
    made = resolver({f"v{n}": f"${{v{n + 1}}}" for n in range(5000)})
    made.fill("${v0}")
    assert [fault.message for fault in made.faults] == [f"more than {MAX_CHAIN} variables inside each other"]


@given(st.text("${}abc:env1 .$"))
def test_any_text_is_filled_or_told(text: str) -> None:
    made = resolver({"a": "A", "b": "${a}"})
    filled = made.fill(text)
    assert made.faults or isinstance(filled, str)
    if "${" not in text:
        assert filled == text
