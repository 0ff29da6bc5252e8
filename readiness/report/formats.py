"""The formats by name; each is one file, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from readiness.errors import Problem, UsageError
from readiness.report.model import Report
from readiness.typed import suggest

if TYPE_CHECKING:
    from readiness.signoff.model import Verification

FORMATS = ("html", "json", "junit", "md", "pdf", "sarif", "text")
REPORT = "report.json"
_SUFFIXES = {
    ".html": "html",
    ".json": "json",
    ".xml": "junit",
    ".md": "md",
    ".pdf": "pdf",
    ".sarif": "sarif",
    ".txt": "text",
}


def find(name: str | None, to: str | None = None) -> str | None:
    """The format that is meant: by its name, else by the suffix of the file `to`; None where neither tells.

    Raises UsageError with the nearest name, or with what to install.
    """
    if name is None:
        return _SUFFIXES.get(PurePath(to or "").suffix.lower())
    if name not in FORMATS:
        raise UsageError([Problem(message=f"--format {name}: there is no such format", hint=suggest(name, FORMATS))])
    if name == "pdf":
        from readiness import extras

        extras.require("pdf", "the format pdf")
    return name


def render(
    name: str, report: Report, verification: Verification | None = None, files: Mapping[str, bytes] | None = None
) -> str | bytes:
    """The report in a format.

    `files` are report.json and its bundle as they lie on disk, where they do: json gives back the very bytes
    that people signed, and pdf carries both.
    """
    found = files or {}
    raw = found.get(REPORT)
    if name == "json" and raw is not None:
        return raw
    if name == "text":
        from readiness.console import Style
        from readiness.report import text

        return text.render(report, Style(), verbose=True)
    return _view(name, report, verification, found)


def _view(name: str, report: Report, verification: Verification | None, files: Mapping[str, bytes]) -> str | bytes:
    if name == "pdf":
        from readiness.report import pdf

        return pdf.render(report, verification, files)
    if name == "html":
        from readiness.report import html

        raw = files.get(REPORT)
        return html.render(report, verification, digest=sha256(raw).hexdigest() if raw is not None else None)
    if name == "md":
        from readiness.report import markdown

        return markdown.render(report, verification)
    rendered: str = import_module(f"readiness.report.{name}").render(report)
    return rendered
