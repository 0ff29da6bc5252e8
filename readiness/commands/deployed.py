"""``readiness deployed``: record what went live when, approved or not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from readiness.console import one_line, say
from readiness.errors import ExitCode, Problem, UsageError
from readiness.light import dataclass
from readiness.signoff import ledger as ledgers
from readiness.signoff import store
from readiness.signoff.failure import RefusedError
from readiness.signoff.ledger import Entry, Kind, Record
from readiness.signoff.model import SignOffError, Verification
from readiness.signoff.newest import newest_report
from readiness.signoff.policy import SKEW
from readiness.signoff.times import clock, moment, say_moment
from readiness.signoff.verify import Target, find_report, verify
from readiness.signoff.words import maybe_text, text
from readiness.source import author


@dataclass(frozen=True, kw_only=True)
class Words:
    """The options of the command, as typed."""

    at: str
    artifact: str
    report: Path | None = None
    by: str | None = None
    environment: str | None = None
    trust_ref: str | None = None


def record_deployment(words: Words) -> int:
    """Add it to the ledger; a warning where it was not approved then. Raises UsageError, RefusedError(CHAIN)."""
    at = _past(words.at)
    words = replace(words, artifact=text(words.artifact, "--artifact"), by=maybe_text(words.by, "--by"))
    if not words.artifact:
        raise UsageError("--artifact is empty; name what was deployed: an image digest, a tag")
    place = find_report(words.report or newest_report(words.environment))
    try:
        found = verified(place, at, words.trust_ref)
        if words.environment not in {None, found.environment}:
            raise UsageError(f"{place} is for {found.environment}, not for {words.environment}")
        return _record(words, place, at, found)
    except SignOffError as error:
        raise RefusedError.of(error) from error


def _record(words: Words, place: Path, at: datetime, found: Verification) -> int:
    made = Record(
        kind=Kind.DEPLOYED,
        at=at,
        environment=found.environment,
        report=found.report_sha256,
        commit=found.commit,
        artifact=words.artifact,
        by=words.by or author(place.resolve().parent),
    )
    if any(_same(entry, made) for entry in ledgers.read(store.load_ledger(place) or b"").entries):
        say("the ledger has this deployment already; nothing was written")
        return ExitCode.READY
    store.append(place, made)
    what = f"{one_line(made.artifact or '')} to {one_line(made.environment)} on {say_moment(at)}"
    say(f"recorded: {what}, commit {(made.commit or 'none')[:12]}", sys.stdout)
    say(_warnings(found, at))
    return ExitCode.READY


def verified(place: Path, at: datetime, trust_ref: str | None) -> Verification:
    """What a verifier would have said of the report at that time, for its own commit."""
    now = verify(Target(report=place, trust_ref=trust_ref, at=at))
    return verify(Target(report=place, trust_ref=trust_ref, at=at, commit=now.commit)) if now.commit else now


def _same(entry: Entry, made: Record) -> bool:
    return all(
        getattr(entry, name) == getattr(made, name) for name in ("kind", "at", "environment", "report", "artifact")
    )


def _past(text: str) -> datetime:
    now = clock()
    at = moment(text, "--at", now)
    if at > now + SKEW:
        hint = "record it once it is deployed; `readiness sign-off --planned` says what is planned"
        raise UsageError([Problem(message=f"--at {text} is in the future", hint=hint)])
    return at


def _warnings(found: Verification, at: datetime) -> Iterator[str]:
    late = [one for one in found.sign_offs if one.valid and one.signed_on > at]
    if found.finding is None and not late:
        yield f"it was approved when it was deployed: {', '.join(one.signer for one in found.sign_offs if one.valid)}"
    else:
        yield f"WARNING: this was NOT approved on {say_moment(at)}:"
        yield from (f"  {one.code}: {one_line(one.message)}" for one in found.findings)
        yield from (f"  {one_line(one.signer)} signed on {say_moment(one.signed_on)}, after it" for one in late)
    yield "next: commit reports/ledger.jsonl"
