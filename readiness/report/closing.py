"""The end of the checklist as a Markdown document: known troubles, contacts, the sign-off block, its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readiness.checklist.model import Note
from readiness.report import gfm, signatures
from readiness.report.gfm import BREAK
from readiness.report.model import Report
from readiness.report.words import moment
from readiness.signoff.model import Role, Verification

BLANK = "_______________________"


def notes(report: Report) -> Iterator[str]:
    """Known troubles and their cures."""
    if report.notes:
        yield from ("---", "", "## Common issues", "")
    for number, note in enumerate(report.notes, 1):
        yield f"{number}. **{gfm.text(note.title)}**"
        yield from _note(note)
    yield ""


def _note(note: Note) -> Iterable[str]:
    fixes = (note.fix,) if isinstance(note.fix, str) else note.fix or ()
    lines = [f"Error: {gfm.text(note.symptom, 300)}"] if note.symptom else []
    return [f"   - {line}" for line in [*lines, *(f"Fix: {gfm.text(fix, 300)}" for fix in fixes)]]


def contacts(report: Report) -> Iterator[str]:
    """Whom to ask."""
    if report.contacts:
        yield from ("## Support contacts", "")
    for contact in report.contacts:
        ways = [gfm.link(contact.url)] if contact.url else []
        ways += [gfm.code(contact.email)] if contact.email else []
        yield f"- **{gfm.text(contact.name)}:** {', '.join(ways)}"
    yield ""


def sign_off(verification: Verification | None) -> Iterator[str]:
    """The block of the seed: who completed it, who approved it, and when it is deployed."""
    yield from ("---", "", "## Sign-off", "")
    for line in signatures.lines(verification):
        yield from _signature(line)
    planned = signatures.planned(verification)
    deployed = [f"deployed {moment(one.at)}" for one in verification.deployments] if verification else []
    dates = "; ".join([f"{moment(planned)} (planned)"] * bool(planned) + deployed)
    yield f"**Two persons:** {signatures.two_person(verification).says}{BREAK}"
    yield f"**Production Deployment Date:** {dates or BLANK}"
    yield ""


def _signature(line: signatures.Line) -> Iterator[str]:
    signed = line.sign_off
    if signed is None:
        yield f"**{line.title}:** {BLANK} ({line.says}){BREAK}"
        if line.title == signatures.TITLES[Role.COMPLETER]:
            yield f"**Date:** {BLANK}{BREAK}"
        return
    name = f"{gfm.text(signed.name, 120)} " if signed.name else ""
    key = f"key {gfm.code(signed.fingerprint, 80)}"
    yield f"**{line.title}:** {name}({gfm.code(signed.signer)}), {key}, {line.says}{BREAK}"
    yield f"**Date:** {moment(signed.signed_on)}{BREAK}"


def history(report: Report) -> Iterator[str]:
    """The versions of the checklist."""
    if not report.document or not report.document.history:
        return
    yield from ("---", "", "**Version History:**", "")
    for revision in report.document.history:
        yield f"- v{gfm.text(revision.version, 40)} ({gfm.text(revision.date, 40)}): {gfm.text(revision.note)}"
