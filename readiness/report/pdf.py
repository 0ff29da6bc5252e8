"""The report as PDF, for a board and an archive: the HTML page on paper, with the signed files attached.

Nothing is fetched while it is made, and the same report gives the same bytes: times and the identifier come
from the report. It is tagged for screen readers.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

from readiness import extras
from readiness.report import html
from readiness.report.model import Report
from readiness.signoff.model import Verification


def render(
    report: Report, verification: Verification | None = None, attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """The document; `attachments` are file names and bytes. Raises UsageError where the extra is missing."""
    extras.require("pdf", "the format pdf")
    from weasyprint import HTML, Attachment, URLFetcher  # type: ignore[import-untyped]  # it has no types of its own

    files = dict(attachments or {})
    raw = files.get("report.json")
    page = html.render(report, verification, digest=sha256(raw).hexdigest() if raw is not None else None)
    made = _made(report)
    nowhere = URLFetcher(allowed_protocols=frozenset())
    attached = [
        Attachment(
            file_obj=BytesIO(content),
            name=name,
            created=made,
            modified=made,
            relationship="Source",
            url_fetcher=nowhere,
        )
        for name, content in files.items()
    ]
    with _uncollected():
        rendered = HTML(string=page, url_fetcher=nowhere).write_pdf(
            attachments=attached, pdf_tags=True, pdf_identifier=sha256(page.encode()).digest()[:16]
        )
    return bytes(rendered or b"")


@contextmanager
def _uncollected() -> Iterator[None]:
    """The layout makes a million objects that all live until it is done: looking for dead ones took a third of it."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _made(report: Report) -> datetime:
    try:
        return datetime.fromisoformat(report.finished).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
