"""The two files of people, as text: attestations.yaml and waivers.yaml, as strictly read as the checklist."""

from __future__ import annotations

from pathlib import Path

from readiness.checklist.packs import read_regular
from readiness.errors import ConfigError, Problem
from readiness.strict_yaml import Document, parse


def read(path: Path) -> str | None:
    """Its text, None where there is no such file. Raises ConfigError: a link, a folder, too big, not UTF-8.

    A link is refused: a stranger's could show lines of any file of this machine in a message, and
    what is written replaces the link and not what it leads to.
    """
    if path.is_symlink():
        hint = "put the file itself there"
        raise ConfigError([Problem(message=f"{path} is a link, and people's words are in no other place", hint=hint)])
    return read_regular(path, str(path)) if path.exists() else None


def parsed(text: str, path: Path) -> Document | None:
    """Its content, None where there is nothing but comments. Raises ConfigError where it is no YAML."""
    return parse(text, str(path)) if _says_something(text) else None


def _says_something(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    return any(line and not line.startswith("#") and line not in {"---", "..."} for line in lines)
