"""Where a person's keys are, and which public part each shows.

Looked at in this order, as git does: ``--key``, git's ``user.signingkey`` where ``gpg.format`` is
ssh, the agent, ``~/.ssh/*.pub``. Private keys are never read beyond the public part that they show.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from readiness.errors import UsageError
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.sshkey import PublicKey, from_blob, parse_public_key
from readiness.signoff.wire import Reader, base64

TIMEOUT = 5.0
"""Seconds for git and for the agent to say which keys there are."""
MAX_FILE = 64 * 1024
_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_PRIVATE = "PRIVATE KEY-----"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A key that could be signed with."""

    origin: str
    """Where it was found, for people."""
    key: PublicKey
    file: Path | None = None
    """The private part; None where the agent has it."""


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A key, or a place of keys, that was passed over."""

    origin: str
    why: str


@dataclass(frozen=True)
class Machine:
    """Where this person's keys may be."""

    environment: Mapping[str, str]
    folder: Path
    """Whose git settings count."""

    def candidates(self) -> Iterator[Candidate | Passed]:
        """Every key, once, in the order of preference; what cannot be used says why."""
        seen: set[bytes] = set()
        for found in (*self._from_git(), *self._from_agent(), *self._from_home()):
            if isinstance(found, Passed):
                yield found
            elif found.key.blob not in seen:
                seen.add(found.key.blob)
                yield self._usable(found)

    def named(self, file: Path) -> Candidate | Passed:
        """The key of ``--key``."""
        found = _from_file(file, f"--key {file}")
        return found if isinstance(found, Passed) else self._usable(found)

    @cached_property
    def agent(self) -> tuple[PublicKey, ...]:
        """Keys that the agent holds and that are of a sound kind."""
        return tuple(found.key for found in self._from_agent() if isinstance(found, Candidate))

    @cached_property
    def home(self) -> Path:
        """``~/.ssh``."""
        return Path(self.environment.get("HOME") or Path.home()) / ".ssh"

    def _usable(self, found: Candidate) -> Candidate | Passed:
        """With its private part: a file, or the agent."""
        if found.file or found.key in self.agent:
            return found
        own = (other for other in self._from_home() if isinstance(other, Candidate) and other.key == found.key)
        private = next((other.file for other in own if other.file), None)
        if private:
            return replace(found, file=private)
        why = f"{found.key.fingerprint}: its private part is neither beside it nor in an agent"
        return Passed(origin=found.origin, why=why)

    def _from_git(self) -> Iterator[Candidate | Passed]:
        said = self._ask(
            "git", "-C", str(self.folder), "config", "--null", "--get-regexp", r"^(gpg\.format|user\.signi.*)$"
        )
        settings = dict(line.split("\n", 1) for line in said.split("\0") if "\n" in line) if said else {}
        value, origin = settings.get("user.signingkey"), "git's user.signingkey"
        if not value:
            return
        literal = value.removeprefix("key::")
        if literal.startswith(("ssh-", "ecdsa-", "sk-")):
            yield _from_line(literal, origin)
        elif settings.get("gpg.format") != "ssh":
            yield Passed(origin=origin, why="git's gpg.format is not ssh")
        else:
            place = self.home.parent / value[2:] if value.startswith("~/") else self.folder / value
            yield _from_file(place, f"{origin} {value}")

    def _from_agent(self) -> Iterator[Candidate | Passed]:
        if not self.environment.get("SSH_AUTH_SOCK"):
            return
        said = self._ask("ssh-add", "-L")
        if said is None:
            yield Passed(origin="the agent", why="does not answer, or has no keys; a locked one: `ssh-add -X`")
        for line in (said or "").splitlines():
            yield _from_line(line, "the agent")

    def _from_home(self) -> Iterator[Candidate | Passed]:
        try:
            places = sorted(self.home.glob("*.pub"))
        except OSError:
            return
        for place in places:
            yield _from_file(place, f"~/.ssh/{place.name}")

    def _ask(self, *command: str) -> str | None:
        """What a program says; None where it fails, is not there, or takes too long."""
        try:
            done = subprocess.run(  # noqa: S603 - fixed programs and arguments
                command,
                capture_output=True,
                env=dict(self.environment),
                timeout=TIMEOUT,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def read_public_key(file: Path) -> PublicKey:
    """The key of a .pub file, or the public part that a private key shows. Raises UsageError."""
    found = _from_file(file, str(file))
    if isinstance(found, Passed):
        raise UsageError(f"{found.origin}: {found.why}")
    return found.key


def is_private(file: Path) -> bool:
    """Whether the file holds a private key. Raises OSError."""
    with file.open("rb") as opened:
        return _PRIVATE.encode() in opened.read(MAX_FILE)


def _from_line(line: str, origin: str) -> Candidate | Passed:
    try:
        return Candidate(origin=origin, key=parse_public_key(line))
    except SignOffError as error:
        return Passed(origin=origin, why=f"{error.code}: {error.message}")


def _from_file(file: Path, origin: str) -> Candidate | Passed:
    """A public key with its private part beside it, or a private key."""
    try:
        text = _text(file)
        if _PRIVATE in text:
            return Candidate(origin=origin, key=_shown(text, file), file=file)
        private = file.with_suffix("") if file.suffix == ".pub" else None
        key = parse_public_key(text)
    except SignOffError as error:
        return Passed(origin=origin, why=error.message)
    except OSError as error:
        return Passed(origin=origin, why=f"cannot be read: {error.strerror or error}")
    return Candidate(origin=origin, key=key, file=private if private and private.is_file() else None)


def _text(file: Path) -> str:
    if file.exists() and not file.is_file():
        raise SignOffError(Code.MALFORMED, "is no file")
    with file.open("rb") as opened:
        return opened.read(MAX_FILE).decode("utf-8", "replace")


def _shown(text: str, file: Path) -> PublicKey:
    """The public part of a private key: OpenSSH's format has it in the clear (PROTOCOL.key), others beside them."""
    if _BEGIN in text:
        body = text.partition(_BEGIN)[2].partition(_END)[0]
        reader = Reader(base64("".join(body.split()), "the private key"), "the private key")
        if reader.take(len(_MAGIC), "preamble") != _MAGIC:
            raise reader.malformed("is not in OpenSSH's format")
        for name in ("cipher", "kdf", "kdf options"):
            reader.string(name)
        reader.uint32("number of keys")
        return from_blob(reader.string("public key"))
    beside = file.with_name(f"{file.name}.pub")
    if not beside.is_file():
        raise SignOffError(
            Code.MALFORMED, f"shows no public part; write it with `ssh-keygen -y -f KEY > {beside.name}`"
        )
    return parse_public_key(_text(beside))
