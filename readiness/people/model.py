"""Attestations and waivers as they are written, as frozen data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Literal

from readiness.api import Reason
from readiness.checklist.model import Item, State
from readiness.light import dataclass
from readiness.marks import After, Before, Bounds, Schema
from readiness.strict_yaml import Document
from readiness.strict_yaml import Path as DataPath

ATTESTATIONS = "attestations.yaml"
WAIVERS = "waivers.yaml"
"""Beside the checklist."""
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_moment(value: object) -> datetime:
    """A time with its zone (RFC 3339), in UTC. Raises ValueError with the cure."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        with suppress(ValueError, OverflowError):  # no such day, or the year 10000 in UTC
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise ValueError(f"{value!r} is no time with a zone: write it as 2026-12-31T12:00:00Z")


def parse_end(value: object) -> datetime:
    """A time with its zone, or a day, which ends with its last moment in UTC. Raises ValueError with the cure."""
    with suppress(ValueError):
        if isinstance(value, str) and _DAY.fullmatch(value):
            return datetime.combine(datetime.fromisoformat(value), time.max, UTC)
        return parse_moment(value)
    raise ValueError(f"{value!r} is no day and no time with a zone: write it as 2026-12-31")


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _digest(value: str) -> str:
    if not _SHA256.fullmatch(value):
        shown = f"{value[:20]}..." if len(value) > 20 else value  # noqa: PLR2004 - enough to find it
        raise ValueError(f"{shown!r} is no sha256: expected 64 hexadecimal digits, as `readiness attest` writes them")
    return value


Said = Annotated[str, After(_said)]
"""Text that says something."""
Moment = Annotated[datetime, Before(parse_moment), Schema({"type": "string", "format": "date-time"})]
End = Annotated[datetime, Before(parse_end), Schema({"type": "string"})]
Sha256 = Annotated[str, After(_digest), Schema({"type": "string", "pattern": r"^[0-9a-f]{64}$"})]
"""In hex, as `readiness attest` writes it."""
URL = re.compile(r"https?://[^\s/?#]+\S*")
"""Evidence that anybody can open."""


def _url(value: str) -> str:
    if not URL.fullmatch(value):
        raise ValueError(f"{value!r} is no URL: write it as https://host/path, without spaces")
    return value


Url = Annotated[str, After(_url), Schema({"type": "string", "pattern": r"^https?://[^\s/?#]+\S*$"})]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What an attestation brings; its note is the attestation's own."""

    url: Url | None = None
    """Where it can be seen."""
    file: str | None = None
    """Relative to the checklist's folder."""
    sha256: Sha256 | None = None
    """Digest of the file when it was attested."""

    def __post_init__(self) -> None:
        if (self.file is None) != (self.sha256 is None):
            raise ValueError("`file` and `sha256` belong together: the digest binds the file's content")


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What a person said of one item in one environment."""

    item: str
    """Its full id."""
    environment: str
    state: Literal["pass", "fail", "na"]
    """It holds; it does not; it does not apply."""
    by: Said
    """Who says so: an address of the role that the item asks for."""
    at: Moment
    """When."""
    note: str | None = None
    evidence: Evidence | None = None
    fingerprint: Sha256
    """Of the item's text, instruction, role and evidence rule."""
    release: str | None = None
    """The commit that it was made for; compared where the item is `valid_for: release`."""
    source: Sha256 | None = None
    """Of that commit's files without reports, attestations and waivers: so committing those keeps it."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A decision to go live in spite of a finding."""

    id: Said
    item: str
    environments: Annotated[tuple[str, ...], Bounds(min_length=1)]
    reason: Said
    requested_by: Said
    approved_by: Said
    """Another person."""
    expires: End
    """A day, through its end in UTC, or a time."""
    ticket: str | None = None
    match: Said | None = None
    """Only findings with this text; a new one is not hidden."""
    covers: Annotated[tuple[Literal["fail", "error", "pending", "skipped"], ...], Bounds(min_length=1)] = ("fail",)
    """States that it lets pass."""


@dataclass(frozen=True, kw_only=True)
class Attestations:
    """The file attestations.yaml."""

    version: Literal[1] = 1
    attestations: tuple[Attestation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Waivers:
    """The file waivers.yaml."""

    version: Literal[1] = 1
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PeopleFile:
    """One of the two files, as it was read."""

    path: str
    sha256: str
    document: Document


@dataclass(frozen=True, kw_only=True)
class People:
    """All that people said."""

    folder: Path = Path()
    """Where evidence files are relative to: the checklist's."""
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    places: Mapping[str, DataPath] = field(default_factory=dict)
    """Where each waiver stands in its document, by id."""
    files: tuple[PeopleFile, ...] = ()

    def newest(self, item: str, environment: str) -> Attestation | None:
        """The last word on an item; of two at the same moment, the later line."""
        found = [one for one in self.attestations if (one.item, one.environment) == (item, environment)]
        return max(enumerate(found), key=lambda pair: (pair[1].at, pair[0]))[1] if found else None


@dataclass(frozen=True, kw_only=True)
class Release:
    """What is released, as far as git can tell."""

    commit: str | None = None
    source: str | None = None
    """As in :class:`Attestation`."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the newest attestation of an item comes to."""

    attestation: Attestation
    state: State
    reason: Reason | None
    """None where, and only where, the state is `pass`."""
    message: str
    expires: datetime | None = None

    @property
    def valid(self) -> bool:
        """It decides the item."""
        return self.state is not State.PENDING


def fingerprint(item: Item) -> str:
    """sha256 over what a person reads and promises: title, instruction, role, evidence rule, when it does not apply."""
    rule = None if item.evidence_check is None else [item.evidence_check.check, item.evidence_check.with_]
    text = [item.title, item.manual, item.by, item.evidence, item.if_applicable, rule, item.check]
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
