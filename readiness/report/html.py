"""The report as one HTML page: for a release manager, a board and an auditor; also what the PDF is made from.

The page holds no script and loads nothing. Its content security policy allows exactly its own style, by
digest (CSP Level 3, 2.3.1). Whatever is printed is a stranger's text: it is made visible (`words.visible`)
and escaped, both by the template environment, so that no template can forget it.
"""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from readiness.checklist.model import State
from readiness.report import json, signatures, words
from readiness.report.model import OutcomeRecord, Report
from readiness.report.view import View, grouped, more, waiver_trouble
from readiness.signoff.model import BUNDLE, Verification

if TYPE_CHECKING:
    from jinja2 import Environment

FILLS = {
    State.PASS: "#3f8f63",
    State.FAIL: "#b0151f",
    State.ERROR: "#7b2a92",
    State.PENDING: "#d09a33",
    State.SKIPPED: "#8795a6",
}
"""Of bars, where the style does not reach: on paper."""
SHOWN_OUTCOMES = 2
"""Assertions shown of one item; report.json holds all."""


def render(report: Report, verification: Verification | None = None, *, digest: str | None = None) -> str:
    """The page; `digest` is the sha256 of report.json where its bytes are not what `json.render` makes."""
    style = (files("readiness.report") / "templates" / "report.css").read_text("utf-8")
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            view=View(report),
            verification=verification,
            head=signatures.headline(report, verification),
            sign_offs=signatures.lines(verification),
            two_person=signatures.two_person(verification),
            planned=signatures.planned(verification),
            change=signatures.change(verification),
            digest=digest or _digest(report, verification),
            bundle=BUNDLE,
            style=_markup(style),
            style_digest=b64encode(sha256(style.encode()).digest()).decode(),
        )
    )


def _digest(report: Report, verification: Verification | None) -> str:
    return verification.report_sha256 if verification else sha256(json.render(report).encode()).hexdigest()


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("readiness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        short=words.short, moment=words.moment, sentence=words.sentence, shell=_shell, address=words.web_address
    )
    environment.globals.update(
        words=words.WORDS,
        symbols=words.SYMBOLS,
        fills=FILLS,
        count=words.count,
        more=more,
        grouped=grouped,
        outcomes=_outcomes,
        waiver_trouble=waiver_trouble,
        SHOWN=SHOWN_OUTCOMES,
    )
    return environment


def _visible(value: Any) -> Any:
    """What every expression of a template passes before it is escaped."""
    if value is None:
        return "—"
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return words.visible(str(value))
    return value


def _shell(text: str) -> str:
    """A word of a command that people copy: whatever it is, the shell takes it as one word."""
    return shlex.quote(words.short(text, 100))


def _markup(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - a file of this package


def _outcomes(outcomes: Sequence[OutcomeRecord]) -> list[OutcomeRecord]:
    """Contradictions before what holds, each in the order in which they were found."""
    return sorted(outcomes, key=lambda outcome: outcome.state != "fail")
