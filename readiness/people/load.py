"""attestations.yaml and waivers.yaml, read as strictly as the checklist: all faults at once, each with its line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from readiness.checklist.model import Checklist, Severity
from readiness.errors import ConfigError, Problem
from readiness.people import files
from readiness.people.model import (
    ATTESTATIONS,
    WAIVERS,
    Attestation,
    Attestations,
    People,
    PeopleFile,
    Waiver,
    Waivers,
)
from readiness.people.persons import same_person
from readiness.redact import patterns
from readiness.strict_yaml import Document, parse
from readiness.strict_yaml import Path as DataPath
from readiness.typed import suggest, validate

DEFAULT_ENVIRONMENT = "default"
"""Of a checklist that names none."""
T = TypeVar("T", Attestation, Waiver)


def load_people(checklist: Checklist) -> tuple[People, tuple[Problem, ...]]:
    """Both files beside the checklist, as far as they are there and sound, and every fault in them."""
    reader = _Reader(checklist=checklist)
    attestations = reader.entries(ATTESTATIONS, Attestations, Attestation)
    waivers = reader.entries(WAIVERS, Waivers, Waiver)
    for at, attestation, document in attestations:
        reader.check_attestation(at, attestation, document)
    for at, waiver, document in waivers:
        reader.check_waiver(at, waiver, document)
    reader.check_doubles(waivers)
    people = People(
        folder=checklist.path.parent,
        attestations=tuple(attestation for _, attestation, _ in attestations),
        waivers=tuple(waiver for _, waiver, _ in waivers),
        places={waiver.id: at for at, waiver, _ in waivers},
        files=tuple(reader.files),
    )
    return people, tuple(reader.problems)


def check_new(checklist: Checklist, entry: dict[str, Any], people: People) -> tuple[Waiver | None, tuple[Problem, ...]]:
    """A waiver that somebody is about to add, judged as if it stood in the file already; None and what is wrong."""
    document = parse(yaml.safe_dump({"waivers": [entry]}, default_style='"'), WAIVERS)
    reader = _Reader(checklist=checklist)
    found = list(reader.sound("waivers", [entry], Waiver, document))
    for at, waiver, _ in found:
        reader.check_waiver(at, waiver, document)
        if waiver.id in people.places:
            reader.fault(f"the waiver id `{waiver.id}` is used already", at, document, "choose another --id")
    return (None if reader.problems else found[0][1]), tuple(reader.problems)


@dataclass
class _Reader:
    checklist: Checklist
    problems: list[Problem] = field(default_factory=list)
    files: list[PeopleFile] = field(default_factory=list)

    def entries(self, name: str, whole: type[Any], kind: type[T]) -> list[tuple[DataPath, T, Document]]:
        """The sound entries of one file, with their places."""
        document = self.document(self.checklist.path.parent / name)
        if document is None:
            return []
        key = name.removesuffix(".yaml")
        self.problems.extend(document.problems)
        data = document.data
        if not isinstance(data, dict):
            hint = f"it begins with `version: 1` and `{key}:`"
            self.problems.append(document.problem(f"{name} is a mapping", (), hint=hint))
            return []
        entries = [] if data.get(key) is None else data[key]
        _, problems = validate(whole, {**data, key: []}, document, ())
        self.problems.extend(problems)
        if not isinstance(entries, list):
            self.problems.append(document.problem(f"`{key}` must be a list", (key,)))
            return []
        return list(self.sound(key, entries, kind, document))

    def sound(
        self, key: str, entries: list[Any], kind: type[T], document: Document
    ) -> Iterator[tuple[DataPath, T, Document]]:
        """Each entry that is what it should be."""
        for number, entry in enumerate(entries):
            at: DataPath = (key, number)
            self.refuse_secrets(entry, at, document)
            found, problems = validate(kind, entry, document, at)
            self.problems.extend(problems)
            if found is not None:
                yield at, found, document
            elif isinstance(entry, dict) and isinstance(entry.get("item"), str):
                self.entry(at, entry["item"], document)  # told now: what is left of it is not looked at

    def refuse_secrets(self, value: Any, at: DataPath, document: Document) -> None:
        """Reports quote what people wrote: a key in it would be published."""
        if isinstance(value, dict):
            for name, part in value.items():
                self.refuse_secrets(part, (*at, name), document)
        elif isinstance(value, str) and patterns(value) != value:
            hint = "remove it here, and replace the key: git keeps the old text"
            self.fault(f"`{at[-1]}` holds what looks like a key or a card number", at, document, hint)

    def document(self, path: Path) -> Document | None:
        """The file's content; None where there is no such file, or nothing in it, or a fault was told."""
        try:
            text = files.read(path) or ""
            document = files.parsed(text, path)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None
        if document:
            digest = hashlib.sha256(text.encode()).hexdigest()
            self.files.append(PeopleFile(path=path.name, sha256=digest, document=document))
        return document

    def check_attestation(self, at: DataPath, attestation: Attestation, document: Document) -> None:
        """An attestation is of an item that a person may attest, in an environment that exists."""
        entry = self.entry(at, attestation.item, document)
        self.environment((*at, "environment"), attestation.environment, document)
        if entry is None:
            return
        item, name = entry.item, attestation.item
        if item.sums_up:
            self.fault(f"`{name}` is decided by all other items, not by a person", (*at, "item"), document)
        elif item.items:
            self.fault(f"`{name}` has parts, which are attested one by one", (*at, "item"), document)
        elif attestation.state == "na" and not item.if_applicable:
            hint = "only an item with `if_applicable` may be attested as not applicable"
            self.fault(f"`{name}` always applies", (*at, "state"), document, hint)
        elif attestation.state != "na" and item.check:
            message = f"`{name}` is decided by the check `{item.check}`, not by a person"
            self.fault(message, (*at, "item"), document, "remove the entry; a waiver lets a finding pass")

    def check_waiver(self, at: DataPath, waiver: Waiver, document: Document) -> None:
        """A waiver is of an item that may be waived, and was approved by another person."""
        for number, name in enumerate(waiver.environments):
            self.environment((*at, "environments", number), name, document)
        if same_person(waiver.requested_by, waiver.approved_by):
            message = f"{waiver.approved_by} approves a waiver that they requested"
            self.fault(message, (*at, "approved_by"), document, "another person must approve it")
        entry = self.entry(at, waiver.item, document)
        if entry is None:
            return
        if entry.item.sums_up:
            message = f"`{waiver.item}` is decided by all other items: waive the one that fails"
            self.fault(message, (*at, "item"), document)
        elif entry.item.items:
            self.fault(f"`{waiver.item}` has parts: waive the part that fails", (*at, "item"), document)
        elif (entry.item.severity or self.checklist.header.defaults.severity) is Severity.CRITICAL:
            self.fault(f"`{waiver.item}` is critical, and such an item is never waived", (*at, "item"), document)

    def check_doubles(self, waivers: Iterable[tuple[DataPath, Waiver, Document]]) -> None:
        """Each waiver has an id of its own."""
        counts = Counter(waiver.id for _, waiver, _ in waivers)
        for at, waiver, document in waivers:
            if counts[waiver.id] > 1:
                self.fault(f"the waiver id `{waiver.id}` is used {counts[waiver.id]} times", (*at, "id"), document)

    def entry(self, at: DataPath, name: str, document: Document) -> Any:
        """The item of that id, or None and a fault."""
        entry = self.checklist.by_id.get(name)
        if entry is None and name not in self.checklist.broken:
            hint = suggest(name, self.checklist.by_id) or "remove the entry where the item is gone: git keeps it"
            self.fault(f"`{name}` is no item of the checklist", (*at, "item"), document, hint)
        return entry

    def environment(self, at: DataPath, name: str, document: Document) -> None:
        """An environment that is named exists."""
        known: Collection[str] = self.checklist.header.environments
        if not known and self.checklist.document.data.get("environments"):
            return  # they could not be read, which is told already
        known = known or {DEFAULT_ENVIRONMENT}
        if name not in known:
            self.fault(f"unknown environment `{name}`", at, document, suggest(name, known))

    def fault(self, message: str, at: DataPath, document: Document, hint: str | None = None) -> None:
        self.problems.append(document.problem(message, at, hint=hint))
