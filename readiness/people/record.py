"""Entries added to attestations.yaml or waivers.yaml: the text that is there stays as it is, comments too."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from readiness.errors import ConfigError, Problem, UsageError
from readiness.people import files
from readiness.store import write_text
from readiness.strict_yaml import Document, parse

_HEADS = {
    "attestations": "# What people say of the checklist's items; written by `readiness attest`, newest last.",
    "waivers": "# Findings that do not keep a release back, each until its day; see `readiness waivers`.",
}
_NOTHING = re.compile(r"(\s*)(\[\s*\]|~|null)?")


def append(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add entries at the end of the list in `path`, which is named like its only list.

    Two writers at once wait for each other; the file is replaced as a whole or not at all. Raises
    UsageError where it cannot be written, or where its list is not the last thing in it, and
    ConfigError where it cannot be read.
    """
    try:
        with _alone(path.parent):
            text = files.read(path) or ""
            write_text(path, _longer(path, text, [dict(entry) for entry in entries]))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot write {path}: {reason}; nothing was changed") from error


def _longer(path: Path, text: str, new: list[dict[str, Any]]) -> str:
    """The text with the entries, in the first way of writing it that reads back as just that."""
    key = path.stem
    document = files.parsed(text, path)
    before = _entries(document, key)
    _refuse_doubles(before, new)
    for base in _bases(text, document, key):
        for tried in _ways(base, new):
            if _reads_back(tried, key, path, [*before, *new]):
                return tried
    message = f"cannot add an entry: `{key}` is not the last thing in {path}, or not written as a block list"
    hint = f"move `{key}:` to the end of the file, each entry behind a dash on a line of its own"
    raise UsageError([Problem(message=message, hint=hint)])


def _bases(text: str, document: Document | None, key: str) -> Iterator[str]:
    """The text up to where the next entry begins, as far as it can be made out."""
    if document is None:
        head = "" if text.strip() else f"{_HEADS[key]}\n"
        yield f"{_line(text)}{head}version: 1\n{key}:"
        return
    yield text
    if isinstance(document.data, dict) and key not in document.data:
        yield f"{_line(text)}{key}:"
        return
    place = document.place((key,), key=True)
    lines = text.splitlines(keepends=True)
    written = lines[place.line - 1]
    behind = place.column - 1 + len(key) + 1
    nothing = _NOTHING.match(written, behind)
    if nothing and nothing[2]:
        lines[place.line - 1] = written[:behind] + written[nothing.end() :]
        yield "".join(lines)


def _ways(base: str, new: list[dict[str, Any]]) -> Iterator[str]:
    """The text with the entries at each depth that a list may have; the second time all words in quotes.

    PyYAML writes YAML 1.1: `1e5` without quotes, which is a number by 1.2, and line ends of Unicode as they are.
    """
    end = "\r\n" if "\r\n" in base else "\n"
    for style in (None, '"'):
        dumped = yaml.safe_dump(new, sort_keys=False, allow_unicode=style is None, width=110, default_style=style)
        lines = dumped.removesuffix("\n").split("\n")
        for indent in ("  ", "", "    "):
            yield _line(base, end) + "".join(f"{indent if line else ''}{line}{end}" for line in lines)


def _line(text: str, end: str = "\n") -> str:
    """The text, its last line ended."""
    return text if not text or text.endswith("\n") else f"{text}{end}"


def _reads_back(text: str, key: str, path: Path, wanted: list[Any]) -> bool:
    try:
        document = parse(text, str(path))
    except ConfigError:
        return False
    return not document.problems and _entries(document, key) == wanted


def _entries(document: Document | None, key: str) -> list[Any]:
    found = document.data.get(key) if document and isinstance(document.data, dict) else None
    return list(found) if isinstance(found, list) else []


def _refuse_doubles(before: list[Any], new: list[dict[str, Any]]) -> None:
    """Somebody else may have written since the file was read for the checks."""
    taken = {entry["id"] for entry in before if isinstance(entry, dict) and "id" in entry}
    for entry in new:
        if entry.get("id") in taken:
            raise UsageError([Problem(message=f"the id `{entry['id']}` is used already", hint="choose another --id")])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time: the lock is on the folder, for the file itself is replaced. Waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
