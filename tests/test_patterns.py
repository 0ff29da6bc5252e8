from __future__ import annotations

import random
import re
import time

import pytest

from readiness.corpus import Corpus, plain
from readiness.patterns import compile_assertion, compile_pattern, required_literal


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(?=a)", "no lookahead or lookbehind"),
        ("(?<!a)b", "no lookahead or lookbehind"),
        (r"(a)\1", "no back-references"),
        (r"a\Z", r"the end of the text is \\z"),
        ("(a", "balance the parentheses"),
        ("a)", "balance the parentheses"),
        ("[a", "close the character class"),
        ("*a", "a literal"),
        ("a++", "never backtracks"),
        ("(?>a)", "never backtracks"),
        ("a{2000}", "at most 1000 times"),
        ("((a{100}){100}){100}", "at most 1000 times"),
        ("(?#x)", "YAML comment"),
        ("", "is empty"),
        ("x" * 2_001, "at most 2000"),
        ("\ud800", "not valid RE2"),
    ],
)
def test_a_bad_pattern_is_explained(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", [".*", "a*", "^", "$", "a|", "(x?)"])
def test_a_pattern_that_matches_everything_asserts_nothing(pattern: str) -> None:
    compile_pattern(pattern)
    with pytest.raises(ValueError, match="says nothing"):
        compile_assertion(pattern)


def test_a_hostile_pattern_ends_at_once() -> None:
    started = time.thread_time()
    assert not compile_pattern("(a+)+$").search("a" * 100_000 + "b")
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"\bconstruct_event\(", b"construct_event"),
        ("sk_live_[0-9a-z]{16,}", b"sk_live_"),
        ("abc?", b"ab"),
        ("ab{0,2}cdef", b"cdef"),
        (r"(foo)?bar\.baz", b"bar.baz"),
        ("a|b", None),
        ("(?i)abc", None),
        ("[abc]", None),
        ("x*", None),
    ],
)
def test_a_literal_that_every_match_holds(pattern: str, literal: bytes | None) -> None:
    assert required_literal(compile_pattern(pattern)) == literal


def test_without_case_no_literal_is_certain() -> None:
    assert required_literal(compile_pattern("abc", ignore_case=True)) is None


PATTERNS = [
    *("a", "^a", "a$", "^$", r"\Aa", r"a\z", r"a\s+b", "a[^x]*b", "(?s)a.*b", r"\ba", r"\Bb", r"b\n", r"\s+b", "^b+$"),
    *("[^a]b", "ab?", "(?-m:^)b", "a|^b", r"\n\n", "[[:space:]]a", "é", r"a\nb", "(a|b)+", r"[\s\S]b", "x", r"$\n"),
]


def test_all_files_at_once_say_what_each_file_says_alone() -> None:
    chance = random.Random(7)  # noqa: S311 - the same texts in every run
    texts = {f"f{number:03}": "".join(chance.choices("aab \nx\r\né", k=chance.randrange(12))) for number in range(300)}
    plains = {path: plain(text.encode()) for path, text in texts.items()}
    corpus = Corpus.of(plains.items())
    for source in PATTERNS:
        pattern = compile_pattern(source)
        expected = [
            path for path, text in plains.items() if (found := pattern.search(text)) and found.start() < len(text)
        ]
        assert [hit.path for hit in corpus.files_with(pattern)] == expected, source
        lines = [
            (path, line)
            for path in expected
            for line in sorted({plains[path].count(b"\n", 0, one.start()) + 1 for one in starts(pattern, plains[path])})
        ]
        assert [(hit.path, hit.line) for hit in corpus.hits(pattern)] == lines, source


def starts(pattern: object, text: bytes) -> list[re.Match[bytes]]:
    """The first match of each line, going on behind it, as `hits` does."""
    found = []
    position = 0
    while position < len(text) and (match := pattern.search(text, position)) and match.start() < len(text):  # type: ignore[attr-defined] # a compiled pattern
        found.append(match)
        position = max(text.find(b"\n", match.start()) + 1, match.end())
    return found


def test_a_hit_shows_its_line() -> None:
    corpus = Corpus.of([("a", plain(b"one\r\n  two  \r\nthree")), ("b", b""), ("c", plain(b"two"))])
    hits = list(corpus.hits(compile_pattern("t(wo|hree)")))
    assert [(hit.place, hit.text) for hit in hits] == [("a:2", "two"), ("a:3", "three"), ("c:1", "two")]


def test_nothing_to_search() -> None:
    assert list(Corpus.of([]).hits(compile_pattern("a"))) == []
    assert list(Corpus.of([("a", b"")]).hits(compile_pattern("^"))) == []
