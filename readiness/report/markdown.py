"""The checklist back as GitHub-flavoured Markdown: its boxes ticked, with evidence, its sign-off block filled in.

Also fit for a job summary or a comment: at most `LIMIT` characters. Where there is more to say, evidence is
shortened first, then left out; at last lines in the middle, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.checklist.model import State
from readiness.light import dataclass
from readiness.report import closing, gfm, signatures
from readiness.report.gfm import BREAK
from readiness.report.model import Report, Result, WaiverRecord
from readiness.report.view import Chapter, Entry, View, waiver_trouble
from readiness.report.words import WORDS, count, day, moment, sentence
from readiness.signoff.model import Verification

LIMIT = 65_536
"""Characters that GitHub takes in a comment."""
TICKED = {State.PASS, State.NOT_APPLICABLE}


@dataclass(frozen=True, kw_only=True)
class Detail:
    """How much is told of an item."""

    outcomes: int
    width: int


DETAILS = (
    Detail(outcomes=2, width=160),
    Detail(outcomes=1, width=120),
    Detail(outcomes=1, width=60),
    Detail(outcomes=0, width=60),
)


def render(report: Report, verification: Verification | None = None) -> str:
    """The document, ending in a newline."""
    view = View(report)
    head = list(_head(report, verification))
    tail = [*closing.sign_off(verification), *closing.history(report)]
    middle: list[str] = []
    for detail in DETAILS:
        middle = [
            *_attention(view, detail),
            *_sections(view, detail),
            *closing.notes(report),
            *closing.contacts(report),
        ]
        whole = "\n".join([*head, *middle, *tail]) + "\n"
        if len(whole) <= LIMIT:
            return whole
    return _cut(head, middle, tail)


def _cut(head: Sequence[str], middle: Sequence[str], tail: Sequence[str]) -> str:
    first = _fitting(head, LIMIT // 4)
    last = _fitting(tail, LIMIT // 4)
    room = LIMIT - sum(len(line) + 1 for line in [*first, *last]) - 200
    kept = _fitting(middle, room)
    notice = f"*{count(len(middle) - len(kept), 'more line', 'more lines')} would not fit here; report.json holds all.*"
    return "\n".join([*first, *kept, "", notice, *last]) + "\n"


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _head(report: Report, verification: Verification | None) -> Iterator[str]:
    head = signatures.headline(report, verification)
    score, verdict, document = report.verdict.score, report.verdict, report.document
    yield f"# {gfm.text(report.title or report.service)}"
    yield ""
    code = f" (`{head.code}`)" if head.code else ""
    yield f"{head.symbol} **{head.word}**{code}: {gfm.text(sentence(head.sentence), 600)} {head.signed}{_fix(head.fix)}"
    yield ""
    for finding in head.others:
        yield f"- `{finding.code}` {gfm.text(sentence(finding.message), 400)}{_fix(finding.fix)}"
    yield ""
    if document:
        yield f"**Status:** {gfm.text(document.status or '—')}{BREAK}"
        yield f"**Last Updated:** {gfm.text(document.updated or '—')}{BREAK}"
        yield f"**Version:** {gfm.text(document.version)}{BREAK}"
    commit = (
        f"{gfm.code(report.commit, 64)}{' with changes' if report.dirty else ''}" if report.commit else "not in git"
    )
    yield f"**Environment:** {gfm.text(report.environment)}, gate {gfm.text(report.gate)}{BREAK}"
    yield f"**Commit:** {commit}{BREAK}"
    yield f"**Checked at:** {gfm.text(moment(report.finished))}{BREAK}"
    yield f"**Passed:** {score.passed} of {score.applicable}; {verdict.attested} attested, {verdict.waived} waived"
    yield ""


def _fix(fix: str | None) -> str:
    return f" Fix: {gfm.text(fix, 300)}" if fix else ""


def _attention(view: View, detail: Detail) -> Iterator[str]:
    if view.calm:
        return
    yield from ("---", "", "## Needs attention", "")
    for condition in view.report.verdict.conditions:
        yield f"- {gfm.text(sentence(condition), 300)}"
    for entry in (*view.failures, *view.errors):
        yield from _trouble(entry, detail)
    for entries, says in ((view.pending, "waiting for a person"), (view.skipped, "not looked at")):
        if entries:
            yield f"- {count(len(entries), 'item', 'items')} {says}"
    for entry in view.waived:
        yield f"- waived: **{gfm.text(entry.result.title)}** {gfm.code(entry.result.id)}"
    for waiver in view.troubled_waivers:
        yield f"- waiver {gfm.code(waiver.id, 60)} {waiver_trouble(waiver)}: {_waiver(waiver, detail)}"
    yield ""


def _trouble(entry: Entry, detail: Detail) -> Iterator[str]:
    result = entry.result
    blocks = "" if result.blocking else ", does not block"
    yield f"- {entry.symbol} {entry.word}{blocks}: **{gfm.text(result.title)}** {gfm.code(result.id)}"
    yield from _contradictions(result, detail, "  ")
    if result.fix:
        yield f"  - Fix: {gfm.text(result.fix, 300)}"


def _contradictions(result: Result, detail: Detail, indent: str) -> Iterator[str]:
    found = [outcome for outcome in result.outcomes if outcome.state == "fail"]
    if not found:
        yield f"{indent}- {gfm.text(result.message or WORDS[result.state], max(detail.width, 120))}"
    for outcome in found[: max(detail.outcomes, 1)]:
        observed = f"; observed {gfm.code(outcome.observed or 'nothing', detail.width)}"
        expected = f"; expected {gfm.code(outcome.expected, detail.width)}" if outcome.expected else ""
        yield f"{indent}- {gfm.words(outcome.message, max(detail.width, 120))}{observed}{expected}"


def _sections(view: View, detail: Detail) -> Iterator[str]:
    for chapter in view.chapters:
        yield from _chapter(chapter, detail)


def _chapter(chapter: Chapter, detail: Detail) -> Iterator[str]:
    yield from ("---", "", f"## {gfm.text(chapter.section.id, 40)} {gfm.text(chapter.section.title)}", "")
    for entry in chapter.entries:
        yield from _item(entry, detail, "")
    yield ""


def _item(entry: Entry, detail: Detail, indent: str) -> Iterator[str]:
    result = entry.result
    box = "[x]" if result.state in TICKED else "[ ]"
    title = gfm.text(result.title) if indent else f"**{gfm.text(result.title)}**"
    yield f"{indent}- {box} {_mark(result)}{title}{_state(result)}"
    for part in entry.parts:
        yield from _item(part, detail, f"{indent}  ")
    if not entry.parts:
        yield from (f"{indent}  - {line}" for line in _evidence(entry, detail))


def _mark(result: Result) -> str:
    return "*n/a:* " if result.state is State.NOT_APPLICABLE else ""


def _state(result: Result) -> str:
    if result.state in TICKED:
        return ""
    waived = f", **waived** until {gfm.text(day(result.waiver.expires), 40)}" if result.waiver else ""
    return f" — {WORDS[result.state]}{waived} {gfm.code(result.id)}"


def _evidence(entry: Entry, detail: Detail) -> Iterator[str]:
    """Who decided it and what was seen, in a line each."""
    result = entry.result
    said = result.attestation
    if said is not None and said.valid:
        note = f": {gfm.text(said.note, detail.width)}" if said.note and detail.outcomes else ""
        proof = said.evidence.url or said.evidence.file if said.evidence and detail.outcomes else None
        where = f" ({gfm.link(proof, 200)})" if proof else ""
        yield f"attested by {gfm.code(said.by, 80)} on {gfm.text(day(said.at), 40)}{note}{where}"
    elif result.state is State.PASS:
        for outcome in result.outcomes[: detail.outcomes]:
            seen = f": {gfm.code(outcome.observed, detail.width)}" if outcome.observed else ""
            yield f"{gfm.words(outcome.message, detail.width)}{seen}"
    elif result.outcomes:
        yield from (line.removeprefix("- ") for line in _contradictions(result, detail, ""))
    elif detail.outcomes or result.state is not State.NOT_APPLICABLE:
        yield gfm.text(result.message or WORDS[result.state], max(detail.width, 80))
    if result.waiver:
        yield f"waiver {gfm.code(result.waiver.id, 60)}: {_waiver(result.waiver, detail)}"


def _waiver(waiver: WaiverRecord, detail: Detail) -> str:
    people = f"approved by {gfm.code(waiver.approved_by, 80)}, asked by {gfm.code(waiver.requested_by, 80)}"
    ticket = f", {gfm.link(waiver.ticket)}" if waiver.ticket else ""
    until = gfm.text(day(waiver.expires), 40)
    return f"{gfm.text(waiver.reason, max(detail.width, 120))} ({people}, until {until}{ticket})"
