"""The environment of the service: the process environment over the environment's dotenv file."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from readiness.errors import ConfigError, Place, Problem
from readiness.light import dataclass

MAX_BYTES = 1024 * 1024
"""A larger dotenv file is refused: it is no dotenv file."""

_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|DSN|PRIVATE", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"\s*[\"']?(?:sk|rk|whsec)_")


class Redactor(Protocol):
    """Whatever keeps secrets out of the output."""

    def add(self, value: str) -> None:
        """Remember a secret."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    value: str
    line: int


class Env:
    """Variables as the service would see them, quotes and white space of a value included.

    `process` wins over `dotenv`, as python-dotenv's ``load_dotenv`` and pydantic-settings have it;
    a dotenv file that is not there holds nothing. Raises ConfigError with every fault of the file.
    """

    def __init__(self, process: Mapping[str, str], dotenv: Path | None, redactor: Redactor) -> None:
        self._process = dict(process)
        self._dotenv = dotenv
        self._entries = _load(dotenv) if dotenv else {}
        self._redactor = redactor

    def get(self, name: str, *, secret: bool = False) -> str | None:
        """The exact value, or None where the variable is not set; a secret is told to the redactor."""
        entry = self._entries.get(name)
        value = self._process.get(name, entry.value if entry else None)
        if value is not None:
            for part in _secrets(name, value, secret=secret):
                self._redactor.add(part)
        return value

    def origin(self, name: str) -> str:
        """``process environment``, ``.env:3``, or where it was looked for in vain."""
        if name in self._process:
            return "process environment"
        if name in self._entries and self._dotenv:
            return f"{self._dotenv.name}:{self._entries[name].line}"
        if not self._dotenv:
            return "not in the process environment"
        absent = "" if self._dotenv.exists() else " (no such file)"
        return f"neither in the process environment nor in {self._dotenv.name}{absent}"


def _secrets(name: str, value: str, *, secret: bool) -> Iterator[str]:
    whole = secret or bool(_SECRET_NAME.search(name) or _SECRET_VALUE.match(value))
    if whole:
        yield value
    if "://" in value and (part := _userinfo(value, whole=whole)):
        yield part
        yield unquote(part)


def _userinfo(url: str, *, whole: bool) -> str | None:
    """The password of a URL; in a secret URL without one, such as a DSN, its user name is the secret."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # not a URL after all: a bracketed host that is no IPv6 address
        return None
    return parts.password or (parts.username if whole else None)


def _load(path: Path) -> dict[str, _Entry]:
    from dotenv.parser import parse_stream

    text = _read(path)
    if text is None:
        return {}
    entries: dict[str, _Entry] = {}
    problems: list[Problem] = []
    for binding in parse_stream(StringIO(text, newline="")):
        original = binding.original.string
        # a statement of python-dotenv begins with the blank lines before it
        line = binding.original.line + len(
            re.findall(r"\r\n|\n|\r", original[: len(original) - len(original.lstrip())])
        )
        if binding.error:
            problems.append(_malformed(path, line))
        elif binding.key is not None and binding.value is not None:
            entries[binding.key] = _Entry(value=binding.value, line=line)
    if problems:
        raise ConfigError(problems)
    return entries


def _malformed(path: Path, line: int) -> Problem:
    # without an excerpt: the line may hold a secret
    return Problem(
        message="this line of the dotenv file cannot be understood",
        place=Place(file=str(path), line=line),
        hint="write NAME=value, one a line; close a quote that is opened, and put # before a comment",
    )


def _read(path: Path) -> str | None:
    """Its text, or None where there is no such file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refused(path, "is not a regular file", "name a file in `dotenv`")
        if status.st_size > MAX_BYTES:
            raise _refused(path, f"has {status.st_size} bytes, more than 1 MiB", "name a dotenv file in `dotenv`")
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refused(
            path, f"cannot be read: {error.strerror}", "make it readable for you, or leave `dotenv` out"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(path, "is not UTF-8 text", "save the file as UTF-8", line) from None


def _refused(path: Path, fault: str, hint: str, line: int = 1) -> ConfigError:
    return ConfigError([Problem(message=f"the dotenv file {fault}", place=Place(file=str(path), line=line), hint=hint)])
