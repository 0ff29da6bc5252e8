"""``readiness signers``: who may sign, from the protected branch; and proposals to change that, in the working tree."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from readiness.console import Style, one_line, say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.light import dataclass
from readiness.signoff.failure import RefusedError
from readiness.signoff.keys import Candidate, Machine, is_private, read_public_key
from readiness.signoff.model import Role, SignOffError
from readiness.signoff.repository import Repository
from readiness.signoff.revoked import Revoked
from readiness.signoff.roster import Roster, roster_of
from readiness.signoff.signer_line import Signer, format_line
from readiness.signoff.signers import parse_signers
from readiness.signoff.sshkey import PublicKey
from readiness.signoff.times import clock, moment, say_moment
from readiness.signoff.trust import Trust, from_repository
from readiness.signoff.words import maybe_text

MERGED = "it counts once it is merged into the protected branch"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, kw_only=True)
class Addition:
    """The options of ``signers add``, as typed."""

    principal: str
    roles: Sequence[str]
    key: Path | None = None
    name: str | None = None
    valid_after: str | None = None
    valid_before: str | None = None
    process: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def show_signers(trust_ref: str | None) -> int:
    """List them; what the working tree has besides is marked. Raises RefusedError(TRUST) where there is nothing."""
    roster = roster_of(Path.cwd())
    style = style_of(sys.stdout, os.environ)
    with Repository(Path.cwd()) as repository:
        try:
            trust = from_repository(repository, trust_ref)
        except SignOffError as error:
            if not roster.signers_file.exists():
                raise RefusedError.of(error) from error
            say(style.wrap(f"{error.message}: nobody can sign yet", "  ", first="TRUST: "), sys.stdout)
            trust = None
    say(_listed(trust, roster, style), sys.stdout)
    return ExitCode.READY


def _listed(trust: Trust | None, roster: Roster, style: Style) -> Iterator[str]:
    here = roster.signers()
    revoked_here = _revoked(roster)
    known = {_same(entry) for entry in trust.signers.entries} if trust else set()
    if trust:
        yield f"{len(known)} may sign, by {one_line(trust.where)}"
        for entry in trust.signers.entries:
            yield from _line(entry, _state(entry, trust, revoked_here), style)
    for entry in here.entries:
        if _same(entry) not in known:
            yield from _line(entry, "proposed here, not on the protected branch", style)
    for refused in (trust.signers if trust else here).refused:
        yield style.wrap(f"{refused.code}: {refused.message}", "    ", first="refused: ")


def _same(entry: Signer) -> tuple[object, ...]:
    return entry.principal, entry.key.blob, entry.namespaces, entry.valid_after, entry.valid_before


def _state(entry: Signer, trust: Trust, revoked_here: Revoked) -> str:
    if trust.revoked.contains(entry.key):
        return "REVOKED"
    if revoked_here.contains(entry.key):
        return "valid; revoked here, not on the protected branch"
    dates = [f"from {say_moment(entry.valid_after)}"] if entry.valid_after else []
    dates += [f"until {say_moment(entry.valid_before)}"] if entry.valid_before else []
    words = f"valid {' '.join(dates)}" if dates else "valid"
    return words if entry.valid_at(clock()) else f"NOT {words}"


def _line(entry: Signer, state: str, style: Style) -> Iterator[str]:
    roles = [role.value for role in Role if role.namespace in entry.namespaces]
    name = f" ({entry.name})" if entry.name else ""
    yield style.wrap(f"{entry.principal}{name}: {', '.join(roles) or 'no role here'}; {state}", "    ", first="  ")
    yield f"    {entry.key.fingerprint} {entry.key.type}"


def add_signer(wanted: Addition) -> int:
    """Write the line. Raises UsageError, and RefusedError for a key or name that cannot be trusted."""
    roster = roster_of(Path.cwd())
    try:
        signer, line = _made(wanted, _public_key(wanted))
        if roster.has(signer):
            say(f"{one_line(signer.principal)} has this key and role already; nothing was written")
            return ExitCode.READY
        objection = next(roster.objections(signer), None)
        if objection:
            raise objection
    except SignOffError as error:
        raise UsageError([Problem(message=f"{error.code}: {error.message}; nothing was written")]) from error
    roster.add(line)
    say(f"added to {roster.signers_file}: {one_line(signer.principal)}, {signer.key.fingerprint}", sys.stdout)
    say(f"next: commit it and have it reviewed; {MERGED}")
    return ExitCode.READY


def _made(wanted: Addition, key: PublicKey) -> tuple[Signer, str]:
    """The line as it will be read back. Raises SignOffError, UsageError."""
    now = clock()
    unknown = [role for role in wanted.roles if role not in set(Role)]
    if unknown or not wanted.roles:
        hint = "completer or approver"
        raise UsageError([Problem(message=f"--role {' '.join(unknown)}: there is no such role", hint=hint)])
    line = format_line(
        principal=wanted.principal,
        key=key,
        namespaces=[role.namespace for role in Role if role in wanted.roles],
        valid_after=moment(wanted.valid_after, "--valid-after", now) if wanted.valid_after else None,
        valid_before=moment(wanted.valid_before, "--valid-before", now) if wanted.valid_before else None,
        name=maybe_text(wanted.name, "--name") or "",
    )
    return parse_signers(line.encode("utf-8"), "the new line").entries[0], line


def _public_key(wanted: Addition) -> PublicKey:
    if wanted.key:
        return _from_file(wanted.key)
    found = Machine(wanted.process, Path.cwd()).candidates()
    own = next((one for one in found if isinstance(one, Candidate)), None)
    if own is None:
        raise UsageError(
            [Problem(message="no key was found here", hint="name the person's public key with --key FILE.pub")]
        )
    say(f"key: {own.key.fingerprint}, from {one_line(own.origin)}")
    return own.key


def _from_file(file: Path) -> PublicKey:
    """A public key; a private key given by mistake is not looked at further."""
    try:
        private = file.is_file() and is_private(file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    if private:
        hint = f"name the public key, {file.name}.pub; never pass the private one on"
        raise UsageError([Problem(message=f"--key {file} is a private key", hint=hint)])
    return read_public_key(file)


def revoke(who: str | None, file: Path | None) -> int:
    """Write the keys to revoked_keys. Raises UsageError."""
    if (who is None) == (file is None):
        raise UsageError([Problem(message="name a person or a fingerprint, or a key with --key FILE", hint=None)])
    roster = roster_of(Path.cwd())
    revoked = _revoked(roster)
    words = _revocations(roster, who, file)
    new = {fingerprint: line for fingerprint, line in words.items() if fingerprint not in revoked.fingerprints}
    for line in new.values():
        roster.revoke(line)
    for fingerprint in words:
        say(f"{'revoked' if fingerprint in new else 'revoked before'}: {fingerprint}", sys.stdout)
    if new:
        say(f"next: commit {roster.revoked_file} and merge it soon; {MERGED}")
    return ExitCode.READY


def _revoked(roster: Roster) -> Revoked:
    try:
        return roster.revoked()
    except SignOffError as error:
        raise UsageError(error.message) from error


def _revocations(roster: Roster, who: str | None, file: Path | None) -> dict[str, str]:
    """Fingerprint to line of what is to be revoked."""
    stamp = f"revoked {clock():%Y-%m-%dT%H:%M:%SZ}"
    if file:
        key = read_public_key(file)
        return {key.fingerprint: f"{key.line} {stamp}"}
    name = who or ""
    entries = [entry for entry in roster.signers().entries if name in {entry.key.fingerprint, entry.principal}]
    if entries:
        return {entry.key.fingerprint: f"{entry.key.line} {entry.principal} {stamp}" for entry in entries}
    if _FINGERPRINT.fullmatch(name):
        return {name: f"{name} {stamp}"}
    if name.startswith("SHA256:"):
        raise UsageError(f"{name} is no SHA256 fingerprint as `readiness signers` and `ssh-keygen -l` print them")
    hint = "`readiness signers` lists them; a key that is not listed: --key FILE, or its SHA256: fingerprint"
    raise UsageError([Problem(message=f"nobody in {roster.signers_file} is called {name}", hint=hint)])
