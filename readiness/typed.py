"""Plain data from a file against frozen dataclasses, with every fault at its place.

One machinery for the checklist, the options of a check kind and every other file that people
edit. What is plainly right is read here; of the rest pydantic finds what is wrong, and here its
findings become sentences.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from readiness import plain
from readiness.errors import Problem
from readiness.strict_yaml import Document

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "dataclass_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
"""pydantic's types of error, as what should have been there."""


def validate(
    kind: type[T],
    data: Any,
    document: Document,
    path: Sequence[str | int],
    *,
    quote: Callable[[str], str] = str,
) -> tuple[T | None, list[Problem]]:
    """`data`, which stands at `path` of `document`, as a `kind`; or None and all that is wrong with it.

    `quote` sees every text that a message takes from the data, for it may hold a secret.
    """
    with suppress(plain.NotPlain):
        return plain.reader(kind)(data), []  # type: ignore[arg-type]  # a class is hashable
    from pydantic import ValidationError

    try:
        return adapter(kind).validate_python(data), []  # type: ignore[arg-type]  # a class is hashable
    except ValidationError as error:
        found = error.errors(include_url=False)
    found = [detail for detail in found if detail["type"] != "too_short" or not detail["input"]]  # its parts are told
    told = {problem.place for problem in document.problems}
    problems = [_problem(details, kind, document, path, quote) for details in _by_place(found, document, path)]
    return None, [problem for problem in problems if problem.place not in told]


def _by_place(
    found: Iterable[ErrorDetails], document: Document, path: Sequence[str | int]
) -> Iterable[list[ErrorDetails]]:
    """The errors that say one thing together: what each member of a union would have wanted in one place."""
    groups: dict[Any, list[ErrorDetails]] = {}
    for number, detail in enumerate(found):
        alike = detail["type"] in _EXPECTED
        groups.setdefault(tuple(_real_path(document, [*path, *detail["loc"]])) if alike else number, []).append(detail)
    return groups.values()


@cache
def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The validator of a dataclass, in which unknown keys are refused at every level."""
    from pydantic import TypeAdapter

    close(kind)
    return TypeAdapter(kind)


def unusable(kind: Any) -> str | None:
    """Why options cannot be validated with a dataclass: a name in its annotations that is not known, say."""
    if plain.is_known(kind):
        return None
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

    try:
        adapter(kind)
    except (NameError, TypeError, PydanticSchemaGenerationError, PydanticUserError) as error:
        return f"has options that cannot be understood: {str(error).splitlines()[0]}"
    return None


def close(kind: Any, *, documented: bool = False) -> None:
    """Refuse unknown keys in a dataclass and in those that its fields are made of.

    `documented` takes the words below each field into the schema, which costs a read of its source.
    """
    if not (dataclasses.is_dataclass(kind) and isinstance(kind, type)):
        for part in typing.get_args(kind):
            close(part, documented=documented)
    elif vars(kind).get("__pydantic_config__", {}).get("use_attribute_docstrings") not in {documented, True}:
        # how pydantic reads a dataclass of the standard library
        config = plain.Told(extra="forbid", use_attribute_docstrings=documented, alias_generator=plain.key_of)
        kind.__pydantic_config__ = config  # type: ignore[attr-defined]
        for part in typing.get_type_hints(kind, include_extras=True).values():
            close(part, documented=documented)


def suggest(word: str, known: Iterable[str]) -> str | None:
    """``did you mean `x`?`` for the nearest known word; or the words themselves where they are few."""
    words = sorted(set(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known: {', '.join(words)}" if 0 < len(words) <= 12 else None  # noqa: PLR2004 - what fits on a line or two


def _problem(
    details: list[ErrorDetails],
    kind: Any,
    document: Document,
    path: Sequence[str | int],
    quote: Callable[[str], str],
) -> Problem:
    detail = details[0]
    where = _real_path(document, [*path, *detail["loc"]])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            at = where[:-1] if where and where[-1] == name else where
            return document.problem(f"`{name}` is missing", at, key=True, hint=f"add `{name}: ...`")
        case "extra_forbidden" | "unexpected_keyword_argument":
            known = field_names(_part(kind, detail["loc"][:-1]))
            return document.problem(f"unknown key `{name}`", where, key=True, hint=suggest(name, known))
        case "value_error":
            return document.problem(quote(str(detail.get("ctx", {}).get("error"))), where)
        case _:
            subject = _subject(where[len(path) :])
            return document.problem(f"{subject}{_sentence(details, quote)}", where, hint=_cure(detail))


def _real_path(document: Document, loc: Sequence[str | int]) -> list[str | int]:
    """The written part of a location: pydantic adds the names of the union members that it tried."""
    path: list[str | int] = []
    for part in loc:
        if (*path, part) in document.values or (*path, part) in document.keys:
            path.append(part)
    return path


def _subject(where: Sequence[str | int]) -> str:
    names = [part for part in where if isinstance(part, str)]
    return f"`{names[-1]}`: " if names else ""


def _sentence(details: list[ErrorDetails], quote: Callable[[str], str]) -> str:
    detail = details[0]
    if detail["type"] in {"string_too_short", "too_short"}:
        return "must not be empty"
    wanted = list(dict.fromkeys(_EXPECTED[part["type"]] for part in details if part["type"] in _EXPECTED))
    message = f"expected {' or '.join(wanted)}" if wanted else detail["msg"].replace("Input should be", "expected")
    return f"{message}, found {_say(detail['input'], quote)}"


def _cure(detail: ErrorDetails) -> str | None:
    value = detail["input"]
    if detail["type"] == "string_type" and isinstance(value, int | float | bool):
        return f'quote it: "{str(value).lower() if isinstance(value, bool) else value}"'
    if detail["type"] in {"tuple_type", "list_type"} and isinstance(value, str):
        return "write it as a list: [...]"
    if detail["type"] in {"enum", "literal_error"} and isinstance(value, str):
        words = str(detail.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        near = difflib.get_close_matches(value, words, n=1, cutoff=0.5)
        return f"did you mean `{near[0]}`?" if near else None
    return None


def _say(value: Any, quote: Callable[[str], str]) -> str:
    if isinstance(value, bool):
        return f"the word {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        text = quote(value)
        return f'"{text}"' if len(text) <= 60 else f'"{text[:60]}..."'  # noqa: PLR2004 - half a line
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else "nothing" if value is None else type(value).__name__


def field_names(kind: Any) -> list[str]:
    """The keys that a dataclass takes in a file: an alias where the field has one."""
    if not (dataclasses.is_dataclass(kind) and isinstance(kind, type)):
        return []
    hints = typing.get_type_hints(kind, include_extras=True)
    return [_alias(hints[item.name]) or plain.key_of(item.name) for item in dataclasses.fields(kind)]


def _alias(hint: Any) -> str | None:
    return next((data.alias for data in getattr(hint, "__metadata__", ()) if getattr(data, "alias", None)), None)


def _part(kind: Any, loc: Sequence[str | int]) -> Any:
    """The dataclass that stands at a location inside `kind`."""
    for name in loc:
        candidates = [part for part in _dataclasses(kind) if name in field_names(part)]
        if candidates:
            hints = typing.get_type_hints(candidates[0], include_extras=True)
            kind = next(hints[item] for item in hints if (_alias(hints[item]) or plain.key_of(item)) == name)
    found = list(_dataclasses(kind))
    return found[0] if found else None


def _dataclasses(kind: Any) -> Iterable[type]:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield kind
    for part in typing.get_args(kind):
        yield from _dataclasses(part)
