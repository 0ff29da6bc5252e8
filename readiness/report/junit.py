"""JUnit XML in the strict dialect: what Jenkins' schema accepts and GitLab does not drop.

One suite a section, one case an item. A fail is a `failure`, an error an `error`; pending, skipped,
not applicable and waived ones are `skipped` with their reason, so that nothing that was not seen counts as seen.
See https://github.com/jenkinsci/xunit-plugin (junit-10.xsd): no `file`, no properties inside a
case, at most three decimals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from readiness.checklist.model import State
from readiness.console import printable
from readiness.report.model import Report, Result, SectionRecord

# XML 1.0, 2.2: everything else cannot be written, not even escaped
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = {State.PENDING, State.SKIPPED, State.NOT_APPLICABLE}


def render(report: Report) -> str:
    """The whole report as one XML document."""
    cases = report.deciding
    name = _text(f"readiness {report.service} {report.environment}")
    root = ET.Element("testsuites", {"name": name, **_counts(cases), "time": _seconds(cases)})
    for section in report.sections:
        _suite(root, section, [result for result in cases if result.section == section.id], report)
    ET.indent(root)
    return (
        ET.tostring(root, encoding="unicode", xml_declaration=True).replace("encoding='us-ascii'", "encoding='UTF-8'")
        + "\n"
    )


def _suite(root: ET.Element, section: SectionRecord, cases: Sequence[Result], report: Report) -> None:
    attributes = {
        "name": _text(f"{section.id} {section.title}"),
        **_counts(cases),
        "skipped": str(sum(1 for result in cases if result.state in _SKIPPED or result.waiver)),
        "time": _seconds(cases),
        "timestamp": report.started[:19],
        "hostname": _text(report.environment),
    }
    suite = ET.SubElement(root, "testsuite", attributes)
    for result in cases:
        _case(suite, result)


def _case(suite: ET.Element, result: Result) -> None:
    # GitLab drops cases of one name in a suite: the id is unique, the title need not be
    case = ET.SubElement(
        suite,
        "testcase",
        name=_text(f"{result.id}: {result.title}"),
        classname=_text(f"readiness.{result.section}"),
        time=f"{result.duration_ms / 1000:.3f}",
    )
    message = _text(result.message)
    kind = str(result.reason or "")
    if result.waiver:
        words = f"waived by {result.waiver.id} until {result.waiver.expires[:10]}"
        ET.SubElement(case, "skipped", message=_text(f"{result.state.value} ({kind}), {words}: {result.message}"))
    elif result.state is State.FAIL:
        ET.SubElement(case, "failure", message=message, type=kind).text = _text(_detail(result))
    elif result.state is State.ERROR:
        ET.SubElement(case, "error", message=message, type=kind).text = _text(_detail(result))
    elif result.state in _SKIPPED:
        ET.SubElement(case, "skipped", message=f"{result.state.value} ({kind}): {message}")


def _detail(result: Result) -> str:
    """Each contradiction with what was seen and what was expected, then the cure."""
    lines = [result.message]
    for outcome in result.outcomes:
        if outcome.state == "fail":
            lines += [f"- {outcome.message}", f"  observed: {outcome.observed}", f"  expected: {outcome.expected}"]
    return "\n".join([*lines, f"fix: {result.fix}"] if result.fix else lines)


def _counts(cases: Sequence[Result]) -> dict[str, str]:
    failures = sum(1 for result in cases if result.state is State.FAIL and not result.waiver)
    errors = sum(1 for result in cases if result.state is State.ERROR and not result.waiver)
    return {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}


def _seconds(cases: Sequence[Result]) -> str:
    return f"{sum(result.duration_ms for result in cases) / 1000:.3f}"


def _text(text: str) -> str:
    """What a server said may stand in a CI log, line by line: no controls, no workflow commands."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", printable(text))
