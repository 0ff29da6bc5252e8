"""JSONPath (RFC 9535), its regular expressions in linear time."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from readiness.patterns import compile_pattern

MOST = 10_000
"""Values that one path may select."""


class _Linear(FilterFunction):
    """``match()`` or ``search()`` of RFC 9535 2.4.6, which the library runs with backtracking."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    @property
    def arg_types(self) -> list[ExpressionType]:
        """A text and a pattern."""
        return [ExpressionType.VALUE, ExpressionType.VALUE]

    @property
    def return_type(self) -> ExpressionType:
        """True or false."""
        return ExpressionType.LOGICAL

    def __call__(self, text: object, pattern: object) -> bool:
        if not isinstance(text, str) or not isinstance(pattern, str):
            return False
        try:
            compiled = compile_pattern(pattern)
        except ValueError:
            return False
        return bool(compiled.fullmatch(text) if self._whole else compiled.search(text))


@lru_cache(maxsize=1024)
def compile_path(path: str) -> JSONPathQuery:
    """Raises ValueError with a sentence for the author of the checklist."""
    environment = JSONPathEnvironment()
    environment.function_extensions |= {"match": _Linear(whole=True), "search": _Linear(whole=False)}
    try:
        return environment.compile(path)
    except JSONPathError as error:
        found = str(error).partition(",")[0]
        raise ValueError(f"{path!r} is no JSONPath: {found}; it begins with $, as in $.items[0].price") from None


def select(path: str, document: Any) -> list[tuple[str, Any]]:
    """Place and value of everything that a path selects. Raises ValueError where that is too deep or too much."""
    try:
        nodes = list(islice(compile_path(path).finditer(document), MOST + 1))
    except JSONPathError as error:
        raise ValueError(f"{path} cannot be followed: {error}") from None
    if len(nodes) > MOST:
        raise ValueError(f"{path} selects more than {MOST} values")
    return [(node.path(), node.value) for node in nodes]
