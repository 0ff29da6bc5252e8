"""The report for a terminal: what needs attention first, then every section, one line an item, then the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readiness.api import Reason
from readiness.checklist.model import State
from readiness.console import Style, one_line
from readiness.duration import say_duration
from readiness.report.model import OutcomeRecord, Report, Result, Verdict, WaiverStatus

WORDS = {
    State.PASS: "pass",
    State.FAIL: "FAIL",
    State.ERROR: "ERROR",
    State.PENDING: "pending",
    State.SKIPPED: "skipped",
    State.NOT_APPLICABLE: "n/a",
}
COLOURS = {
    State.PASS: "green",
    State.FAIL: "red",
    State.ERROR: "magenta",
    State.PENDING: "yellow",
    State.SKIPPED: "cyan",
    State.NOT_APPLICABLE: "dim",
}
VERDICT_WORDS = {
    Verdict.READY: ("READY", "green"),
    Verdict.NOT_READY: ("NOT READY", "red"),
    Verdict.UNVERIFIED: ("UNVERIFIED", "magenta"),
    Verdict.WAITING: ("WAITING", "yellow"),
}
_WORD = 9
"""Columns of the state's word and the space after it."""
_ALWAYS = {State.FAIL, State.ERROR}
MAX_OUTCOMES = 5


def render(report: Report, style: Style, *, verbose: bool = False, seconds: float | None = None) -> str:
    """The whole report as lines of at most `style.width` columns (ids and paths that are longer stay whole)."""
    lines = [
        *_head(report, style),
        *_waivers(report, style),
        *_attention(report, style),
        *_sections(report, style, verbose),
        *_verdict(report, style, seconds),
    ]
    return "\n".join(lines) + "\n"


def _head(report: Report, style: Style) -> Iterator[str]:
    yield style.paint(style.cut(report.title or report.service, style.width), "bold")
    commit = f"commit {report.commit[:12]}{' with changes' if report.dirty else ''}" if report.commit else "not in git"
    partial = ["PARTIAL: not every item was looked at"] if report.partial else []
    yield style.cut(
        ", ".join([*partial, f"environment {report.environment}", f"gate {report.gate}", commit]), style.width
    )


def _waivers(report: Report, style: Style) -> Iterator[str]:
    """Those that need somebody: expired, about to end, or of no use any more."""
    for waiver in report.waivers:
        if waiver.status is WaiverStatus.USED and not waiver.expiring:
            continue
        word = "expiring" if waiver.expiring and waiver.status is WaiverStatus.USED else waiver.status.value
        colour = "red" if waiver.status is WaiverStatus.EXPIRED else "yellow"
        text = f"waiver {waiver.id} of {waiver.item}, until {waiver.expires[:10]}"
        yield style.paint(f"{word:<{_WORD}}", colour) + style.cut(text, style.width - _WORD)


def _attention(report: Report, style: Style) -> Iterator[str]:
    """Failures, then errors, each with all that a person needs to act."""
    for state in (State.FAIL, State.ERROR):
        for result in report.deciding:
            if result.state is state:
                yield ""
                yield from _detail(result, style)


def _detail(result: Result, style: Style) -> Iterator[str]:
    yield style.paint(f"{WORDS[result.state]} {result.id}", COLOURS[result.state], "bold") + f" ({_facts(result)})"
    yield style.wrap(result.title, "  ")
    shown = [outcome for outcome in result.outcomes if outcome.state == "fail"]
    if not shown:
        yield style.wrap(result.message, "  ")
    for outcome in shown[:MAX_OUTCOMES]:
        yield from _outcome(outcome, style)
    if len(shown) > MAX_OUTCOMES:
        yield f"  - and {len(shown) - MAX_OUTCOMES} more, in report.json"
    if result.waiver:
        waiver = result.waiver
        words = f"{waiver.id} until {waiver.expires[:10]}, approved by {waiver.approved_by}: {waiver.reason}"
        yield style.wrap(words, " " * 13, first=f"    {style.paint('waived', 'bold')}   ")
    elif result.fix:
        yield style.wrap(result.fix, " " * 13, first=f"    {style.paint('fix', 'bold')}      ")


def _facts(result: Result) -> str:
    tries = [f"{result.attempts} attempts"] if result.attempts > 1 else []
    reason = [str(result.reason)] if result.reason else []
    return ", ".join([result.severity.value, f"section {one_line(result.section)}", *reason, *tries])


def _outcome(outcome: OutcomeRecord, style: Style) -> Iterator[str]:
    yield style.wrap(outcome.message, "    ", first="  - ")
    if outcome.subject and outcome.subject not in outcome.message:
        yield style.wrap(outcome.subject, " " * 13, first="    where    ", lines=2)
    if outcome.observed is not None:
        yield style.wrap(outcome.observed or "nothing", " " * 13, first="    observed ", lines=4)
    if outcome.expected is not None:
        yield style.wrap(outcome.expected or "nothing", " " * 13, first="    expected ", lines=4)


def _sections(report: Report, style: Style, verbose: bool) -> Iterator[str]:
    states = {result.id: result.state for result in report.results}
    for section in report.sections:
        results = [
            result for result in report.results if result.section == section.id and (verbose or _shown(result, states))
        ]
        if not results:
            continue
        yield ""
        yield style.paint(style.cut(f"{section.id} {section.title}", style.width), "bold")
        for result in results:
            yield _line(result, style)


def _shown(result: Result, states: Mapping[str, State]) -> bool:
    """Parts are shown where they differ from their whole; what filters left out is not shown."""
    if result.reason is Reason.FILTERED:
        return False
    return result.parent is None or result.state in _ALWAYS or result.state is not states[result.parent]


def _line(result: Result, style: Style) -> str:
    indent = "  " if result.parent is None else "    "
    word = style.paint(f"{WORDS[result.state]:<{_WORD}}", COLOURS[result.state])
    room = style.width - len(indent) - _WORD - len(result.id) - 1
    marks = (" (flaky)" if result.flaky else "") + (" (waived)" if result.waiver else "")
    title = style.cut(result.title, max(room, 12) - len(marks)) + marks
    return f"{indent}{word}{title:<{max(room, 12)}} {style.paint(result.id, 'dim')}"


def _verdict(report: Report, style: Style, seconds: float | None) -> Iterator[str]:
    verdict = report.verdict
    word, colour = VERDICT_WORDS[verdict.state]
    if report.interrupted:
        word = "INTERRUPTED"
    counts = ", ".join(
        f"{verdict.counts[state.value]} {WORDS[state].lower()}" for state in State if verdict.counts[state.value]
    )
    took = f" in {say_duration(seconds)}" if seconds is not None else ""
    yield ""
    yield style.cut(f"{verdict.score.passed} of {verdict.score.applicable} passed{took}: {counts}", style.width)
    head = f"{word}: "
    text = style.wrap(one_line(head + verdict.because), "  ", first="")
    yield style.paint(head, colour, "bold") + text.removeprefix(head) if text.startswith(head) else text
