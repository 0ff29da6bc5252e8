"""YAML 1.2 core types with every position kept, and without the surprises.

PyYAML as it comes drops duplicate keys, turns ``1.10`` into 1.1, ``on`` into true and ``1:30``
into 90. Here a duplicate or non-string key, a tag, a number that is not spelled as it reads back,
and an alias bomb are faults with a place. Parsing is by events, so depth is bounded before any
recursion can be. See YAML 1.2.2, 10.3 (core schema).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from readiness.errors import ConfigError, Place, Problem
from readiness.yaml_scalars import doubt, resolve

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 200_000

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the document to a value."""

_PARSER: Any = getattr(yaml, "CLoader", yaml.Loader)


@dataclass(frozen=True)
class Document:
    """A parsed file: plain data, and where each part of it is written."""

    file: str
    data: Any
    lines: tuple[str, ...]
    keys: dict[Path, Place]
    values: dict[Path, Place]
    problems: tuple[Problem, ...] = ()
    """Faults that did not keep the rest from being read: doubled keys, ambiguous numbers, tags."""
    packs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines of the files that were merged into this one, by file."""

    def adopt(self, other: Document, tops: Collection[str]) -> None:
        """Remember where the parts of a merged file are written, below these keys; this file's own places stay."""
        for mine, theirs in ((self.keys, other.keys), (self.values, other.values)):
            for at, place in theirs.items():
                if at and at[0] in tops:
                    mine.setdefault(at, place)
        self.packs[other.file] = other.lines

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value (or the key) at `path` is; the nearest part around it where that is unknown."""
        at = tuple(path)
        if key and at in self.keys:
            return self.keys[at]
        while at and at not in self.values:
            if at in self.keys:
                return self.keys[at]
            at = at[:-1]
        return self.values.get(at, Place(file=self.file, line=1))

    def excerpt(self, place: Place) -> str | None:
        """The line at a place of this document."""
        lines = self.lines if place.file == self.file else self.packs.get(place.file, ())
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None

    def problem(
        self, message: str, path: Sequence[str | int], *, hint: str | None = None, key: bool = False
    ) -> Problem:
        """A fault at `path`, with the line it is on."""
        place = self.place(path, key=key)
        return Problem(message=message, place=place, hint=hint, excerpt=self.excerpt(place))


def parse(text: str, file: str) -> Document:
    """Parse one document.

    Raises ConfigError where nothing sensible can be read; see `Document.problems` for other faults.
    """
    builder = _Builder(file=file, lines=tuple(text.splitlines()))
    try:
        for event in yaml.parse(text, _PARSER):
            builder.feed(event)
    except yaml.YAMLError as error:
        builder.syntax(error)
        raise ConfigError(builder.problems) from error
    if builder.root is None and not builder.stack:
        raise ConfigError(
            [
                Problem(
                    message="the file is empty",
                    place=Place(file=file, line=1),
                    hint="`readiness init` writes a small one that runs",
                )
            ]
        )
    return Document(
        file=file,
        data=builder.root,
        lines=builder.lines,
        keys=builder.keys,
        values=builder.values,
        problems=tuple(builder.problems),
    )


@dataclass
class _Frame:
    container: dict[str, Any] | list[Any]
    path: Path
    nodes_before: int
    anchor: str | None
    key: str | None = None
    expects_key: bool = True


class _TooMuch(yaml.YAMLError):
    """A bound was passed; nothing after it is read."""


@dataclass
class _Builder:
    file: str
    lines: tuple[str, ...]
    root: Any = None
    documents: int = 0
    nodes: int = 0
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=list)

    def feed(self, event: yaml.Event) -> None:
        handle = _HANDLERS.get(type(event))
        if handle:
            handle(self, event)

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.fault(event, "a second document starts here", hint="one file holds one document: remove the `---`")

    def scalar(self, event: Any) -> None:
        self.count(event, 1)
        self.refuse_tag(event)
        if "\0" in event.value:
            self.fault(event, "a NUL character, which no path and no name can hold", hint="remove it")
        plain = not event.style  # None or, from libyaml, the empty string
        if self.at_key():
            self.key(event, plain)
            return
        value = self.resolved(event) if plain else event.value.replace("\0", "")
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self.put(value, event)

    def key(self, event: Any, plain: bool) -> None:
        frame = self.stack[-1]
        path = (*frame.path, event.value)
        if plain and not isinstance(resolve(event.value), str):
            self.fault(event, f"the key {event.value or 'null'} is not text", hint=f'quote it: "{event.value}"')
        elif not event.value.isprintable():
            self.fault(event, f"the key {event.value!r} holds characters that cannot be seen", hint="remove them")
        elif event.value in frame.container:
            first = self.keys[path]
            self.fault(
                event,
                f"the key `{event.value}` stands twice",
                hint=f"the first is on line {first.line}; keep one of them",
            )
        self.keys.setdefault(path, self.place(event))
        frame.key, frame.expects_key = event.value, False

    def resolved(self, event: Any) -> Any:
        value = resolve(event.value)
        found = doubt(event.value, value)
        if found:
            self.fault(event, found[0], hint=found[1])
        return value

    def mapping(self, event: Any) -> None:
        self.open(event, {})

    def sequence(self, event: Any) -> None:
        self.open(event, [])

    def open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        self.refuse_tag(event)
        self.count(event, 1)
        if len(self.stack) >= MAX_DEPTH:
            self.stop(event, f"nested deeper than {MAX_DEPTH} levels")
        if self.at_key():
            self.stop(event, "a key must be text, found a list or a mapping")
        path = self.put(container, event)
        self.stack.append(_Frame(container, path, self.nodes, event.anchor))

    def close(self, _event: Any) -> None:
        frame = self.stack.pop()
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.container, self.nodes - frame.nodes_before + 1)

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self.fault(event, f"*{event.anchor} names no anchor that is complete here")
            self.put(None, event)
            return
        if self.at_key():
            self.stop(event, "an alias cannot be a key")
        value, size = self.anchors[event.anchor]
        self.count(event, size)
        self.put(value, event)

    def put(self, value: Any, event: Any) -> Path:
        if not self.stack:
            self.root = value
            self.values[()] = self.place(event)
            return ()
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            path: Path = (*frame.path, len(frame.container))
            frame.container.append(value)
        else:
            path = (*frame.path, str(frame.key))
            frame.container.setdefault(str(frame.key), value)
            frame.expects_key = True
        self.values.setdefault(path, self.place(event))
        return path

    def at_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].container, dict) and self.stack[-1].expects_key

    def count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self.stop(event, f"more than {MAX_NODES} values, with those that aliases repeat")

    def refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self.fault(event, f"the tag {event.tag} is refused: a checklist is plain data", hint="remove the tag")

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def fault(self, event: Any, message: str, *, hint: str | None = None) -> None:
        place = self.place(event)
        excerpt = self.lines[place.line - 1] if place.line <= len(self.lines) else None
        self.problems.append(Problem(message=message, place=place, hint=hint, excerpt=excerpt))

    def stop(self, event: Any, message: str) -> None:
        self.fault(event, message)
        raise _TooMuch

    def syntax(self, error: yaml.YAMLError) -> None:
        if isinstance(error, _TooMuch):
            return
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        place = self.nearest(getattr(error, "problem_mark", None))
        excerpt = self.lines[place.line - 1] if self.lines else None
        hint = _cure(error, what, excerpt or "")
        self.problems.append(Problem(message=f"not valid YAML: {what}", place=place, hint=hint, excerpt=excerpt))

    def nearest(self, mark: Any) -> Place:
        """Where a mark is; the end of the text where it is behind that, its beginning where there is none."""
        if mark is None or not self.lines:
            return Place(file=self.file, line=1)
        if mark.line >= len(self.lines):
            return Place(file=self.file, line=len(self.lines), column=len(self.lines[-1]) + 1)
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1)


_HANDLERS: Mapping[type[yaml.Event], Callable[[_Builder, Any], None]] = {
    yaml.DocumentStartEvent: _Builder.document,
    yaml.ScalarEvent: _Builder.scalar,
    yaml.MappingStartEvent: _Builder.mapping,
    yaml.MappingEndEvent: _Builder.close,
    yaml.SequenceStartEvent: _Builder.sequence,
    yaml.SequenceEndEvent: _Builder.close,
    yaml.AliasEvent: _Builder.alias,
}


def _cure(error: yaml.YAMLError, what: str, excerpt: str) -> str | None:
    if "\t" in excerpt:
        return "indent with spaces, not tabs"
    if what.startswith("mapping values"):
        return 'quote a text that has ": " in it'
    begun, context = getattr(error, "context_mark", None), getattr(error, "context", None)
    return f"{context}, which begins on line {begun.line + 1}" if begun and context else None
