"""Which versions of a package a service may be deployed with, as its requirement and lock files say.

Read are requirement files of pip (https://pip.pypa.io/en/stable/reference/requirements-file-format/),
``pyproject.toml`` (PEP 621, PEP 735, Poetry), Pipfile, and the locks of uv, Poetry, PDM, pipenv and PEP 751.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?P<rest>[^;#]*)")
_CLAUSE = re.compile(r"\s*(===|==|~=|>=|<=|!=|>|<|\^|~)?\s*v?([0-9][^\s,*]*)(\.\*)?\s*")
_WHEEL = re.compile(r"/[A-Za-z0-9_]+-([0-9][0-9A-Za-z.]*?)(?:-[^/]*\.whl|\.tar\.gz)")
_LOWER = frozenset({"===", "==", "~=", ">=", "^", "~"})
"""Operators that admit nothing older than their version."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One statement about the package."""

    file: str
    text: str
    """As it stands there: ``>=15,<17``."""
    lowest: tuple[int, ...] | None
    """What no admitted version is below; None where anything is admitted."""
    exact: bool
    known: bool = True
    """False where it names a place instead of a version."""


def statements(file: str, content: bytes, package: str) -> Iterator[Pin]:
    """Every statement of a file about a package. Raises ValueError for a file that is not what its name says."""
    name, text = file.rpartition("/")[2], content.decode("utf-8", "replace")
    if name.endswith(".toml") or (name.endswith(".lock") and name != "Pipfile.lock") or name == "Pipfile":
        yield from _toml(file, tomllib.loads(text), package)
    elif name == "Pipfile.lock":
        groups = json.loads(text)
        for group in ("default", "develop"):
            yield from _named(file, groups.get(group) or {}, package)
    else:
        for line in re.sub(r"\\\r?\n", " ", text).splitlines():
            yield from _requirement(file, line, package)


def _toml(file: str, data: Mapping[str, Any], package: str) -> Iterator[Pin]:
    for locked in (*_list(data.get("package")), *_list(data.get("packages"))):
        if isinstance(locked, Mapping) and _is(locked.get("name"), package) and locked.get("version"):
            yield _pin(file, f"=={locked['version']}")
    project = data.get("project") or {}
    groups = (project.get("optional-dependencies") or {}) | (data.get("dependency-groups") or {})
    for line in (*_list(project.get("dependencies")), *(line for group in groups.values() for line in _list(group))):
        yield from _requirement(file, line, package) if isinstance(line, str) else ()
    poetry = (data.get("tool") or {}).get("poetry") or {}
    tables = [
        poetry.get("dependencies"),
        *((group or {}).get("dependencies") for group in (poetry.get("group") or {}).values()),
    ]
    for table in (*tables, data.get("packages"), data.get("dev-packages")):
        yield from _named(file, table, package) if isinstance(table, Mapping) else ()


def _named(file: str, table: Mapping[str, Any], package: str) -> Iterator[Pin]:
    """Statements that stand under the package's name (Poetry, pipenv)."""
    for name, value in table.items():
        if _is(name, package):
            version = value.get("version") if isinstance(value, Mapping) else value
            yield _pin(file, version) if isinstance(version, str) else _pin(file, str(value), known=False)


def _requirement(file: str, line: str, package: str) -> Iterator[Pin]:
    found = _LINE.match(line)
    if found and _is(found[1], package):
        rest = re.split(r"\s--|\s-c\s", found["rest"])[0].strip(" ()")
        wheel = _WHEEL.search(rest) if rest.startswith("@") else None
        if wheel:
            yield _pin(file, f"=={wheel[1]}")
        else:
            yield _pin(file, rest, known=not rest.startswith("@"))


def _pin(file: str, text: str, *, known: bool = True) -> Pin:
    """The lower bound of a specifier (PEP 440, or Poetry's caret and tilde): one clause of all suffices."""
    lows, exact = [], False
    for part in text.split(",") if known and "|" not in text else ():
        clause = _CLAUSE.fullmatch(part)
        if clause and (clause[1] or "==") in _LOWER:
            lows.append(release(clause[2]))
            exact |= clause[1] in {"==", "==="} and not clause[3]
    return Pin(file=file, text=text.strip() or "any version", lowest=max(lows, default=None), exact=exact, known=known)


def release(version: str) -> tuple[int, ...]:
    """A version's numbers; a pre-release counts as older than its release."""
    numbers = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    found = tuple(int(part) for part in (numbers[0] if numbers else "0").split("."))
    found += (0,) * (3 - len(found))
    early = re.search(r"[0-9][-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)", version.lower())
    return (*found[:-1], found[-1] - 1, 10**9) if early else found


def _is(name: object, package: str) -> bool:
    """Whether a name is the package's (PEP 503)."""
    return isinstance(name, str) and re.sub(r"[-_.]+", "-", name).lower() == package


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
