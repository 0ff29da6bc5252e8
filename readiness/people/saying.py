"""What a person wants to say of an item, and whether they may: before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from readiness.api import Reason
from readiness.checklist.model import Item
from readiness.errors import Problem, UsageError
from readiness.light import dataclass
from readiness.people.binding import SKEW, digest, given, inside
from readiness.people.model import ATTESTATIONS, URL, Attestation, Evidence, Release, fingerprint
from readiness.plan import Plan, Step
from readiness.source import is_committed
from readiness.typed import suggest


@dataclass(frozen=True, kw_only=True)
class Saying:
    """As it was typed."""

    state: Literal["pass", "fail", "na"] = "pass"
    by: str
    note: str | None = None
    evidence: str | None = None
    """A URL, or a file's path."""


def find(plan: Plan, name: str) -> Step:
    """The step of an item that a person may attest. Raises UsageError: none, or decided otherwise."""
    step = plan.step(name)
    if step is None:
        raise _refused(f"`{name}` is no item of the checklist", suggest(name, [step.id for step in plan.steps]))
    if step.item.items:
        parts = ", ".join(step.children) or "all items of the checklist"
        raise _refused(f"`{name}` is decided by others", f"attest what it is made of: {parts}")
    if step.settled and step.settled.reason in {Reason.ENVIRONMENT, Reason.WHEN}:
        raise _refused(f"`{name}` does not concern {plan.environment}: {step.settled.message}")
    return step


def may_say(step: Step, saying: Saying, roles: Mapping[str, Sequence[str]]) -> None:
    """Raises UsageError where this person may not say this of this item."""
    item = step.item
    if saying.state == "na" and not item.if_applicable:
        hint = "only an item with `if_applicable` may be attested as not applicable"
        raise _refused(f"`{step.id}` always applies", hint)
    if saying.state != "na" and item.check:
        hint = "cure what it finds, or have it waived: `readiness waivers add`"
        raise _refused(f"`{step.id}` is decided by the check `{item.check}`, not by a person", hint)
    members = roles.get(item.by or "", ())
    if item.by and saying.by.casefold() not in {name.casefold() for name in members}:
        hint = f"it may be attested by {', '.join(members) or 'nobody yet'}; `roles` in the checklist says so"
        raise _refused(f"{saying.by} does not have the role `{item.by}` that `{step.id}` asks for", hint)


def refuse_secrets(words: Mapping[str, str | None], redact: Callable[[str], str]) -> None:
    """What is written is committed and printed. Raises UsageError where a text is none, or `redact` finds a secret."""
    for name, text in words.items():
        if text and any("\ud800" <= char <= "\udfff" for char in text):  # how Python hands over other bytes
            raise _refused(f"{name} is not UTF-8; nothing was written")
        if text and redact(text) != text:
            message = f"{name} holds a secret, or what looks like a key or a card number; nothing was written"
            raise _refused(message, "say it without the secret itself")


def attestation(step: Step, saying: Saying, environment: str, folder: Path, release: Release) -> Attestation:
    """What will be written. Raises UsageError where the evidence that the item asks for is not there."""
    made = Attestation(
        item=step.id,
        environment=environment,
        state=saying.state,
        by=saying.by,
        at=_moment(step),
        note=saying.note,
        evidence=_evidence(saying.evidence, step.item, folder),
        fingerprint=fingerprint(step.item),
        release=release.commit,
        source=release.source,
    )
    if made.state == "pass" and step.item.evidence and not given(made, step.item.evidence):
        raise _refused(f"`{step.id}` asks for a {step.item.evidence} as evidence", _how(step.item.evidence))
    if made.state != "pass" and not (made.note or "").strip():
        raise _refused("say why with --note: who reads this in a year has nothing else")
    if step.item.valid_for == "release":
        _refuse_unbound(made, folder)
    return made


def _moment(step: Step) -> datetime:
    """Now, to the second; never before the last word, which was said by another machine's clock perhaps."""
    now = datetime.now(UTC).replace(microsecond=0)
    last = step.standing.attestation if step.standing else None
    if last is None or last.at <= now + SKEW:
        return max(now, last.at) if last else now
    message = f"`{step.id}` has an attestation by {last.by} from the future, {last.at:%Y-%m-%d %H:%M} UTC"
    raise _refused(message, f"remove it from {ATTESTATIONS}, or set this machine's clock: the newest word holds")


def _refuse_unbound(made: Attestation, folder: Path) -> None:
    """An attestation of one release needs a commit, and its evidence in it: committed later, it would change it."""
    if made.release is None:
        raise _refused(f"`{made.item}` is attested for one release, and this is no commit of a git repository")
    file = made.evidence.file if made.evidence else None
    if file and not is_committed(folder, file):
        message = f"`{made.item}` is attested for one release, and the evidence {file} is not in it"
        raise _refused(message, f"commit it first, then attest: git add {file} && git commit")


def entry(made: Attestation) -> dict[str, Any]:
    """As it stands in attestations.yaml; what is empty is left out."""
    brings = {} if made.evidence is None else {name: value for name, value in vars(made.evidence).items() if value}
    words = {**vars(made), "at": f"{made.at:%Y-%m-%dT%H:%M:%SZ}", "evidence": brings}
    return {name: value for name, value in words.items() if value}


def _evidence(text: str | None, item: Item, folder: Path) -> Evidence | None:
    if not text:
        return None
    if re.match(r"https?:", text, re.IGNORECASE):
        if not URL.fullmatch(text):
            raise _refused(f"the evidence {text} is no URL", "write it as https://host/path, without spaces")
        return Evidence(url=text)
    path = Path(text)
    near = path.resolve()
    if not near.is_file():
        raise _refused(f"the evidence {text} is no URL and no file here", _how(item.evidence or "file"))
    home = folder.resolve()
    if not near.is_relative_to(home):
        hint = "an attestation outlives this machine: copy the file there, and name the copy"
        raise _refused(f"the evidence {text} is not below the checklist's folder", hint)
    name = near.relative_to(home).as_posix()
    if inside(folder, name) is None:
        raise _refused(f"the evidence {text} cannot be read")
    return Evidence(file=name, sha256=digest(near))


def with_note(saying: Saying, item: Item) -> Saying:
    """Where a note is the evidence that is asked for, text given as evidence is that note."""
    if item.evidence == "note" and saying.evidence and not saying.note:
        return replace(saying, note=saying.evidence, evidence=None)
    return saying


def _how(kind: str) -> str:
    return {
        "url": "give it with --evidence https://...",
        "file": "give it with --evidence FILE, a file in the checklist's folder",
        "note": "say it with --note TEXT",
    }[kind]


def _refused(message: str, hint: str | None = None) -> UsageError:
    return UsageError([Problem(message=message, hint=hint)])
