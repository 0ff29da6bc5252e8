"""Packs: checklists that a checklist includes. They are merged before anything is validated.

The including file may patch an included item by naming its id again in the same section; the same
id from two packs is a fault, for nobody could tell which of the two holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readiness.errors import ConfigError, Place, Problem
from readiness.strict_yaml import MAX_BYTES, Document, parse
from readiness.strict_yaml import Path as DataPath

PACK_KEYS = {"version", "title", "include", "vars", "roles", "sections"}
WAYS = {"check", "manual", "items"}
"""The ways to verify an item; a patch that names one replaces the other."""


def read_text(path: Path, shown: str) -> str:
    """The text of a file that people write. Raises ConfigError: missing, a folder, too big, not UTF-8."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ConfigError([Problem(message=f"{shown} has {size:,} bytes; a checklist has at most {MAX_BYTES:,}")])
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            [Problem(message=f"cannot read {shown}: {(error.strerror or str(error)).lower()}")]
        ) from error
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
    """Item id to the pack that it comes from."""
    data: dict[str, Any] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def include(self, document: Document, base: Path, chain: tuple[Path, ...]) -> None:
        """Merge every pack that `document` names, relative to `base`; `chain` is how we came here."""
        names = document.data.get("include", [])
        for index, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str):
                self.pack(document, ("include", index), (base / name).resolve(), name, chain)

    def pack(self, document: Document, at: DataPath, path: Path, name: str, chain: tuple[Path, ...]) -> None:
        """Merge one pack."""
        if path in chain:
            loop = " -> ".join(part.name for part in (*chain[chain.index(path) :], path))
            self.problems.append(document.problem(f"{name} includes itself: {loop}", at))
            return
        if path in self.seen:
            return
        self.seen.add(path)
        try:
            pack = parse(read_text(path, name), name)
        except ConfigError as error:
            if all(problem.place is None for problem in error.problems):
                self.problems.append(
                    document.problem(
                        error.problems[0].message, at, hint="a pack's path is relative to the file that names it"
                    )
                )
            else:
                self.problems.extend(error.problems)
            return
        self.problems.extend(pack.problems)
        if isinstance(pack.data, dict):
            self.include(pack, path.parent, (*chain, path))
            self.merge_pack(pack)
        else:
            self.problems.append(pack.problem("a pack is a mapping with `sections`", ()))

    def merge_pack(self, pack: Document) -> None:
        """Add a pack's sections, variables and roles to what was read before it."""
        for key in pack.data:
            if key not in PACK_KEYS:
                self.problems.append(
                    pack.problem(
                        f"a pack cannot hold `{key}`",
                        (key,),
                        key=True,
                        hint=f"it may hold {', '.join(sorted(PACK_KEYS))}",
                    )
                )
        for key in ("vars", "roles"):
            for name, value in _mapping(pack.data.get(key)).items():
                self.data.setdefault(key, {})[name] = value
                self.adopt(pack, (key, name))
        for section, content in _mapping(pack.data.get("sections")).items():
            self.merge_section(pack, section, content)

    def merge_section(self, pack: Document, section: str, content: Any) -> None:
        """Add the items of one section of a pack."""
        target = self.data.setdefault("sections", {}).setdefault(section, {})
        self.adopt(pack, ("sections", section), deep=False)
        for key, value in _mapping(content).items():
            if key != "items":
                target.setdefault(key, value)
                self.adopt(pack, ("sections", section, key))
        items = target.setdefault("items", {})
        for name, item in _mapping(_mapping(content).get("items")).items():
            at = ("sections", section, "items", name)
            if name in self.origin and self.origin[name] != pack.file:
                self.problems.append(
                    pack.problem(
                        f"the item `{name}` comes from {self.origin[name]} too", at, key=True, hint="rename one of them"
                    )
                )
                continue
            self.origin[name] = pack.file
            items[name] = item
            self.adopt(pack, at)

    def adopt(self, pack: Document, path: DataPath, *, deep: bool = True) -> None:
        """Remember where a part of a pack is written, beside the places of the top file."""
        for mine, theirs in ((self.top.keys, pack.keys), (self.top.values, pack.values)):
            found = [at for at in theirs if at[: len(path)] == path] if deep else [at for at in theirs if at == path]
            for at in found:
                mine.setdefault(at, theirs[at])

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
            items = dict(base["items"])
            for item, value in _mapping(section.get("items")).items():
                items[item] = patch(items[item], value) if item in items else value
            merged[name] = {**base, **section, "items": items}
        return merged


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
