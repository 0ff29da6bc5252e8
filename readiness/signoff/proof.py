"""Whether a report proves what it says: its verdict made again from its own items, and from the checklist's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from readiness.errors import ExitCode
from readiness.people.persons import same_person
from readiness.signoff.fixes import finding
from readiness.signoff.model import Code, Finding
from readiness.signoff.outline import Asked, Outline
from readiness.signoff.policy import RELEASE, SKEW
from readiness.signoff.reading import Line, ReportFacts, Waiver
from readiness.verdict import SEVERITIES, STATES, VERDICTS, Rules, Run, conditions, decide

SHOWN = 3
"""Examples in a sentence."""


def verdict_findings(report: ReportFacts) -> Iterator[Finding]:
    """What the recorded verdict says that does not follow from the items, and whether it lets the release go."""
    deciding = report.deciding
    blocking = [line for line in deciding if _blocks(line, report)]
    counts = Counter(line.state for line in deciding)
    run = Run(
        interrupted=report.interrupted,
        partial=report.partial,
        passed=counts["pass"],
        commit=report.commit,
        dirty=report.dirty,
    )
    unmet = dict(conditions(report.gate, report.rules, run))
    code = decide((line.state for line in blocking), unmet.values())
    yield from _recorded(report, code, tuple(line.id for line in blocking), counts)
    if report.dirty:
        commit = (report.commit or "")[:12]
        yield finding(Code.DIRTY, f"files differed from {commit} when the report was made")
    if code is not ExitCode.READY:
        yield finding(Code.NOT_READY, f"the report says {VERDICTS[code]}: {report.said.because}", exit_code=code)
    elif report.partial or report.interrupted:
        message = "the report is of a part of the checklist alone"
        yield finding(Code.NOT_READY, message, exit_code=ExitCode.WAITING)


def _blocks(line: Line, report: ReportFacts) -> bool:
    return line.waiver is None and report.rules.blocks(line.state, line.severity)


def _recorded(
    report: ReportFacts, code: ExitCode, blocking: tuple[str, ...], counts: Counter[str]
) -> Iterator[Finding]:
    said = report.said
    exit_code = ExitCode.INTERRUPTED if report.interrupted else code
    differences = {
        "verdict": (said.state, VERDICTS[code]),
        "exit code": (said.exit_code, int(exit_code)),
        "blocking items": (_names(said.blocking), _names(blocking)),
        "counts": (_counted(said.counts), _counted({state: counts[state] for state in STATES})),
        "marks of blocking items": (
            _names(line.id for line in report.deciding if line.blocking),
            _names(blocking),
        ),
    }
    differences |= {f"state of {name}": states for name, states in _sums(report)}
    for what, (recorded, made) in differences.items():
        if recorded != made:
            yield finding(Code.MISMATCH, f"the report's {what}: {recorded} is recorded, {made} follows from its items")


def _sums(report: ReportFacts) -> Iterator[tuple[str, tuple[str, str]]]:
    """Sections, and items that have parts: what is recorded, and what their lines make of them."""
    parts: dict[str | None, list[str]] = {}
    sections: dict[str, list[str]] = {name: [] for name in report.sections}
    for line in report.lines:
        parts.setdefault(line.parent, []).append(line.state)
        sections.setdefault(line.section, []).append(line.state)
    for line in report.lines:
        if line.whole and line.id in parts:
            yield line.id, (line.state, _worst(parts[line.id]))
    for name, states in sections.items():
        yield f"section {name}", (report.sections.get(name, "nothing"), _worst(states))


def _worst(states: Iterable[str]) -> str:
    return min(states, key=STATES.index, default="not_applicable")


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _counted(counts: object) -> str:
    return ", ".join(f"{state} {number}" for state, number in sorted(dict(counts).items()) if number)  # type: ignore[call-overload]


def waiver_findings(report: ReportFacts) -> Iterator[Finding]:
    """Waivers that the report uses against their own rules."""
    waivers = {waiver.id: waiver for waiver in report.waivers}
    for line in report.lines:
        if line.waiver is None:
            continue
        waiver = waivers.get(line.waiver)
        wrong = "the report does not list it" if waiver is None else _misused(waiver, line, report)
        if wrong:
            yield finding(Code.MISMATCH, f"the waiver {line.waiver} of {line.id} does not hold: {wrong}")


def _misused(waiver: Waiver, line: Line, report: ReportFacts) -> str | None:
    if waiver.item != line.id or waiver.status != "used":
        return f"it is for {waiver.item}, and {waiver.status}"
    if line.severity == SEVERITIES[0]:
        return f"a {line.severity} item cannot be waived"
    if same_person(waiver.requested_by, waiver.approved_by):
        return f"{waiver.requested_by} asked for it and approved it"
    if waiver.expires <= report.finished:
        return "it had ended when the report was made"
    days = report.rules.max_waiver_days
    # one day more: it holds until the end of its last day
    if days is not None and waiver.expires > report.finished + timedelta(days=days + 1):
        return f"it ends more than {days} days ahead"
    return None


def expiry_findings(report: ReportFacts, now: datetime) -> Iterator[Finding]:
    """Waivers and attestations in use that have ended since."""
    for waiver in report.waivers_in_use:
        if waiver.expires <= now:
            yield finding(Code.EXPIRED, f"the waiver {waiver.id} of {waiver.item} ended on {_day(waiver.expires)}")
    for line in report.lines:
        if line.attestation and line.attestation.ends and line.attestation.ends <= now:
            message = f"the attestation of {line.id} ended on {_day(line.attestation.ends)}"
            yield finding(Code.EXPIRED, message)


def age_findings(report: ReportFacts, now: datetime, max_age: timedelta | None) -> Iterator[Finding]:
    """A report that is not yet, or that is too old."""
    if report.finished > now + SKEW:
        yield finding(Code.FUTURE, f"the report is of {_day(report.finished)}, which is not yet")
    if max_age is not None and now - report.finished > max_age:
        days = max_age.total_seconds() / 86400
        yield finding(Code.STALE, f"the report is of {_day(report.finished)}, more than {days:g} days ago")


def ends(report: ReportFacts) -> tuple[datetime, ...]:
    """When waivers and attestations in use end."""
    attested = (line.attestation.ends for line in report.lines if line.attestation and line.attestation.ends)
    return (*(waiver.expires for waiver in report.waivers_in_use), *attested)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def item_findings(report: ReportFacts, asked: Outline) -> Iterator[Finding]:
    """What the checklist asks for and the report leaves out, makes less of, or does not prove."""
    lines = {line.id: line for line in report.lines}
    if len(lines) < len(report.lines):
        yield finding(Code.ITEMS, "the report has an item twice")
    for words, names in (
        ("misses", [name for name in asked.items if name not in lines]),
        ("has what the checklist does not ask for:", [name for name in lines if name not in asked.items]),
    ):
        if names:
            yield finding(Code.ITEMS, f"the report {words} {_some(names)}")
    for name, wanted in asked.items.items():
        doubt = next(_doubts(lines[name], wanted, report.environment), None) if name in lines else None
        if doubt:
            yield finding(Code.ITEMS, f"{name}: {doubt}")
    yield from _gate(report, asked)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _doubts(line: Line, wanted: Asked, environment: str) -> Iterator[str]:
    if SEVERITIES.index(line.severity) > SEVERITIES.index(wanted.severity):
        yield f"the checklist says {wanted.severity}, the report {line.severity}"
    if (line.section, line.parent) != (wanted.section, wanted.parent):
        yield f"it stands in section {wanted.section} below {wanted.parent or 'nothing'}, and elsewhere in the report"
    if line.whole != (wanted.way == "items"):
        yield f"by the checklist it is decided by {'others' if wanted.way == 'items' else 'itself'}"
    if wanted.way != "items" and line.state == "not_applicable":
        yield from _apart(line, wanted, environment)
    if line.state == "pass":
        yield from _unproved(line, wanted)


def _apart(line: Line, wanted: Asked, environment: str) -> Iterator[str]:
    """Why an item cannot be beside the point."""
    allowed = {
        "environment": wanted.excludes(environment),
        "when": wanted.conditional,
        "attested": wanted.if_applicable and line.attestation is not None,
    }
    if not allowed.get(line.reason or "", False):
        yield f"it is said not to apply ({line.reason}), and the checklist does not allow that in {environment}"


def _unproved(line: Line, wanted: Asked) -> Iterator[str]:
    if "fail" in line.outcomes:
        yield "it is said to pass, and one of its assertions failed"
    if wanted.way == "check" and not line.outcomes:
        yield "it is said to pass, and nothing was asserted"
    if wanted.way == "manual" and line.attestation is None:
        yield "it is said to pass, and nobody attested it"


def _gate(report: ReportFacts, asked: Outline) -> Iterator[Finding]:
    if report.gate not in asked.gates:
        yield finding(Code.ITEMS, f"the checklist has no gate {report.gate}")
        return
    if report.rules != asked.gates[report.gate]:
        yield finding(Code.ITEMS, f"the gate {report.gate} has other rules in the checklist")
    if asked.environments and report.environment not in asked.environments:
        yield finding(Code.ITEMS, f"the checklist has no environment {report.environment}")
    wanted = asked.environments.get(report.environment)
    if wanted and wanted in asked.gates and not _as_strict(report, wanted, asked.gates[wanted]):
        message = f"the gate {report.gate} was asked, and {report.environment} is released by {wanted}"
        yield finding(Code.ITEMS, message)


def _as_strict(report: ReportFacts, wanted: str, rules: Rules) -> bool:
    """Of a release, only its own gate: by that name the policy knows that a report needs an approver."""
    return report.gate == wanted or (wanted != RELEASE and report.rules.at_least(rules))
