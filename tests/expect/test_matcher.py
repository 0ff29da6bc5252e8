"""Matchers, formats, JSONPath and bounds: the pure part of the vocabulary."""

from __future__ import annotations

import time
from typing import Any

import pytest

from readiness.expect.bounds import least, time_limit
from readiness.expect.formats import FORMATS
from readiness.expect.jsonpath import select
from readiness.expect.matcher import parse_matcher
from readiness.expect.values import read_json, same, short


@pytest.mark.parametrize(
    ("matcher", "value"),
    [
        (1, 1),
        (1, 1.0),
        ("a", "a"),
        (None, None),
        ((1, 2), [1, 2]),
        ({"equals": {"a": (1,)}}, {"a": [1]}),
        ({"contains": "b"}, "abc"),
        ({"contains": ("a", "b")}, ["b", "a", 1]),
        ({"contains": "key"}, {"key": 1}),
        ({"matches": "^cs_"}, "cs_1"),
        ({"matches": ("a", "b")}, "ab"),
        ({"format": "integer"}, 3),
        ({"format": "email"}, "a@b.example"),
        ({"type": ("string", "null")}, None),
        ({"type": "integer"}, 2.0),
        ({"type": "number"}, 2.5),
        ({"one_of": ("a", 1)}, 1),
        ({"min": 1, "max": 2}, 1.5),
        ({"length": 2}, "ab"),
        ({"length": {"min": 1}}, [1]),
        ({"not": {"matches": "x"}}, "y"),
        ({"not": "free"}, "team"),
        ({"present": True}, None),
        ({"absent": False}, 0),
    ],
)
def test_accepted(matcher: Any, value: Any) -> None:
    assert parse_matcher(matcher).accepts(value)


@pytest.mark.parametrize(
    ("matcher", "value"),
    [
        (1, True),
        (1, "1"),
        (0, False),
        ("", None),
        ([], {}),
        ({"equals": {"a": 1}}, {"a": True}),
        ({"contains": "b"}, 1),
        ({"contains": 1}, ["1", True]),
        ({"matches": "1"}, 1),
        ({"format": "integer"}, "3"),
        ({"format": "uri"}, 3),
        ({"type": "integer"}, True),
        ({"type": "integer"}, "1"),
        ({"type": "number"}, float("nan") and "nan"),
        ({"type": "object"}, []),
        ({"one_of": ("1",)}, 1),
        ({"min": 1}, "2"),
        ({"min": 0}, True),
        ({"max": 1}, 2),
        ({"length": 2}, 22),
        ({"not": {"type": "string"}}, "x"),
        ({"absent": True}, None),
    ],
)
def test_not_accepted(matcher: Any, value: Any) -> None:
    assert not parse_matcher(matcher).accepts(value)


def test_what_is_optional_may_be_missing_and_is_tested_where_it_is_there() -> None:
    robots = parse_matcher({"optional": True, "not": {"matches": "noindex"}})
    assert robots.accepts_nothing
    assert robots.accepts_text("all")
    assert not robots.accepts_text("noindex")
    assert robots.expected == "absent or not matching noindex"
    assert not parse_matcher({"not": {"matches": "noindex"}}).accepts_nothing


def test_texts_are_read_as_numbers_where_numbers_are_asked_for() -> None:
    assert parse_matcher({"min": 10}).accepts_text("30")
    assert parse_matcher({"type": "integer"}).accepts_text("30")
    assert not parse_matcher({"type": "integer"}).accepts_text("thirty")
    assert not parse_matcher({"min": 10}).accepts_text("")
    assert parse_matcher({"matches": "^3"}).accepts_text("30")


def test_unknown_words_are_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown matcher `contain`; did you mean `contains`\?"):
        parse_matcher({"contain": "x"})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "uri",
            ["https://a.example/b?c#d", "mailto:a@b", "urn:x:y", "https://[::1]:8080/"],
            ["/a", "a b", "https://", "http:///x", "", "https://a b"],
        ),
        ("url", ["http://localhost:1/"], ["mailto:a@b", "ftp://a.example"]),
        (
            "email",
            ["a.b+c@d-e.example"],
            ["a@b", "a@@b.example", "a@.example", "@b.example", ".a@b.example", "a@b.example\n"],
        ),
        (
            "date-time",
            ["2025-10-28T12:00:00Z", "2025-10-28t12:00:00.123+02:00", "2016-12-31T23:59:60Z"],
            ["2025-10-28T12:00:00", "2025-02-30T12:00:00Z", "2025-10-28", "2025-10-28T25:00:00Z", "1761652800"],
        ),
        ("date", ["2024-02-29"], ["2025-02-29", "20250101", "2025-W01-1"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
        ("hostname", ["a.example", "localhost"], ["a..example", "-a.example", "127.0.0.1", "a_b.example", "a" * 64]),
        ("ipv4", ["127.0.0.1"], ["127.1", "256.0.0.1"]),
        ("ipv6", ["::1"], ["127.0.0.1", ":::"]),
    ],
)
def test_formats(name: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not FORMATS[name](text)] == []
    assert [text for text in bad if FORMATS[name](text)] == []


def test_every_format_is_tested() -> None:
    assert set(FORMATS) == {"uri", "url", "email", "date-time", "date", "uuid", "hostname", "ipv4", "ipv6"}


def test_paths() -> None:
    document = {"plans": [{"id": "a", "price": 1}, {"id": "bb", "price": 2}]}
    assert select("$.plans[?@.price > 1].id", document) == [("$['plans'][1]['id']", "bb")]
    assert [value for _, value in select("$.plans[?match(@.id, 'b+')].price", document)] == [2]
    assert [value for _, value in select("$.plans[?search(@.id, 'b')].price", document)] == [2]
    assert select("$.plans[?match(@.id, '(')].id", document) == []


def test_hostile_paths_end() -> None:
    started = time.thread_time()
    assert select("$[?match(@, '(a|a)*b')]", ["a" * 3000 + "c"]) == []
    with pytest.raises(ValueError, match="more than 10000"):
        select("$[*]", list(range(20_000)))
    assert time.thread_time() - started < 5
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    with pytest.raises(ValueError, match="cannot be followed"):
        select("$..x", deep)


def test_bounds() -> None:
    assert time_limit("<2s").holds(1.999)
    assert not time_limit("<2s").holds(2)
    assert time_limit("<= 500ms").holds(0.5)
    assert least(">=21").holds(21)
    assert not least(">21").holds(21)
    assert least(21).words == ">=21"


def test_values() -> None:
    assert same({"a": [1, {"b": None}]}, {"a": (1.0, {"b": None})})
    assert not same([1], [1, 2])
    assert short("x" * 200).endswith("...")
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert read_json(b'["\\ud83d\\ude00", "\\\\ud800"]') == ["\U0001f600", "\\ud800"]
    for text in (b"", b"{", b"Infinity", b"\xff\xfe\xff", b"{} {}", b'["\\ud800"]'):
        with pytest.raises(ValueError, match=r"\w"):
            read_json(text)
