"""Regular expressions that cannot hang a run: RE2 syntax, linear time, errors in plain words.

Syntax: https://github.com/google/re2/wiki/Syntax. Patterns work line by line (``(?m)`` is set, so
``^`` and ``$`` are the ends of a line). There is no lookahead, lookbehind or back-reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol, cast

MAX_LENGTH = 2_000
"""Characters of a pattern; RE2 bounds the size of the compiled program besides."""

_HINTS = (
    (r"\(\?<?[=!]", "RE2 has no lookahead or lookbehind: write a second pattern (must beside must_not)"),
    (r"\(\?>|bad repetition operator: .\+$", "RE2 never backtracks, so leave out the atomic or possessive mark"),
    (r"\(\?P=|escape sequence: \\[1-9]", "RE2 has no back-references: write the text out"),
    (r"\(\?P", "a named group is written (?P<name>...)"),
    (r"\(\?#", "RE2 has no comments inside a pattern: use a YAML comment"),
    (r"escape sequence: \\Z", r"the end of the text is \z in RE2"),
    (r"missing \)|unexpected \)", r"balance the parentheses; a literal one is \( or \)"),
    (r"missing \]", r"close the character class; a literal bracket is \["),
    (r"no argument for repetition|bad repetition operator", r"a literal * + ? is written \* \+ \?"),
    (r"repetition size|too large", "repeat at most 1000 times in all"),
)
_RUN = re.compile(r"(?:\\[^\w\s]|[^\\.*+?()\[\]{}|^$])+")
_NOT_LITERAL = re.compile(r"\(\?|\||\\[pPQxC0-9]")
_GROUPS = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]")


class Match(Protocol):
    """One match; offsets count characters in a str and bytes in bytes."""

    def start(self, group: int = 0) -> int:
        """Offset of its first character."""
        ...

    def end(self, group: int = 0) -> int:
        """Offset after its last character."""
        ...

    def group(self, *groups: int | str) -> str:
        """Its text."""
        ...


class Pattern(Protocol):
    """A compiled pattern, as google-re2 gives it; safe to share between threads."""

    @property
    def pattern(self) -> str:
        """The pattern as it was compiled, with the flags before it."""
        ...

    def search(self, text: str | bytes, pos: int | None = None, endpos: int | None = None) -> Match | None:
        """The first match at or after `pos`; what stands before `pos` is still seen by ``^`` and word boundaries."""

    def fullmatch(self, text: str | bytes, pos: int | None = None, endpos: int | None = None) -> Match | None:
        """A match of all of the text."""

    def finditer(self, text: str | bytes, pos: int | None = None, endpos: int | None = None) -> Iterator[Match]:
        """Matches that do not overlap, in order."""
        ...


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Pattern:
    """Compile an RE2 pattern, line by line.

    Raises ValueError with a sentence for the author of the checklist.
    """
    import re2  # type: ignore[import-untyped]

    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"the pattern has {len(pattern)} characters; at most {MAX_LENGTH} are allowed")
    if not pattern:
        raise ValueError("the pattern is empty, so it says nothing")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(("(?mi)" if ignore_case else "(?m)") + pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_explain(pattern, error)) from None
    return cast("Pattern", compiled)


def compile_assertion(pattern: str, *, ignore_case: bool = False) -> Pattern:
    """Compile a pattern whose presence or absence is asserted: one that matches anything is refused as well.

    Raises ValueError with a sentence for the author of the checklist.
    """
    compiled = compile_pattern(pattern, ignore_case=ignore_case)
    if compiled.search("") and compiled.search("\x01"):
        raise ValueError(f"the pattern {pattern!r} matches every text, even an empty one, so it says nothing")
    return compiled


def required_literal(pattern: Pattern) -> bytes | None:
    """The longest text that every match contains, byte for byte, or None where none is certain.

    Looking for it first spares the pattern where it cannot match.
    """
    source = pattern.pattern.removeprefix("(?m)")
    if _NOT_LITERAL.search(source):
        return None
    # what stands in groups, classes and escapes is not certain: replace each by a wildcard
    flat = _GROUPS.sub(lambda found: found[0] if _is_punctuation(found[0]) else ".", source)
    while (shorter := re.sub(r"(?<!\\)\((?:\\.|[^()\\])*\)", ".", flat)) != flat:
        flat = shorter
    runs = (_certain(found[0], flat[found.end() :]) for found in _RUN.finditer(flat))
    best = max(runs, key=len, default="")
    return best.encode() or None


def _is_punctuation(escape: str) -> bool:
    return escape[0] == "\\" and not (escape[1].isalnum() or escape[1] in "_()")


def _certain(run: str, after: str) -> str:
    pieces = re.findall(r"\\.|[^\\]", run)
    if after[:1] in ("?", "*", "{"):
        pieces = pieces[:-1]
    return "".join(piece[-1] for piece in pieces)


def _explain(pattern: str, error: Exception) -> str:
    raw = error.args[0] if error.args else error
    found = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(error)
    found = re.sub(r"\(\?mi?\)", "", found)
    hint = next((hint for clue, hint in _HINTS if re.search(clue, found)), None)
    sentence = f"the pattern {pattern!r} is not valid RE2: {found}"
    return f"{sentence}; {hint}" if hint else sentence
