"""report.json: the report itself, of which every other format is a view."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from json.encoder import encode_basestring as quoted
from typing import Any

from readiness.errors import Problem, UsageError
from readiness.report.model import SCHEMA, Report

STEP = "  "


def render(report: Report) -> str:
    """One JSON document, UTF-8, two spaces, keys in the schema's order, a newline at the end."""
    return _text(report, "\n") + "\n"


def _text(value: Any, margin: str) -> str:
    """JSON (RFC 8259) of what a report is made of; several times as fast as `json.dumps`, which indents in Python too.

    `margin` is the end of a line with the indentation of the next.
    """
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int | float):
        return str(value)
    inner = margin + STEP
    if isinstance(value, Mapping):
        return _block("{}", [f"{quoted(name)}: {_text(part, inner)}" for name, part in value.items()], margin)
    if isinstance(value, tuple | list):
        return _block("[]", [_text(part, inner) for part in value], margin)
    fields = _fields(type(value))  # type: ignore[arg-type]  # a class is hashable
    named = [f"{key}: {_text(getattr(value, name), inner)}" for name, key in fields]
    return _block("{}", named, margin)


_WORDS = {None: "null", True: "true", False: "false"}


def _block(brackets: str, parts: Iterable[str], margin: str) -> str:
    inner = margin + STEP
    lines = f",{inner}".join(parts)
    return f"{brackets[0]}{inner}{lines}{margin}{brackets[1]}" if lines else brackets


@cache
def _fields(kind: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass, as they are called and as they are written."""
    return tuple((field.name, quoted(field.name)) for field in dataclasses.fields(kind))


def read(raw: bytes, path: str) -> Report:
    """A report back from its bytes. Raises UsageError where they are none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        report = TypeAdapter(Report).validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        problem = Problem(
            message=f"{path} is no report of readiness: {where}: {first['msg']} ({error.error_count()} in all)",
            hint="name a report.json that `readiness check` wrote",
        )
        raise UsageError([problem]) from error
    if report.schema != SCHEMA:
        raise UsageError(f"{path} has the schema {report.schema!r}; this readiness reads {SCHEMA}")
    return report
