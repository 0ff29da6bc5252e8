"""Which checklist a report is to be compared with: that of its commit, never the one that happens to lie here."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any, NamedTuple

from readiness.errors import ConfigError, UsageError
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.outline import Outline, digests, loaded, outline
from readiness.signoff.reading import ReportFacts
from readiness.signoff.repository import Repository

NAME = "checklist.yaml"
MAX_PACKS = 100


class Asked(NamedTuple):
    """The outline, or why there is none."""

    outline: Outline | None = None
    note: str | None = None


def find(report: ReportFacts, place: Path, repository: Repository, commit: str | None, named: Path | None) -> Asked:
    """The checklist that `named` is, that of `commit`, which has the report's files, or the one beside the report.

    Raises SignOffError: MISMATCH where it is not the one of the report, ITEMS where it cannot be
    read; UsageError where `named` is not there.
    """
    if named:
        return _file(report, named, Code.MISMATCH)
    raw = repository.blob(commit, report.checklist_path) if commit else None
    if commit and raw is not None:
        return _committed(report, raw, repository, commit)
    beside = place.with_name(NAME)
    if beside.is_file() and report.checklist_sha256 in digests(_read(beside)):
        return _file(report, beside, Code.MISMATCH)
    return Asked(note="the items were not compared with the checklist, which is not at hand: name it with --checklist")


def _file(report: ReportFacts, path: Path, code: Code) -> Asked:
    raw = _read(path)
    _is_that(report, raw, str(path), code)
    return Asked(outline=outline(raw, str(path)) or loaded(path))


def _committed(report: ReportFacts, raw: bytes, repository: Repository, commit: str) -> Asked:
    where = f"{report.checklist_path} of {commit[:12]}"
    _is_that(report, raw, where, Code.MISMATCH)
    found = outline(raw, where)
    if found is None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="readiness-") as folder:
            found = loaded(_written(report.checklist_path, raw, repository, commit, Path(folder)))
    return Asked(outline=found)


def _is_that(report: ReportFacts, raw: bytes, where: str, code: Code) -> None:
    if report.checklist_sha256 not in digests(raw):
        raise SignOffError(code, f"{where} is not the checklist that the report was made with")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def _written(checklist: str, raw: bytes, repository: Repository, commit: str, folder: Path) -> Path:
    """The checklist and its packs of that commit, in a folder of their own."""
    waiting = [(checklist, raw)]
    done: set[str] = set()
    while waiting and len(done) < MAX_PACKS:
        path, data = waiting.pop()
        if path in done or path.startswith(("../", "/")):
            continue
        done.add(path)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        names = [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in _includes(data, path)]
        packs = [(name, repository.blob(commit, name)) for name in names]
        waiting += [(name, pack) for name, pack in packs if pack is not None]
    return folder / checklist


def _includes(data: bytes, file: str) -> list[str]:
    from readiness.strict_yaml import parse

    try:
        top: Any = parse(data.decode("utf-8-sig"), file).data
    except (ConfigError, UnicodeDecodeError):  # it is told when the checklist is loaded
        return []
    names = top.get("include") if isinstance(top, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
