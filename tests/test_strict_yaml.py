"""Strict YAML: plain data comes back as it was, everything doubtful is a fault with a place, nothing is a traceback."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from readiness.errors import ConfigError, Place
from readiness.strict_yaml import MAX_DEPTH, parse


def faults(text: str) -> list[tuple[int, int, str]]:
    """Line, column and message of everything that is wrong."""
    try:
        problems = parse(text, "f").problems
    except ConfigError as error:
        problems = error.problems
    return [(problem.place.line, problem.place.column, problem.message) for problem in problems if problem.place]


def data(text: str) -> Any:
    document = parse(text, "f")
    assert not document.problems
    return document.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: on", {"a": "on"}),
        ("a: yes", {"a": "yes"}),
        ("a: No", {"a": "No"}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 2025-10-28", {"a": "2025-10-28"}),
        ("a: true", {"a": True}),
        ("a: False", {"a": False}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: 12", {"a": 12}),
        ("a: -3", {"a": -3}),
        ("a: 1.5", {"a": 1.5}),
        ("a: 0.00001", {"a": 0.00001}),
        ('a: "1.10"', {"a": "1.10"}),
        ("a: '0x1f'", {"a": "0x1f"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 1.2.3", {"a": "1.2.3"}),
        ("a: 12345678901234567890", {"a": "12345678901234567890"}),
        ("a: =", {"a": "="}),
        ("a: <<", {"a": "<<"}),
        ('"1": x', {"1": "x"}),
        ("on: x", {"on": "x"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("\ufeffa: b", {"a": "b"}),
        ("- a\n- [b, {c: d}]", ["a", ["b", {"c": "d"}]]),
        ("just text", "just text"),
        ("---\na: b\n...\n", {"a": "b"}),
    ],
)
def test_plain_data(text: str, value: Any) -> None:
    assert data(text.removeprefix("\ufeff")) == value


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1.10", (1, 4), "1.10 would be read as the number 1.1"),
        ("a: 1.0e3", (1, 4), "1.0e3 would be read as the number 1000.0"),
        ("a: 007", (1, 4), "007 would be read as the number 7"),
        ("a: 0x1f", (1, 4), "0x1f would be read as the number 31"),
        ("a: +5", (1, 4), "+5 would be read as the number 5"),
        ("a: -0", (1, 4), "-0 would be read as the number 0"),
        ("a: .5", (1, 4), ".5 would be read as the number 0.5"),
        ("a: 1.", (1, 4), "1. would be read as the number 1.0"),
        ("a: 1e999", (1, 4), "1e999 is no usable number"),
        ("a: .inf", (1, 4), ".inf is no usable number"),
        ("a: .NaN", (1, 4), ".NaN is no usable number"),
        ("a: 1\nb: 2\na: 3", (3, 1), "the key `a` stands twice"),
        ("a: {b: 1, b: 2}", (1, 11), "the key `b` stands twice"),
        ('a: 1\n"a": 2', (2, 1), "the key `a` stands twice"),
        ("1.1: x", (1, 1), "the key 1.1 is not text"),
        ("true: x", (1, 1), "the key true is not text"),
        ("~: x", (1, 1), "the key ~ is not text"),
        (": x", (1, 1), "not valid YAML: did not find expected key"),
        ('"a\\e[2J": x', (1, 1), "the key 'a\\x1b[2J' holds characters that cannot be seen"),
        ("? [a]\n: x", (1, 3), "a key must be text, found a list or a mapping"),
        ("&a a: 1\nb: &b x\n*b : y", (3, 1), "an alias cannot be a key"),
        ("a: !!python/object/apply:os.system [x]", (1, 4), "the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("a: !!str 5", (1, 4), "the tag tag:yaml.org,2002:str is refused"),
        ("a: !x 5", (1, 4), "the tag !x is refused"),
        ("a: *nope", (1, 4), "*nope names no anchor that is complete here"),
        ("a: &a [*a]", (1, 8), "*a names no anchor that is complete here"),
        ("a: b\n---\nc: d", (2, 1), "a second document starts here"),
        ("a: b: c", (1, 5), "not valid YAML: mapping values are not allowed in this context"),
        ("a:\n\tb: c", (2, 1), "not valid YAML"),
        ("a: [1, 2", (1, 9), "not valid YAML"),
        ("a: 'b", (1, 6), "not valid YAML"),
        ('a: "x\\0y"', (1, 4), "a NUL character"),
        ("a: \x07", (1, 1), "not valid YAML"),
        ("", (1, 1), "the file is empty"),
        ("# only a comment\n", (1, 1), "the file is empty"),
        ("a: 1\n...\n...\n}", (4, 1), "not valid YAML"),
    ],
)
def test_faults(text: str, place: tuple[int, int], message: str) -> None:
    found = faults(text)
    assert found, "no fault"
    assert found[0][:2] == place
    assert found[0][2].startswith(message)


def test_all_faults_at_once() -> None:
    assert [line for line, _, _ in faults("a: 1.10\na: 2\nb: !x 3\n1: c\n")] == [1, 2, 3, 4]


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    begin = time.thread_time()
    assert "more than 200000 values" in faults("\n".join(lines))[-1][2]
    assert time.thread_time() - begin < 5


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)]
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert f"nested deeper than {MAX_DEPTH} levels" in faults(text)[0][2]


def test_as_deep_as_allowed() -> None:
    assert faults("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []


def test_many_values_are_too_many() -> None:
    assert "more than 200000 values" in faults("[" + "x, " * 200_001 + "]")[0][2]


def test_places_of_keys_and_values() -> None:
    document = parse("a:\n  - b: 1\n    c: 2\n", "f")
    assert document.place(("a", 0, "c"), key=True) == Place(file="f", line=3, column=5)
    assert document.place(("a", 0, "c")) == Place(file="f", line=3, column=8)
    assert document.place(("a", 0, "missing", "x")) == Place(file="f", line=2, column=5)
    assert document.excerpt(Place(file="f", line=2)) == "  - b: 1"
    assert document.excerpt(Place(file="g", line=2)) is None


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(categories=["L", "N", "P", "Zs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef.-_", min_size=1), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.text("abcxyz", min_size=1), PLAIN))
def test_plain_data_comes_back(value: dict[str, Any]) -> None:
    class Dumper(yaml.SafeDumper):
        """Without anchors; texts in quotes, for PyYAML (YAML 1.1) would leave the text 1e100 without."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - as PyYAML names it
            return True

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
    document = parse(yaml.dump(value, Dumper=Dumper, allow_unicode=True), "f")
    assert not document.problems
    assert document.data == value


@given(st.text() | st.text("a: -[]{}#&*!|>'\"%@`\n\t?,.0123456789~"))
def test_no_text_is_a_traceback(text: str) -> None:
    assert all(line >= 1 and column >= 1 and message for line, column, message in faults(text))


@given(st.binary())
def test_no_bytes_are_a_traceback(raw: bytes) -> None:
    faults(raw.decode("utf-8", "replace"))
