"""An entry added to attestations.yaml or waivers.yaml: the text that is there stays as it is, comments too."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from readiness.checklist.packs import read_regular
from readiness.errors import ConfigError, Problem, UsageError
from readiness.store import write_text
from readiness.strict_yaml import parse

_HEADS = {
    "attestations": "# What people say of the checklist's items; written by `readiness attest`, newest last.",
    "waivers": "# Findings that do not keep a release back, each until its day; see `readiness waivers`.",
}


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Add an entry at the end of the list in `path`, which is named like its only list.

    Two writers at once wait for each other; the file is replaced as a whole or not at all. Raises
    UsageError where it cannot be written, or where its list is not the last thing in it.
    """
    key = path.stem
    try:
        with _alone(path.parent):
            text = read_regular(path, str(path)) if path.exists() else f"{_HEADS[key]}\nversion: 1\n{key}:\n"
            write_text(path, _longer(path, text, key, dict(entry)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot write {path}: {reason}; nothing was changed") from error


def _longer(path: Path, text: str, key: str, entry: dict[str, Any]) -> str:
    """The text with the entry, in the first way of writing it that reads back as just that."""
    wanted = [*_entries(parse(text, str(path)).data, key), entry]
    dumped = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=110)
    base = text.rstrip()
    empty = f"{key}: []"
    base = f"{base.removesuffix(empty)}{key}:" if base.endswith(empty) else base
    for indent in ("  ", "", "    "):
        tried = f"{base}\n" + "".join(f"{indent}{line}\n" for line in dumped.splitlines())
        if _reads_back(tried, key, path, wanted):
            return tried
    place = f"`{key}` is not the last thing in {path}, or not written as a block list"
    raise UsageError([Problem(message=f"cannot add an entry: {place}", hint=f"move `{key}:` to the end of the file")])


def _reads_back(text: str, key: str, path: Path, wanted: list[Any]) -> bool:
    try:
        return _entries(parse(text, str(path)).data, key) == wanted
    except ConfigError:
        return False


def _entries(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return list(found) if isinstance(found, list) else []


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time: the lock is on the folder, for the file itself is replaced. Waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
