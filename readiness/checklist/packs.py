"""Packs: checklists that a checklist includes. They are merged before anything is validated.

The including file may patch an included item by naming its id again in the same section; the same
id from two packs is a fault, for nobody could tell which of the two holds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from readiness.checklist.fields import Value
from readiness.errors import ConfigError, Place, Problem
from readiness.light import dataclass
from readiness.strict_yaml import MAX_BYTES, Document, parse
from readiness.strict_yaml import Path as DataPath
from readiness.typed import field_names, validate

WAYS = {"check", "manual", "items"}
"""The ways to verify an item; a patch that names one replaces the other."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What a pack may hold; its items are validated when all packs are merged."""

    version: Literal[1] = 1
    title: str | None = None
    include: tuple[str, ...] = ()
    vars: Mapping[str, Value] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sections: Mapping[str, Any] = field(default_factory=dict)


def read_text(path: Path, shown: str) -> str:
    """The text of a file that people write. Raises ConfigError: missing, a folder, too big, not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ConfigError([Problem(message=f"cannot read {shown}: {reason}")]) from error
    if len(raw) > MAX_BYTES:
        raise ConfigError([Problem(message=f"{shown} has more than the {MAX_BYTES:,} bytes that are read of a file")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        place = Place(file=shown, line=line)
        problem = Problem(
            message=f"byte 0x{raw[error.start]:02x} is not UTF-8", place=place, hint="save the file as UTF-8"
        )
        raise ConfigError([problem]) from error


@dataclass
class Merge:
    """The packs of one checklist, read depth first, each once."""

    top: Document
    problems: list[Problem] = field(default_factory=list)
    origin: dict[str, str] = field(default_factory=dict)
    """Item id to the file of the pack that it comes from."""
    data: dict[str, Any] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def include(self, document: Document, base: Path, chain: tuple[Path, ...]) -> None:
        """Merge every pack that `document` names, relative to `base`; `chain` is how we came here."""
        names = document.data.get("include", [])
        for index, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str):
                self.pack(document, ("include", index), base / name, chain)

    def pack(self, document: Document, at: DataPath, named: Path, chain: tuple[Path, ...]) -> None:
        """Merge one pack."""
        path, shown = named.resolve(), os.path.normpath(named)
        if path in chain:
            loop = " -> ".join(part.name for part in (*chain[chain.index(path) :], path))
            self.problems.append(document.problem(f"{named.name} includes itself: {loop}", at, hint="remove it here"))
            return
        if path in self.seen:
            return
        self.seen.add(path)
        try:
            pack = parse(read_regular(path, shown), shown)
        except ConfigError as error:
            hint = "a pack's path is relative to the file that names it"
            self.problems += [
                problem if problem.place else document.problem(problem.message, at, hint=hint)
                for problem in error.problems
            ]
            return
        self.problems.extend(pack.problems)
        if isinstance(pack.data, dict):
            self.include(pack, named.parent, (*chain, path))
            self.merge_pack(pack)
        else:
            self.problems.append(pack.problem("a pack is a mapping with `sections`", ()))

    def merge_pack(self, pack: Document) -> None:
        """Add a pack's sections, variables and roles to what was read before it."""
        known = field_names(Pack)
        for key in pack.data:
            if key not in known:
                hint = f"it may hold {', '.join(sorted(known))}"
                self.problems.append(pack.problem(f"a pack cannot hold `{key}`", (key,), key=True, hint=hint))
        own = {key: value for key, value in pack.data.items() if key in known}
        self.problems.extend(validate(Pack, own, pack, ())[1])
        for key in ("vars", "roles"):
            self.data.setdefault(key, {}).update(_mapping(own.get(key)))
        for section, content in _mapping(own.get("sections")).items():
            self.merge_section(pack, section, content)
        self.top.adopt(pack, ("vars", "roles", "sections"))

    def merge_section(self, pack: Document, section: str, content: Any) -> None:
        """Add the items of one section of a pack."""
        at: DataPath = ("sections", section)
        target = self.data.setdefault("sections", {}).setdefault(section, {})
        for key, value in self.mapping(pack, content, at).items():
            if key != "items":
                target.setdefault(key, value)
        items = target.setdefault("items", {})
        for name, item in self.mapping(pack, _mapping(content).get("items", {}), (*at, "items")).items():
            first = self.origin.setdefault(name, pack.file)
            if first == pack.file:
                items[name] = item
            else:
                message = f"the item `{name}` comes from {first} too"
                place = (*at, "items", name)
                self.problems.append(pack.problem(message, place, key=True, hint="rename one of them"))

    def mapping(self, pack: Document, value: Any, at: DataPath) -> Mapping[str, Any]:
        """A part of a pack that must be a mapping, else nothing and a fault: no item may get lost."""
        if not isinstance(value, dict):
            self.problems.append(pack.problem(f"`{at[-1]}` must be a mapping", at))
        return _mapping(value)

    def finish(self) -> dict[str, Any]:
        """The top file over its packs."""
        own = dict(self.top.data)
        for key in ("vars", "roles"):
            if key in self.data and isinstance(own.get(key, {}), dict):
                own[key] = {**self.data[key], **own.get(key, {})}
        if "sections" in self.data and isinstance(own.get("sections", {}), dict):
            own["sections"] = self.sections(own.get("sections", {}))
        return own

    def sections(self, own: dict[str, Any]) -> dict[str, Any]:
        """Sections of the packs, patched by those of the file, then the file's other sections."""
        merged: dict[str, Any] = dict(self.data["sections"])
        for name, section in own.items():
            base = merged.get(name)
            if base is None or not isinstance(section, dict):
                merged[name] = section
                continue
            merged[name] = {**base, **section}
            changes = section.get("items", {})
            if isinstance(changes, dict):
                items = base["items"]
                patched = {item: patch(items[item], value) for item, value in changes.items() if item in items}
                merged[name]["items"] = {**items, **changes, **patched}
        return merged


def read_regular(path: Path, shown: str) -> str:
    """A file that a repository may bring: what could hang or never end is refused. Raises ConfigError."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ConfigError([Problem(message=f"cannot read {shown}: it is no regular file")])
    return read_text(path, shown)


def patch(item: Any, change: Any) -> Any:
    """An included item with the fields that the including file gives it."""
    if not isinstance(change, dict):
        return change
    base: dict[str, Any] = {"title": item} if isinstance(item, str) else dict(item) if isinstance(item, dict) else {}
    if WAYS & change.keys():
        base = {key: value for key, value in base.items() if key not in WAYS | {"with"}}
    return {**base, **change}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
