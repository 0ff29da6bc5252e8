"""What a checklist asks for, read from its YAML alone: items with their weight and place, and gates.

A second, small reading of the same file as :mod:`readiness.checklist.load`, for a verifier that
has to start at once; a checklist with packs takes the other one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readiness.errors import ConfigError
from readiness.signoff.model import Code, SignOffError
from readiness.verdict import GATES, SEVERITIES, Rules

if TYPE_CHECKING:
    from readiness.checklist.model import Entry

ALL = "all"
"""``items: all`` sums up every other item."""
DEFAULT_GATE = "merge"
_BOM = b"\xef\xbb\xbf"


class Asked(NamedTuple):
    """One item as the checklist asks for it, with what it inherits."""

    id: str
    section: str
    parent: str | None
    severity: str
    environments: tuple[str, ...] | None
    """None: everywhere."""
    conditional: bool
    """It has `when`."""
    if_applicable: bool
    way: str
    """check, manual, or items: the sum of others."""

    def excludes(self, environment: str) -> bool:
        """Whether it does not concern this environment."""
        return self.environments is not None and environment not in self.environments


class Outline(NamedTuple):
    """A checklist, as far as a report can be compared with it."""

    items: Mapping[str, Asked]
    gates: Mapping[str, Rules]
    """Those that it writes, and those that always exist."""
    environments: Mapping[str, str]
    """Each with the gate that it is released by."""


def digests(raw: bytes) -> frozenset[str]:
    """sha256 of a checklist as `check` takes it, with either kind of line ends: git may have changed them."""
    text = raw.removeprefix(_BOM)
    unix = text.replace(b"\r\n", b"\n")
    return frozenset(hashlib.sha256(one).hexdigest() for one in (text, unix, unix.replace(b"\n", b"\r\n")))


def outline(raw: bytes, file: str) -> Outline | None:
    """The outline of a checklist; None where it includes packs. Raises SignOffError(ITEMS) where it cannot be read."""
    from readiness.strict_yaml import parse

    try:
        document = parse(raw.decode("utf-8-sig"), file)
    except (ConfigError, UnicodeDecodeError) as error:
        raise SignOffError(Code.ITEMS, f"{file} cannot be read: {error}") from error
    if document.problems or not isinstance(document.data, dict):
        what = document.problems[0].message if document.problems else "it is no mapping"
        raise SignOffError(Code.ITEMS, f"{file} cannot be read: {what}")
    if document.data.get("include"):
        return None
    try:
        return _outline(document.data)
    except (AttributeError, TypeError, KeyError, ValueError) as error:  # shapes that `check` refuses too
        raise SignOffError(Code.ITEMS, f"{file} is no checklist that readiness could have run") from error


def _outline(data: Mapping[str, Any]) -> Outline:
    default = (data.get("defaults") or {}).get("severity", "high")
    items = [
        asked
        for section, content in data["sections"].items()
        for name, item in content["items"].items()
        for asked in _family(name, _mapping(item), section, default)
    ]
    return Outline(
        items={asked.id: asked for asked in items},
        gates={**GATES, **{name: _rules(said) for name, said in (data.get("gates") or {}).items()}},
        environments={
            name: (said or {}).get("gate") or DEFAULT_GATE for name, said in (data.get("environments") or {}).items()
        },
    )


def _family(name: str, item: Mapping[str, Any], section: str, default: str) -> Iterator[Asked]:
    """An item and its parts; a part inherits what it does not say."""
    parent = _asked(name, item, section, None, default)
    yield parent
    parts = item.get("items") or {}
    for part, said in () if parts == ALL else parts.items():
        inherited = {key: item[key] for key in ("severity", "environments", "when") if item.get(key) is not None}
        own = {key: value for key, value in _mapping(said).items() if value is not None}
        yield _asked(f"{name}.{part}", {**inherited, **own}, section, name, default)


def _asked(name: str, item: Mapping[str, Any], section: str, parent: str | None, default: str) -> Asked:
    severity = item.get("severity") or default
    if severity not in SEVERITIES:
        raise ValueError(severity)
    environments = item.get("environments")
    return Asked(
        id=name,
        section=section,
        parent=parent,
        severity=severity,
        environments=None if environments is None else tuple(environments),
        conditional=bool(item.get("when")),
        if_applicable=bool(item.get("if_applicable")),
        way="items" if item.get("items") else "check" if item.get("check") else "manual",
    )


def _rules(said: Mapping[str, Any] | None) -> Rules:
    known = Rules._fields
    written: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in (said or {}).items() if key in known
    }
    rules = Rules(**written)
    if rules.at not in SEVERITIES or not isinstance(rules.block, tuple) or not isinstance(rules.scope, tuple):
        raise ValueError(said)
    return rules


def _mapping(item: Any) -> Mapping[str, Any]:
    if isinstance(item, str):
        return {"title": item}
    if not isinstance(item, dict):
        raise TypeError(item)
    return item


def loaded(path: Path) -> Outline:
    """The outline by the whole reading of a checklist, packs included. Raises SignOffError(ITEMS)."""
    from readiness.checklist.load import load

    try:
        checklist = load(path)
    except ConfigError as error:
        raise SignOffError(Code.ITEMS, f"{path.name} cannot be read: {error}") from error
    if checklist.problems:
        raise SignOffError(Code.ITEMS, f"{path.name} cannot be read: {checklist.problems[0].message}")
    default = checklist.header.defaults.severity
    items = {entry.id: _as_asked(entry, default) for entry in checklist.entries}
    gates = {name: _as_rules(gate) for name, gate in checklist.header.gates.items()}
    environments = {name: (said and said.gate) or DEFAULT_GATE for name, said in checklist.header.environments.items()}
    return Outline(items=items, gates={**GATES, **gates}, environments=environments)


def _as_asked(entry: Entry, default: str) -> Asked:
    """An item of the checklist's model in plain words."""
    item = entry.item
    return Asked(
        id=entry.id,
        section=entry.section,
        parent=entry.parent,
        severity=str(item.severity or default),
        environments=item.environments,
        conditional=bool(item.when),
        if_applicable=bool(item.if_applicable),
        way="items" if item.items else "check" if item.check else "manual",
    )


def _as_rules(gate: Any) -> Rules:
    """A gate of the checklist's model in plain words."""
    return Rules(
        block=tuple(gate.block),
        at=gate.at.value,
        full_run=gate.full_run,
        clean_tree=gate.clean_tree,
        max_waiver_days=gate.max_waiver_days,
        scope=tuple(gate.scope),
    )
