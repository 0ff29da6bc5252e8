"""Where sign-offs lie: a bundle beside report.json and one ledger for all reports, changed together or not at all.

::

    reports/.gitattributes
    reports/ledger.jsonl
    reports/<environment>/<run>/report.json
    reports/<environment>/<run>/report.json.intoto.jsonl
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from readiness.errors import Problem, UsageError
from readiness.signoff import ledger as ledgers
from readiness.signoff.journal import DEPTH, LEDGER, PENDING, Journal, pending, read_file, replace_file, with_line
from readiness.signoff.ledger import Entry, Record
from readiness.signoff.lock import locked, uninterrupted
from readiness.signoff.model import BUNDLE

ATTRIBUTES = (b"* -text", f"{LEDGER} merge=union".encode())
"""Lines of reports/.gitattributes: a clone keeps the bytes, two branches may both append."""
WAIT = 10.0
"""Seconds to wait for another writer."""
_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-.+")
"""As `readiness check` names the folder of a run."""


class Stored(NamedTuple):
    """What lies beside a report, of one moment."""

    bundle: bytes
    """Empty where nobody signed."""
    ledger: bytes | None
    """None for a report outside a reports folder, or before the first entry."""


def load(report: Path) -> Stored:
    """Bundle and ledger that belong together, also while somebody writes. Raises UsageError and SignOffError."""
    found = _snapshot(report)
    for _ in range(100):
        again = _snapshot(report)
        if found == again:
            break
        found = again
    return found


def load_bundle(report: Path) -> bytes:
    """The bundle beside report.json; empty where there is none."""
    return load(report).bundle


def load_ledger(report: Path) -> bytes | None:
    """The ledger of the report's folder; None where the report lies outside one."""
    return load(report).ledger


def ledger_in(reports: Path) -> bytes:
    """The ledger of a reports folder; empty where there is none."""
    journal = pending(reports.resolve())
    raw = read_file(reports / LEDGER)
    return journal.ledger_with(raw) if journal else raw


def append(report: Path, record: Record, bundle_line: bytes | None = None, *, wait: float = WAIT) -> Entry:
    """Record it in the ledger and, of a sign-off, its envelope in the bundle: both or neither.

    Raises UsageError where it cannot be written or another writer takes longer than `wait`
    seconds, and SignOffError(CHAIN) where the ledger is broken; then nothing was changed.
    """
    home = home_of(report)
    try:
        with _writing(home, wait):
            return _append(home, report, record, bundle_line)
    except OSError as error:
        problem = Problem(
            message=f"cannot record it in {home}: {error.strerror or error}; nothing was changed",
            hint="free some space or make the folder writable, then run this again",
        )
        raise UsageError([problem]) from error


def home_of(report: Path) -> Path:
    """The reports folder that a report lies in. Raises UsageError where it lies in none."""
    place = report.resolve()
    found = _home(place)
    if found:
        return found
    if len(place.parents) > DEPTH and _RUN.fullmatch(place.parent.name):
        return place.parents[DEPTH - 1]
    problem = Problem(
        message=f"{report} lies in no reports folder, so there is no ledger to record it in",
        hint="name the report where `readiness check` wrote it: reports/<environment>/<run>/report.json",
    )
    raise UsageError([problem])


def _home(place: Path) -> Path | None:
    above = place.parents[:DEPTH]
    return next((folder for folder in above if (folder / LEDGER).exists() or (folder / PENDING).exists()), None)


def _snapshot(report: Path) -> Stored:
    place = report.resolve()
    home = _home(place)
    bundle = place.with_name(BUNDLE)
    journal = pending(home) if home else None
    raw = read_file(bundle)
    return Stored(
        bundle=journal.bundle_with(raw, bundle) if journal else raw,
        ledger=ledger_in(home) if home and (journal or (home / LEDGER).exists()) else None,
    )


@contextmanager
def _writing(home: Path, wait: float) -> Iterator[None]:
    place = home / PENDING
    place.mkdir(exist_ok=True)
    with locked(place / "lock", wait, str(home / LEDGER)):
        if not (place / ".gitignore").exists():
            replace_file(place / ".gitignore", b"*\n", place)
        yield


def _append(home: Path, report: Path, record: Record, bundle_line: bytes | None) -> Entry:
    left = pending(home)
    if left:  # somebody was killed who had decided it
        left.complete()
    _attributes(home)
    raw = read_file(home / LEDGER)
    line = ledgers.append_line(ledgers.read(raw), record)
    entry = ledgers.read(with_line(raw, line)).entries[-1]
    bundle = None if bundle_line is None else report.resolve().with_name(BUNDLE)
    journal = Journal(home=home, ledger_line=line, bundle=bundle, bundle_line=bundle_line or b"")
    with uninterrupted():
        journal.decide()
        with suppress(OSError):  # it is recorded, whatever happens now: the next writer completes it
            journal.complete()
    return entry


def _attributes(home: Path) -> None:
    path = home / ".gitattributes"
    raw = wanted = read_file(path)
    for line in ATTRIBUTES:
        wanted = with_line(wanted, line)
    if wanted != raw:
        replace_file(path, wanted, home / PENDING)
