"""Lists of tags, ``v=DKIM1; k=rsa; p=...``: the syntax that DKIM and DMARC share (RFC 6376 3.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from readiness.light import dataclass

SPACE = " \t\r\n"
"""What may stand around names, values and separators; a non-breaking space may not."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NOT_PRINTABLE = re.compile(r"[^\t\r\n\x20-\x7e]")
_NOTES = re.compile(r"(?:^|;)\s*n\s*=[^;]*")
_PASTED = re.compile(r"[\"\\\u201c\u201d\u201e\u201f]")
TOLD = 5
"""Problems of a kind that are told of one record: a hostile one has thousands."""
SHOWN = 60
"""Characters of a record that a message quotes."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One reason why receivers cannot use what is published."""

    code: str
    """Stable and short: ``revoked``, ``two_records``."""
    message: str
    """One sentence for people."""

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, kw_only=True)
class Tags:
    """The tags of one record, in its order."""

    pairs: tuple[tuple[str, str], ...]
    """Names and values, the space around them taken away."""
    problems: tuple[Problem, ...]
    """What breaks the syntax."""

    def get(self, name: str) -> str | None:
        """The first value of a tag, or None."""
        return next((value for known, value in self.pairs if known == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(name for name, _ in self.pairs)


def read_tags(text: str, *, fold: bool = False) -> Tags:
    """Take a record apart; nothing is raised, whatever it holds. `fold` makes names lower case."""
    parts = text.split(";")
    if not parts[-1].strip(SPACE):
        parts.pop()
    pairs: list[tuple[str, str]] = []
    strange: list[str] = []
    for part in parts:
        name, equals, value = (piece.strip(SPACE) for piece in part.partition("="))
        if not equals or not _NAME.fullmatch(name):
            strange.append(part.strip(SPACE))
        else:
            pairs.append((name.lower() if fold else name, value))
    return Tags(pairs=tuple(pairs), problems=(*_characters(text), *_no_tags(strange), *_repeated(pairs)))


def pasted(text: str) -> Problem | None:
    """Quotes and backslashes that came with a copy from a zone file or a web page, outside of ``n=``."""
    found = dict.fromkeys(_PASTED.findall(_NOTES.sub("", text)))
    if not found:
        return None
    message = f"the record itself holds {' and '.join(found)}: leave the quotes and backslashes of the zone file out"
    return Problem(code="stray_quotes" if set(found) != {"\\"} else "stray_backslash", message=message)


def without_pasted(text: str) -> str:
    """The record as it was meant."""
    return _PASTED.sub("", text)


def decoded(record: str | bytes) -> str:
    """A record as text; bytes that are no UTF-8 stay visible."""
    return record if isinstance(record, str) else record.decode("utf-8", "backslashreplace")


def quoted(text: str) -> str:
    """A record for a message, cut."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def _characters(text: str) -> Iterator[Problem]:
    strange = dict.fromkeys(_NOT_PRINTABLE.findall(text))
    if strange:
        said = ", ".join(f"U+{ord(one):04X}" for one in list(strange)[:TOLD])
        hint = ": it was probably copied from a web page" if "\u00a0" in strange else ""
        yield Problem(code="characters", message=f"the record holds characters beyond printable ASCII ({said}){hint}")


def _no_tags(parts: list[str]) -> Iterator[Problem]:
    if "" in parts:
        yield Problem(code="syntax", message="two semicolons stand side by side")
    for part in [part for part in parts if part][:TOLD]:
        yield Problem(code="syntax", message=f"{quoted(part)} is no tag=value")


def _repeated(pairs: list[tuple[str, str]]) -> Iterator[Problem]:
    several = [(name, count) for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    for name, count in several[:TOLD]:
        message = f"the tag {quoted(name)[1:-1]}= is there {count} times, so that the whole record is void"
        yield Problem(code="duplicate_tag", message=message)
