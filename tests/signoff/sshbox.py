"""A person's keys and agent, made at run time with the real programs, away from the machine's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from readiness.signoff.choice import Authority
from readiness.signoff.keys import Machine, read_public_key
from readiness.signoff.revoked import Revoked
from readiness.signoff.signers import parse_signers
from readiness.signoff.sshkey import PublicKey
from tests.engine import ROOT

NOW = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)
BOTH = "readiness.completer,readiness.approver"


@dataclass
class Box:
    """A home folder of its own."""

    home: Path

    @property
    def ssh(self) -> Path:
        place = self.home / ".ssh"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    @property
    def env(self) -> dict[str, str]:
        """An environment in which nothing of the machine's owner is found."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_", "DISPLAY"))}
        own = {"HOME": str(self.home), "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        return {**kept, **own, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}

    @property
    def machine(self) -> Machine:
        return Machine(self.env, self.home)

    def key(self, name: str = "id_ed25519", passphrase: str = "", kind: str = "ed25519", *more: str) -> Path:
        """A new private key in ~/.ssh, with its .pub beside it."""
        place = self.ssh / name
        self.run("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(place), *more)
        return place

    def public(self, name: str = "id_ed25519") -> PublicKey:
        return read_public_key(self.ssh / f"{name}.pub")

    def git(self, **settings: str) -> None:
        lines = {name.replace("_", "."): value for name, value in settings.items()}
        for name, value in lines.items():
            self.run("git", "config", "--file", str(self.home / ".gitconfig"), name, value)

    def script(self, name: str, body: str) -> Path:
        place = self.home / name
        place.write_text(f"#!/bin/sh\n{body}\n", "ascii")
        place.chmod(0o700)
        return place

    def run(self, *command: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            command, env={**self.env, **(env or {})}, capture_output=True, text=True, check=False, timeout=30
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    @contextmanager
    def agent(
        self, *keys: Path, env: dict[str, str] | None = None, add: Sequence[str] = ()
    ) -> Iterator[dict[str, str]]:
        """An agent that holds these keys; the variables that lead to it."""
        socket = self.home / "agent.sock"
        agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(socket)],
            env={**self.env, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert agent.stdout is not None
        agent.stdout.readline()  # it listens
        there = {**self.env, "SSH_AUTH_SOCK": str(socket), "SSH_AGENT_PID": str(agent.pid)}
        try:
            if keys:
                self.run("ssh-add", "-q", *add, *map(str, keys), env=there)
            yield there
        finally:
            agent.send_signal(signal.SIGTERM)
            agent.wait(timeout=10)
            agent.stdout.close()


def authority(*lines: str, revoked: Sequence[PublicKey] = (), moment: datetime = NOW) -> Authority:
    """What a list of signers with these lines allows."""
    raw = "\n".join(lines).encode()
    return Authority(
        signers=parse_signers(raw, "allowed_signers"),
        revoked=Revoked(fingerprints=frozenset(key.fingerprint for key in revoked)),
        moment=moment,
    )


def line(principal: str, key: PublicKey, roles: str = BOTH, more: str = "") -> str:
    return f'{principal} namespaces="{roles}"{more} {key.line}'


def path_without(program: str, folder: Path) -> str:
    """A PATH on which one program is not."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for file in Path(place).glob("*"):
            if file.name != program and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    assert shutil.which(program, path=str(folder)) is None
    return str(folder)
