"""The service's database, as checks see it: a protocol, behind which the real one may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from readiness.light import dataclass


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The answer to one statement."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool
    """There were more rows than are kept."""


class Database(Protocol):
    """Reading statements only: what writes is refused by the database itself, and each has its time."""

    def query(self, variable: str, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """One statement on the database whose URL the variable holds; ``:name`` stands for a parameter.

        Raises CannotTell: no URL, out of reach, refused, no such table or column, too slow, or the
        extra ``[postgres]`` is missing.
        """
        ...

    def source(self, variable: str) -> str:
        """Where that is, without user and password, for evidence. Raises CannotTell where the variable holds no URL."""
        ...
