"""A write to two files that happens to both or to neither, whenever the process is killed.

::

    reports/.pending/            never committed: its .gitignore says so
        lock                     flock(2) by who writes
        journal.json             the lines of a write that is decided and may not be complete
        bundle  ledger           files that will take their places

The rename of journal.json is the moment at which a write happens: before it, nothing changed;
after it, readers see the new lines even where a kill kept them from their files, and the next
writer completes them. The new files are on the disk before it, so a full disk is told in time.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from readiness.errors import UsageError
from readiness.signoff.model import BUNDLE, Code, SignOffError

LEDGER = "ledger.jsonl"
PENDING = ".pending"
JOURNAL = "journal.json"
MAX_BYTES = 64 * 1024 * 1024
DEPTH = 3
"""Folders from a report.json up to its ledger."""


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A line for the ledger and, of a sign-off, one for the bundle."""

    home: Path
    """The reports folder, resolved."""
    ledger_line: bytes
    bundle: Path | None = None
    bundle_line: bytes = b""

    def ledger_with(self, raw: bytes) -> bytes:
        """The ledger as it will be."""
        return with_line(raw, self.ledger_line)

    def bundle_with(self, raw: bytes, path: Path) -> bytes:
        """The bundle at `path` as it will be."""
        return with_line(raw, self.bundle_line) if path == self.bundle else raw

    def decide(self) -> None:
        """From here on it has happened. Raises OSError, and then nothing has."""
        fields = {
            "bundle": self.bundle and self.bundle.relative_to(self.home).as_posix(),
            "bundle_line": self.bundle_line.decode("utf-8"),
            "ledger_line": self.ledger_line.decode("utf-8"),
        }
        self._prepare()
        write_new(self.home / PENDING / f"{JOURNAL}.new", json.dumps(fields).encode("ascii"))
        move(self.home / PENDING / f"{JOURNAL}.new", self.home / PENDING / JOURNAL)

    def complete(self) -> None:
        """Bring both files to their places; may be done again after a kill. Raises OSError."""
        self._prepare()
        if self.bundle:
            move(self.home / PENDING / "bundle", self.bundle)
        move(self.home / PENDING / "ledger", self.home / LEDGER)
        (self.home / PENDING / JOURNAL).unlink()

    def _prepare(self) -> None:
        if self.bundle:
            raw = self.bundle_with(read_file(self.bundle), self.bundle)
            write_new(self.home / PENDING / "bundle", raw, like=self.bundle)
        ledger = self.home / LEDGER
        write_new(self.home / PENDING / "ledger", self.ledger_with(read_file(ledger)), like=ledger)


def pending(home: Path) -> Journal | None:
    """The write that is decided and not complete. Raises SignOffError(CHAIN) where readiness did not write it."""
    place = home / PENDING / JOURNAL
    raw = read_file(place)
    if not raw:
        return None
    try:
        fields = json.loads(raw)
        bundle = None if fields["bundle"] is None else (home / fields["bundle"]).resolve()
        lines = [str(fields[name]).encode("utf-8") for name in ("bundle_line", "ledger_line")]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SignOffError(Code.CHAIN, f"{place} cannot be read: remove it") from error
    if b"\n" in lines[0] + lines[1] or (bundle and not _is_bundle(home, bundle)):
        raise SignOffError(Code.CHAIN, f"{place} is not what readiness writes: remove it")
    return Journal(home=home, bundle=bundle, bundle_line=lines[0], ledger_line=lines[1])


def _is_bundle(home: Path, path: Path) -> bool:
    return path.name == BUNDLE and path.is_relative_to(home) and len(path.relative_to(home).parts) <= DEPTH


def with_line(raw: bytes, line: bytes) -> bytes:
    """A file with this line at its end, unless it has the line already."""
    if line in raw.split(b"\n"):
        return raw
    return raw + (b"" if not raw or raw.endswith(b"\n") else b"\n") + line + b"\n"


def read_file(path: Path) -> bytes:
    """The bytes of a regular file; none where there is none. Raises UsageError and SignOffError(MALFORMED)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    if len(raw) > MAX_BYTES:
        raise SignOffError(Code.MALFORMED, f"{path.name} has more than {MAX_BYTES:,} bytes")
    return raw


def replace_file(path: Path, raw: bytes, beside: Path) -> None:
    """Write a whole file or nothing, by way of the folder `beside`. Raises OSError."""
    write_new(beside / f"{path.name}.new", raw, like=path)
    move(beside / f"{path.name}.new", path)


def write_new(path: Path, raw: bytes, like: Path | None = None) -> None:
    """A new file, on the disk when this returns, with the mode of `like` where that exists."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if like and like.exists():
            os.fchmod(file.fileno(), like.stat().st_mode & 0o7777)
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def move(source: Path, target: Path) -> None:
    """Rename, and see to it that the disk knows."""
    source.replace(target)
    for folder in {source.parent, target.parent}:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
