r"""The text of many files as one, so that a pattern is run once and not once a file.

Each text is brought to one form first: UTF-8 (a file in another encoding is read as Latin-1, or
as UTF-16 where a byte order mark says so), no byte order mark, lines that end in ``\n``, the
last one too. Between two texts stands the byte 0xFF, which is in no UTF-8 text and which RE2 in
UTF-8 mode matches with nothing, so no match can reach from one file into the next.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import field
from itertools import accumulate, pairwise

from readiness.light import dataclass
from readiness.patterns import Pattern, required_literal

_SEPARATOR = b"\xff\n"
_WHOLE_TEXT = re.compile(r"\\[AzC]|\(\?[a-zA-Z]*-")
"""Patterns that speak of the ends of the text, or of bytes, must see each file alone."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """The first match of a pattern in one line."""

    path: str
    line: int
    """Counts from 1."""
    text: str
    """The line, without white space at its ends."""

    @property
    def place(self) -> str:
        """``api/main.py:12``."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A file that belongs to the corpus but could not be read: nothing may be concluded from its silence."""

    path: str
    why: str


@dataclass(frozen=True)
class Corpus:
    """Texts of files in the order of their paths; make it with :meth:`of`."""

    paths: tuple[str, ...]
    unread: tuple[Unread, ...] = ()
    _joined: bytes = field(default=b"", repr=False)
    _starts: tuple[int, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, texts: Iterable[tuple[str, bytes]], unread: Iterable[Unread] = ()) -> Corpus:
        """Join texts that :func:`plain` has brought into form."""
        pairs = tuple(texts)
        lengths = (len(text) + len(_SEPARATOR) for _, text in pairs)
        starts = tuple(accumulate(lengths, initial=0))
        return cls(tuple(path for path, _ in pairs), tuple(unread), _SEPARATOR.join(text for _, text in pairs), starts)

    def hits(self, pattern: Pattern) -> Iterator[Hit]:
        """Each line in which a match begins, in the order of files and lines."""
        return self._found(pattern, once_a_file=False)

    def files_with(self, pattern: Pattern) -> Iterator[Hit]:
        """The first match of each file that has one."""
        return self._found(pattern, once_a_file=True)

    def _found(self, pattern: Pattern, *, once_a_file: bool) -> Iterator[Hit]:
        literal = required_literal(pattern)
        if literal and literal not in self._joined:
            return
        look = self._one_by_one if _WHOLE_TEXT.search(pattern.pattern) else self._at_once
        for index, start in look(pattern, once_a_file):
            yield self._hit(index, start)

    def _at_once(self, pattern: Pattern, once_a_file: bool) -> Iterator[tuple[int, int]]:
        position = 0
        while position < len(self._joined) and (match := pattern.search(self._joined, position)):
            start = match.start()
            index = bisect_right(self._starts, start) - 1
            after = self._starts[index + 1]
            outside = start >= after - len(_SEPARATOR)
            if not outside:
                yield index, start
            skip_file = outside or once_a_file
            position = after if skip_file else max(self._joined.find(b"\n", start) + 1, match.end())

    def _one_by_one(self, pattern: Pattern, once_a_file: bool) -> Iterator[tuple[int, int]]:
        for index, (begin, after) in enumerate(pairwise(self._starts)):
            text = self._joined[begin : after - len(_SEPARATOR)]
            position = 0
            while position < len(text) and (match := pattern.search(text, position)) and match.start() < len(text):
                yield index, begin + match.start()
                position = len(text) if once_a_file else max(text.find(b"\n", match.start()) + 1, match.end())

    def _hit(self, index: int, start: int) -> Hit:
        begin = self._starts[index]
        line_start = self._joined.rfind(b"\n", begin, start) + 1 or begin
        line_end = self._joined.find(b"\n", start)
        text = self._joined[line_start : line_end if line_end >= 0 else None]
        return Hit(
            path=self.paths[index],
            line=self._joined.count(b"\n", begin, start) + 1,
            text=text.decode("utf-8", "replace").strip(),
        )


def plain(raw: bytes) -> bytes:
    """The text of a file in the one form that a corpus holds."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", "replace").encode()
    elif not raw.isascii() and not _is_utf8(raw):
        raw = raw.decode("latin-1").encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
    return raw if not raw or raw.endswith(b"\n") else raw + b"\n"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
