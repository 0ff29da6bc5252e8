"""What strangers may write, and a report that holds it wherever they may write."""

from __future__ import annotations

from readiness.checklist.model import Contact, DocumentInfo, Note, Revision, State
from readiness.report.model import AttestedEvidence, EvidenceRecord, FileRef, Report, SectionRecord, WaiverStatus
from readiness.signoff.model import Change, Code, Deployment, Finding, Role, Verification
from tests.report.pages import SIGNED, attestation, finding, outcome, report, result, signature, verification, waiver

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"' onmouseover=alert(1) x='",
    "[click](javascript:alert(1))",
    "](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "<http://evil.example/> <a href='http://evil.example'>x</a>",
    "http://evil.example www.evil.example evil@evil.example",
    "\u202egnp.exe \u2066\u200b\u061c\U000e0041\u00ad",
    "\x1b[2J\x00\x07\r\n\n# A heading\n\n- [x] done\n\n| a |\n|---|\n```sh\nrm\n```",
    "::error file=a.py::x",
    "@octocat and org/repo#12 and #7 and GH-9",
    "`code` ``` ```` *a* _b_ ~~c~~ $x$ &lt; &#60; \\",
    "1. one",
    "- item",
    "# heading",
    "> quote",
    "===",
    "***",
    "<!-- comment",
    "[x]: http://evil.example",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "W" * 2000,
    "\udcff lone",
    "",
]
"""What strangers may write into titles, messages, evidence, names and comments."""


def hostile(text: str) -> tuple[Report, Verification]:
    """The same text wherever a stranger may write."""
    bad = outcome(
        State.FAIL,
        message=text,
        expected=text,
        observed=text,
        subject=text,
        evidence=(EvidenceRecord(source=text, seen=text, sha256=text),),
    )
    said = attestation(by=text, note=text, evidence=AttestedEvidence(url=text, file=text, sha256=text, note=text))
    covered = waiver(text, id=text, reason=text, requested_by=text, approved_by=text, ticket=text, expires=text)
    items = [
        result(
            f"i{number}",
            state,
            title=text,
            message=text,
            fix=text,
            owner=text,
            controls=(text,),
            check=text,
            outcomes=(bad,) if number % 2 else (outcome(State.PASS, message=text, observed=text),),
            attestation=said,
            waiver=covered if number == 1 else None,
        )
        for number, state in enumerate(State)
    ]
    made = report(
        items,
        title=text,
        service=text,
        environment=text,
        gate=text,
        commit=text,
        finished=text,
        document=DocumentInfo(
            version=text, status=text, updated=text, history=(Revision(version=text, date=text, note=text),)
        ),
        contacts=(Contact(name=text, url=text, email=text),),
        notes=(Note(title=text, symptom=text, fix=text), Note(title=text, fix=(text,))),
        sections=(SectionRecord(id="1.1", title=text, state=State.FAIL),),
        waivers=(waiver(text, id=text, status=WaiverStatus.EXPIRED, reason=text),),
        people=(FileRef(path=text, sha256=text),),
        resolver=text,
        allowed=(text,),
    )
    change = Change(ref=text, reason=text, security_impact=text, rollback=text)
    signed = signature(
        Role.COMPLETER, "Carol", name=text, signer=text, fingerprint=text, key_type=text, comment=text, change=change
    )
    broken = signature(Role.APPROVER, "Dan", finding=Finding(code=Code.SIG_INVALID, message=text, fix=text))
    return made, verification(
        signed,
        broken,
        findings=(Finding(code=Code.SIG_INVALID, message=text, fix=text), finding(Code.THRESHOLD, text)),
        trust=text,
        notes=(text,),
        deployments=(Deployment(at=SIGNED, artifact=text, by=text),),
    )
