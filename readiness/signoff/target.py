"""Whether a report is of what is to be released: this commit, this environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.signoff.fixes import finding
from readiness.signoff.model import Code, Finding
from readiness.signoff.policy import Match
from readiness.signoff.reading import ReportFacts
from readiness.signoff.repository import Repository

SHOWN = 3
_PREFIX = re.compile(r"[0-9a-f]{7,64}")


def environment_findings(report: ReportFacts, wanted: str | None) -> Iterator[Finding]:
    """Another environment than the one that was asked for."""
    if wanted and wanted != report.environment:
        yield finding(Code.WRONG_TARGET, f"the report is for {report.environment}, not for {wanted}")


def named_findings(report: ReportFacts, wanted: str) -> Iterator[Finding]:
    """Outside a repository: another commit than the one that was named."""
    if not (_PREFIX.fullmatch(wanted.lower()) and (report.commit or "").startswith(wanted.lower())):
        yield finding(Code.WRONG_TARGET, f"the report is for {_short(report.commit)}, not for {wanted}")


def commit_findings(report: ReportFacts, repository: Repository, wanted: str, match: Match) -> Iterator[Finding]:
    """Another commit than `wanted`, a full id, unless the policy takes the one for the other."""
    if report.commit == wanted:
        return
    digest = repository.source_digest(wanted)
    known = repository.commit(report.commit) if report.commit and _PREFIX.fullmatch(report.commit) else None
    if known and repository.source_digest(known) != report.source_digest:
        yield finding(Code.MISMATCH, f"the source digest in the report is not that of {_short(known)}")
    if digest is None or digest != report.source_digest:
        yield finding(Code.WRONG_TARGET, _differs(report, repository, wanted, known))
    elif match is Match.COMMIT and not (known and repository.is_ancestor(known, wanted)):
        where = "is not before" if known else "is not in this clone, so nobody knows that it is before"
        message = f"{_short(report.commit)}, which the report is for, {where} {_short(wanted)}; the files are the same"
        yield finding(Code.WRONG_TARGET, f"{message} (the policy's `match: tree` would do)")


def _differs(report: ReportFacts, repository: Repository, wanted: str, known: str | None) -> str:
    message = f"the report is for {_short(report.commit)}, this is {_short(wanted)}"
    paths = repository.changed(known, wanted) if known else ()
    if not paths:
        return message
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return f"{message}, and these differ: {', '.join(paths[:SHOWN])}{more}"


def _short(commit: str | None) -> str:
    return (commit or "no commit")[:12]
