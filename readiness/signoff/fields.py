"""Typed reading of JSON objects from strangers: what is missing or of another type is told by its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from readiness.signoff.model import Code, SignOffError

T = TypeVar("T")

LONGEST = 10_000
"""Characters of a text; a comment may be long, but nobody reads a book before a release."""
MANY = 10_000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True)
class Fields:
    """One JSON object; every method raises SignOffError(MALFORMED) naming the field."""

    data: dict[str, Any]
    at: str

    @classmethod
    def of(cls, value: Any, at: str) -> Fields:
        """The object itself."""
        if not isinstance(value, dict):
            raise _wrong(at, "an object", value)
        return cls(value, at)

    def text(self, name: str) -> str:
        """A text of at most LONGEST characters."""
        value = self._get(name, str, "a text")
        if len(value) > LONGEST:
            raise SignOffError(Code.MALFORMED, f"{self._path(name)} has {len(value):,} characters")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        return self._get(name, bool, "true or false")

    def count(self, name: str) -> int:
        """A whole number; `true` is none."""
        if isinstance(self.data.get(name), bool):
            raise _wrong(self._path(name), "a whole number", self.data[name])
        return self._get(name, int, "a whole number")

    def sha256(self, name: str) -> str:
        """64 lower-case hexadecimal digits."""
        value = self.text(name)
        if not _SHA256.fullmatch(value):
            raise _wrong(self._path(name), "a sha256", value)
        return value

    def commit(self, name: str) -> str:
        """The full id of a commit, of either of git's hashes; no name, which could be moved."""
        value = self.text(name)
        if not _COMMIT.fullmatch(value):
            raise _wrong(self._path(name), "the full id of a commit", value)
        return value

    def time(self, name: str) -> datetime:
        """RFC 3339 with a zone, in UTC."""
        value = self.text(name)
        if not _TIME.fullmatch(value):
            raise _wrong(self._path(name), "an RFC 3339 time with a zone", value)
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _wrong(self._path(name), "an RFC 3339 time with a zone", value) from error

    def inner(self, name: str) -> Fields:
        """An object within."""
        return Fields.of(self.data.get(name), self._path(name))

    def rows(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        return tuple(Fields.of(value, f"{self._path(name)}[{index}]") for index, value in enumerate(self._list(name)))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._list(name)
        return tuple(Fields({"": value}, f"{self._path(name)}[{index}]").text("") for index, value in enumerate(values))

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """What `read`, a method of this object, finds there; None where it is absent or null."""
        return None if self.data.get(name) is None else read(name)

    def _list(self, name: str) -> Sequence[Any]:
        values: list[Any] = self._get(name, list, "a list")
        if len(values) > MANY:
            raise SignOffError(Code.MALFORMED, f"{self._path(name)} has {len(values):,} entries")
        return values

    def _get(self, name: str, kind: type[T], expected: str) -> T:
        value = self.data.get(name)
        if not isinstance(value, kind):
            raise _wrong(self._path(name), expected, value, missing=name not in self.data)
        return value

    def _path(self, name: str) -> str:
        return f"{self.at}.{name}" if name else self.at


def _wrong(at: str, expected: str, value: Any, *, missing: bool = False) -> SignOffError:
    if missing:
        return SignOffError(Code.MALFORMED, f"{at} is missing; expected {expected}")
    shown = repr(value)
    cut = shown if len(shown) <= 60 else f"{shown[:60]}..."  # noqa: PLR2004 - half a line
    return SignOffError(Code.MALFORMED, f"{at} is {cut}; expected {expected}")
