"""JSON from strangers: what two readers could see differently is refused, and nothing takes long."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.strict_json import MAX_BYTES, MAX_DEPTH, MAX_INT, loads


def refusal(raw: bytes, limit: int = MAX_BYTES) -> str:
    with pytest.raises(SignOffError) as caught:
        loads(raw, "the statement", limit=limit)
    assert caught.value.code is Code.MALFORMED
    assert caught.value.message.startswith("the statement ")
    assert len(caught.value.message) < 300
    return caught.value.message


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "caf\u00e9 \U0001f600 \\u00e9 [{",
        0,
        -1,
        MAX_INT,
        -MAX_INT,
        1.5,
        1e300,
        [],
        {},
        {"a": [1, {"b": None}], "": "\u0000"},
        ["[" * 100, '"{' * 100, "\\" * 99],
    ],
)
def test_plain_json(value: Any) -> None:
    assert loads(json.dumps(value).encode(), "it") == value
    assert loads(json.dumps(value, ensure_ascii=False).encode(), "it") == value


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no strict JSON"),
        (b"{} {}", "Extra data"),
        (b"{}\0", "Extra data"),
        (b"\xef\xbb\xbf{}", "BOM"),
        ("{}".encode("utf-16"), "no strict JSON"),
        (b'"\xff"', "utf-8"),
        (b'"\xed\xa0\x80"', "utf-8"),
        (b'"\xc0\xaf"', "utf-8"),
        (b'"\n"', "control character"),
        (b"[1,]", "no strict JSON"),
        (b"{'a': 1}", "no strict JSON"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b"1e999", "beyond what a double holds"),
        (b"01", "Extra data"),
        (b'{"a": 1, "a": 1}', "the key 'a' stands twice"),
        (b'{"a": 1, "\\u0061": 2}', "the key 'a' stands twice"),
        (b'[{"b": {"a": 1, "a": 2}}]', "the key 'a' stands twice"),
        (b'"\\ud800"', "half a surrogate pair"),
        (b'{"\\uDFFF": 1}', "half a surrogate pair"),
        (b'["\\ude00\\ud83d"]', "half a surrogate pair"),
        (str(MAX_INT + 1).encode(), "beyond 2^53 - 1"),
        (str(-MAX_INT - 1).encode(), "beyond 2^53 - 1"),
        (b"9" * 5000, "beyond 2^53 - 1"),
    ],
)
def test_what_readers_see_differently(raw: bytes, words: str) -> None:
    assert words in refusal(raw)


def test_a_surrogate_pair_is_a_character() -> None:
    assert loads(b'["\\ud83d\\ude00", "\\\\ud800"]', "it") == ["\U0001f600", "\\ud800"]


def test_depth() -> None:
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "it")
    assert loads(b"[" + b",".join([b"[]"] * 1000) + b"]", "it") == [[]] * 1000
    for deep in (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), b'{"a":' * 40, b'[{"a":' * 20, b"[" * MAX_BYTES):
        assert "nested deeper than 32" in refusal(deep)


def test_size() -> None:
    assert refusal(b" " * 11, limit=10) == "the statement has 11 bytes; at most 10 are read"
    assert loads(b'"12345678"', "it", limit=10) == "12345678"


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 40 + b'"' + b'\\"' * 4_000_000,
        b"[]," * 40 + b'"' + b'\\"' * 4_000_000,
        b'"' + b"\\" * 8_000_001,
        b"[]" * 4_000_000,
        b"{" + b",".join(b'"%d":1' % (number % 399_999) for number in range(400_000)) + b"}",
        b"[" + b"1" * 8_000_000,
        b"[0." + b"1" * 8_000_000 + b"e",
    ],
    ids=["deep", "quotes", "backslashes", "siblings", "keys", "digits", "fraction"],
)
def test_a_bomb_is_refused_in_seconds(raw: bytes) -> None:
    begin = time.thread_time()
    refusal(raw)
    assert time.thread_time() - begin < 10
