"""Whether an attestation holds: for this text, this environment, this release, now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from pathlib import Path

from readiness.api import Reason
from readiness.checklist.model import Item, State
from readiness.duration import parse_duration
from readiness.light import dataclass
from readiness.people.model import Attestation, People, Release, Standing, fingerprint

DEFAULT_VALIDITY = "365d"
SKEW = timedelta(minutes=5)
"""How far clocks may differ before an attestation is from the future."""
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Binder:
    """Decides for one run what each attestation comes to."""

    people: People
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    release: Callable[[], Release] = Release
    """Asked only where an item is `valid_for: release`."""
    now: datetime

    def standing(self, name: str, item: Item, environment: str) -> Standing | None:
        """What the newest attestation of an item comes to; None where there is none."""
        attestation = self.people.newest(name, environment)
        if attestation is None:
            return None
        doubt = next(self.doubts(attestation, item), None)
        if doubt:
            reason, message = doubt
            return Standing(attestation=attestation, state=State.PENDING, reason=reason, message=message)
        return self._holds(attestation, ends(attestation, item))

    def doubts(self, attestation: Attestation, item: Item) -> Iterator[tuple[Reason, str]]:
        """Every reason why an attestation does not hold, the first of them to be told."""
        who = f"attested by {attestation.by} on {attestation.at:%Y-%m-%d}"
        if attestation.at > self.now + SKEW:
            yield Reason.FUTURE, f"{who}, which is in the future by this machine's clock ({self.now:%Y-%m-%d})"
        if attestation.fingerprint != fingerprint(item):
            yield Reason.STALE_DEFINITION, f"the item changed after it was attested ({who})"
        if item.by and attestation.by.casefold() not in {name.casefold() for name in self.roles.get(item.by, ())}:
            yield Reason.WRONG_ROLE, f"{who}, who does not have the role `{item.by}` ({self._members(item.by)})"
        if item.valid_for == "release":
            yield from self._other_release(attestation)
        end = ends(attestation, item)
        if end and end <= self.now:
            yield Reason.EXPIRED, f"{who}; expired {_ago(self.now - end)} ago"
        yield from self._no_evidence(attestation, item)

    def _other_release(self, attestation: Attestation) -> Iterator[tuple[Reason, str]]:
        here = self.release()
        if here.commit is None:
            yield Reason.OTHER_RELEASE, "it holds for one release alone, and this is no commit of a git repository"
        elif attestation.release is None:
            yield Reason.OTHER_RELEASE, f"it holds for one release alone, and {attestation.by} named none"
        elif attestation.release != here.commit and (here.source is None or attestation.source != here.source):
            yield Reason.OTHER_RELEASE, f"attested for {attestation.release[:7]}, this is {here.commit[:7]}"

    def _no_evidence(self, attestation: Attestation, item: Item) -> Iterator[tuple[Reason, str]]:
        brings = attestation.evidence
        if attestation.state == "pass" and item.evidence and not given(attestation, item.evidence):
            yield Reason.NO_EVIDENCE, f"attested by {attestation.by} without the {item.evidence} that it asks for"
        if brings and brings.file:
            trouble = changed(self.people.folder, brings.file, brings.sha256 or "")
            if trouble:
                yield Reason.NO_EVIDENCE, trouble

    def _members(self, role: str) -> str:
        return ", ".join(self.roles.get(role, ())) or "nobody"

    def _holds(self, attestation: Attestation, end: datetime | None) -> Standing:
        states = {"pass": State.PASS, "fail": State.FAIL, "na": State.NOT_APPLICABLE}
        says = {"pass": "attested", "fail": "attested as not fulfilled", "na": "attested as not applicable"}
        note = f": {attestation.note}" if attestation.note else ""
        return Standing(
            attestation=attestation,
            state=states[attestation.state],
            reason=None if attestation.state == "pass" else Reason.ATTESTED,
            message=f"{says[attestation.state]} by {attestation.by} on {attestation.at:%Y-%m-%d}{note}",
            expires=end,
        )


def given(attestation: Attestation, kind: str) -> str | None:
    """The evidence of that kind that an attestation brings: a URL, a file's path, or its note."""
    brings = attestation.evidence
    if kind == "note":
        return attestation.note if attestation.note and attestation.note.strip() else None
    return None if brings is None else brings.url if kind == "url" else brings.file


def ends(attestation: Attestation, item: Item) -> datetime | None:
    """When an attestation stops to hold; None where that is no matter of time."""
    if item.valid_for == "release":
        return None
    try:
        return attestation.at + timedelta(seconds=parse_duration(item.valid_for or DEFAULT_VALIDITY))
    except OverflowError:
        return None


def digest(path: Path) -> str:
    """sha256 of a file, in hex. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def inside(folder: Path, name: str) -> Path | None:
    """The regular file of that name below a folder, links resolved; None where there is none, or it lies outside."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None


def changed(folder: Path, name: str, sha256: str) -> str | None:
    """Why a file is not the evidence any more, or None."""
    path = inside(folder, name)
    if path is None:
        there = os.path.lexists(folder / name)
        return f"the evidence file {name} is {'no file below the checklist' if there else 'not there'}"
    try:
        return None if digest(path) == sha256 else f"the evidence file {name} changed after it was attested"
    except OSError as error:
        return f"the evidence file {name} cannot be read: {(error.strerror or str(error)).lower()}"


def _ago(span: timedelta) -> str:
    if span.days:
        return f"{span.days} day{'s' if span.days > 1 else ''}"
    hours = int(span.total_seconds() // 3600)
    return f"{hours} hour{'s' if hours > 1 else ''}" if hours else "less than an hour"
