"""Text to Checklist: read strictly, keep every line number, collect every fault."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readiness.checklist.model import Checklist, Entry, Header, Item, Section
from readiness.checklist.packs import Merge, read_text
from readiness.errors import ConfigError, Problem
from readiness.strict_yaml import Document, parse
from readiness.strict_yaml import Path as DataPath
from readiness.typed import field_names, suggest, validate

INHERITED = ("severity", "environments", "when", "needs", "valid_for", "by", "evidence")
"""What a child takes from its parent where it does not say otherwise."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load(path: Path) -> Checklist:
    """Read a checklist and its packs.

    Raises ConfigError where the file cannot be read or is no YAML. Every other fault is kept in
    `Checklist.problems`, so that `plan` can report them together with its own.
    """
    shown = str(path)
    text = read_text(path, shown)
    document = parse(text, shown)
    if not isinstance(document.data, dict):
        hint = "`readiness init` writes a small one that runs"
        raise ConfigError([document.problem("a checklist is a mapping that starts with `version: 1`", (), hint=hint)])
    merge = Merge(top=document)
    merge.include(document, path.parent, (path.resolve(),))
    reader = _Reader(document=document, problems=[*document.problems, *merge.problems])
    return reader.read(merge.finish(), path, hashlib.sha256(text.encode()).hexdigest())


@dataclass
class _Reader:
    document: Document
    problems: list[Problem]
    sections: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def read(self, data: dict[str, Any], path: Path, sha256: str) -> Checklist:
        header = self.header({key: value for key, value in data.items() if key != "sections"})
        sections = data.get("sections")
        if not isinstance(sections, dict) or not sections:
            self.fault(
                "`sections` is missing" if sections is None else "`sections` must be a mapping of section ids",
                ("sections",),
                hint="`readiness init` writes a checklist to begin with",
            )
            sections = {}
        for name, section in sections.items():
            self.section(name, section)
        return Checklist(
            path=path,
            sha256=sha256,
            document=self.document,
            header=header or Header(version=1),
            sections=self.sections,
            entries=tuple(self.entries.values()),
            broken=frozenset(self.broken),
            problems=tuple(self.problems),
        )

    def header(self, data: dict[str, Any]) -> Header | None:
        """The header; where a part of it is wrong, the rest of it, so that its names are still known."""
        header, problems = validate(Header, data, self.document, ())
        top = {self.document.place((key,), key=True): key for key in data}
        for problem in problems:
            if problem.place and problem.place in top and problem.message.startswith("unknown key"):
                hint = suggest(top[problem.place], [*field_names(Header), "sections"])
                self.problems.append(dataclasses.replace(problem, hint=hint or problem.hint))
            else:
                self.problems.append(problem)
        if header is not None:
            return header
        for key in list(data):
            if key != "version" and validate(Header, {"version": 1, key: data[key]}, self.document, ())[1]:
                data.pop(key)
        return validate(Header, {**data, "version": 1}, self.document, ())[0]

    def section(self, name: str, data: Any) -> None:
        at: DataPath = ("sections", name)
        self.sections[name] = name
        section, problems = validate(Section, data, self.document, at)
        self.problems.extend(problems)
        if isinstance(data, dict):
            self.sections[name] = data["title"] if isinstance(data.get("title"), str) else name
        items = data.get("items") if isinstance(data, dict) else None
        if section is not None and not items:
            self.fault(f"the section `{name}` has no items", at, key=True, hint="give it one, or remove it")
        for item, value in items.items() if isinstance(items, dict) else ():
            self.item(item, value, name, (*at, "items", item))

    def item(self, name: str, data: Any, section: str, at: DataPath) -> None:
        item = self.one(name, {"title": data} if isinstance(data, str) else data, at)
        if item is None:
            self.broken.add(name)
            return
        entry = Entry(id=name, section=section, parent=None, item=item, path=at)
        if not self.add(entry):
            return
        if sum((item.check is not None, item.manual is not None and not item.items, bool(item.items))) != 1:
            self.ways(entry)
        for child, value in () if item.sums_up else item.items.items():
            self.child(entry, child, value)

    def child(self, parent: Entry, name: str, data: Any) -> None:
        at: DataPath = (*parent.path, "items", name)
        item = self.one(name, {"title": data} if isinstance(data, str) else data, at)
        identity = f"{parent.id}.{name}"
        if item is None:
            self.broken.add(identity)
            return
        if item.items:
            self.fault(
                f"`{name}` is a part of `{parent.id}` and cannot have parts itself",
                (*at, "items"),
                key=True,
                hint="make it an item of the section",
            )
            return
        if item.check is None and item.manual is None:
            item = dataclasses.replace(item, manual=parent.item.manual or item.title)
        inherited = {key: getattr(parent.item, key) for key in INHERITED if getattr(item, key) is None}
        entry = Entry(
            id=identity, section=parent.section, parent=parent.id, item=dataclasses.replace(item, **inherited), path=at
        )
        if self.add(entry) and item.check is not None and item.manual is not None:
            self.ways(entry)

    def one(self, name: str, data: Any, at: DataPath) -> Item | None:
        if not _ID.fullmatch(name):
            self.fault(
                f"`{name}` is no id",
                at,
                key=True,
                hint="letters, digits, dots, dashes and underscores; it starts with a letter or a digit",
            )
        item, problems = validate(Item, data, self.document, at)
        self.problems.extend(problems)
        return item

    def add(self, entry: Entry) -> bool:
        first = self.entries.get(entry.id)
        if first is not None:
            place = self.document.place(first.path, key=True)
            self.fault(
                f"the id `{entry.id}` is used twice",
                entry.path,
                key=True,
                hint=f"the first is at {place.file}:{place.line}; rename one of them",
            )
            return False
        self.entries[entry.id] = entry
        return True

    def ways(self, entry: Entry) -> None:
        found = [way for way in ("check", "manual", "items") if getattr(entry.item, way)]
        message = (
            f"`{entry.id}` says no way to verify it"
            if not found
            else f"`{entry.id}` names {len(found)} ways to verify it: {' and '.join(found)}"
        )
        self.fault(message, entry.path, key=True, hint="give it exactly one of `check`, `manual` or `items`")

    def fault(self, message: str, at: DataPath, *, key: bool = False, hint: str | None = None) -> None:
        self.problems.append(self.document.problem(message, at, key=key, hint=hint))
