"""Signing with ``ssh-keygen -Y sign``: the engineer's own key, agent or security key, and its own prompts.

ssh-keygen asks for passphrases, PINs and touches at the terminal by itself. Without a terminal it
must not wait for anybody: it runs in a session of its own, so that /dev/tty is out of its reach,
and within a time limit. What it makes is verified by our own verifier before anything is written.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from readiness.console import one_line
from readiness.errors import Problem
from readiness.signoff import sshsig
from readiness.signoff.envelope import Envelope, Signature, pae, write
from readiness.signoff.failure import SigningError
from readiness.signoff.keys import Candidate
from readiness.signoff.model import PAYLOAD_TYPE, Role, SignOffError

TIMEOUT = 60.0
"""Seconds for a signature that nobody at a terminal has to do something for."""


@dataclass(frozen=True, kw_only=True)
class Pen:
    """A key, and how to sign with it."""

    candidate: Candidate
    environment: Mapping[str, str]
    terminal: bool
    """Somebody is there to be asked."""
    timeout: float = TIMEOUT
    """Seconds, where nobody is."""

    def envelope(self, payload: bytes, role: Role) -> bytes:
        """The line of the bundle: the statement with the signature for this role. Raises SigningError."""
        sig = self.sign(pae(PAYLOAD_TYPE, payload), role.namespace)
        signature = Signature(keyid=self.candidate.key.fingerprint, sig=sig)
        return write(Envelope(payload=payload, signatures=(signature,)))

    def sign(self, message: bytes, namespace: str) -> bytes:
        """The SSHSIG blob over `message`, verified. Raises SigningError, with one sentence and the cure."""
        program = shutil.which("ssh-keygen", path=self.environment.get("PATH", os.defpath))
        if not program:
            raise _failed("there is no ssh-keygen on PATH", "install OpenSSH's client programs (openssh-client)")
        with TemporaryDirectory(prefix="readiness-") as private:  # mode 0700
            place = Path(private) / "message"
            place.write_bytes(message)
            key = self.candidate.file or _public(Path(private), self.candidate)
            self._run([program, "-q", "-Y", "sign", "-n", namespace, "-f", str(key.absolute()), str(place)])
            return self._checked(place.with_name("message.sig"), message, namespace)

    def _checked(self, file: Path, message: bytes, namespace: str) -> bytes:
        try:
            blob = sshsig.dearmor(file.read_text("ascii"))
            found = sshsig.parse(blob)
            sshsig.verify(found, message, namespace=namespace)
        except (OSError, ValueError, SignOffError) as error:
            raise _failed(f"ssh-keygen made no signature that can be verified: {error}") from error
        if found.key != self.candidate.key:
            words = f"{self.candidate.origin} signed as {found.key.fingerprint}, not {self.candidate.key.fingerprint}"
            raise _failed(words, "name the key that you mean with --key")
        return blob

    def _run(self, command: Sequence[str]) -> None:
        # a security key's "confirm user presence" is on stderr, all other prompts are on /dev/tty
        watched = self.terminal and self.candidate.key.type.startswith("sk-")
        process = subprocess.Popen(  # noqa: S603 - ssh-keygen from PATH, arguments of our own
            command,
            stdin=None if self.terminal else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if watched else subprocess.PIPE,
            env=self._surroundings(),
            start_new_session=not self.terminal,
        )
        with process:
            try:
                said = process.communicate(timeout=None if self.terminal else self.timeout)[1] or b""
            except subprocess.TimeoutExpired as error:
                raise _failed(
                    f"ssh-keygen did not sign within {self.timeout:g} s",
                    "a key that asks for a touch or a confirmation needs a terminal, and somebody there",
                ) from error
            finally:
                self._end(process)
        if process.returncode:
            raise self._explained(said.decode("utf-8", "replace"))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Whatever happened, nothing of it stays behind."""
        if process.poll() is None:
            if self.terminal:
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _surroundings(self) -> dict[str, str]:
        """ssh-keygen's environment: no window appears unasked where nobody is at a terminal."""
        found = dict(self.environment)
        if not self.terminal and not found.get("SSH_ASKPASS"):
            found["SSH_ASKPASS_REQUIRE"] = "never"
        return found

    def _explained(self, said: str) -> SigningError:
        name = str(self.candidate.file or self.candidate.key.fingerprint)
        if "incorrect passphrase" in said:
            return self._locked(name)
        for pattern, message, hint in _FAULTS:
            if re.search(pattern, said, re.IGNORECASE):
                return _failed(message.format(name=name), hint.format(name=name))
        last = one_line(said.strip().rpartition("\n")[2]) or "it said nothing"
        return _failed(f"ssh-keygen cannot sign with {name}: {last}")

    def _locked(self, name: str) -> SigningError:
        if self.terminal:
            return _failed(f"the passphrase of {name} was not right")
        return _failed(f"{name} has a passphrase, and nobody is at a terminal to be asked for it", f"ssh-add {name}")


_FAULTS = (
    (
        r"unprotected private key|bad permissions",
        "others may read {name}, so ssh-keygen does not use it",
        "chmod 600 {name}",
    ),
    (
        r"agent refused operation",
        "the agent refused to sign with {name}: the use was declined, or the agent is locked",
        "confirm it when the agent asks; `ssh-add -X` unlocks an agent",
    ),
    (
        r"no private key found|communication with agent failed|connecting to agent",
        "the private part of {name} cannot be used: the agent is gone, is locked or no longer has it",
        "start an agent and run `ssh-add`, unlock it with `ssh-add -X`, or name a key file with --key",
    ),
    (
        r"doesn't match private",
        "the .pub file beside {name} belongs to another key",
        "write it anew: ssh-keygen -y -f {name} > {name}.pub",
    ),
    (
        r"device not found|authenticator|FIDO",
        "the security key of {name} is not there or did not agree",
        "plug it in and touch it when it blinks",
    ),
    (
        r"invalid format|error in libcrypto",
        "{name} is no private key that ssh-keygen can read",
        "name another key with --key",
    ),
)
"""What ssh-keygen says, the sentence for it, and the cure."""


def _public(folder: Path, candidate: Candidate) -> Path:
    """A .pub file for a key that only the agent has."""
    place = folder / "key.pub"
    place.write_text(f"{candidate.key.line}\n", "ascii")
    return place


def _failed(message: str, hint: str | None = None) -> SigningError:
    return SigningError([Problem(message=f"{message}; nothing was signed", hint=hint)])
