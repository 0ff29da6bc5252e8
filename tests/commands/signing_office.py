"""The commands of sign-off in a release's repository, by people with homes of their own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from readiness.main import main
from readiness.signoff import ledger, store
from readiness.signoff.ledger import Ledger
from tests.engine import Done, environment
from tests.signoff.scene import Scene


@dataclass
class Office:
    """Runs commands in the repository of a scene, with an environment in which only its people's keys are found."""

    scene: Scene
    capture: pytest.CaptureFixture[str]
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        kept = {
            name: value for name, value in environment().items() if not name.startswith(("GIT_", "SSH_", "DISPLAY"))
        }
        home = self.scene.path / "home"
        home.mkdir(exist_ok=True)
        self.env = {**kept, "HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def command(self, *arguments: str, cwd: Path | None = None) -> Done:
        """Any command, in this process."""
        self.capture.readouterr()
        with contextlib.chdir(cwd or self.scene.repo), self._surroundings():
            code = main(arguments)
        captured = self.capture.readouterr()
        return Done(int(code), captured.out, captured.err)

    def run(self, *arguments: str) -> Done:
        """``readiness sign-off``."""
        return self.command("sign-off", *arguments)

    def sign(self, role: str, name: str, *more: str) -> Done:
        return self.run("--as", role, "--key", self.key(name), "--yes", *more)

    def refused(self, role: str, name: str, *, code: int) -> str:
        """What is said to who may not sign; nothing was written."""
        before = self.state()
        done = self.sign(role, name)
        assert done.code == code, done.err
        assert done.out == ""
        assert "Traceback" not in done.err
        assert self.state() == before
        return done.err

    @contextlib.contextmanager
    def _surroundings(self) -> Iterator[None]:
        """The environment, for as long as a command runs."""
        with pytest.MonkeyPatch.context() as patched:
            for name in os.environ.keys() - self.env.keys():
                patched.delenv(name)
            for name, value in self.env.items():
                patched.setenv(name, value)
            yield

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """``readiness sign-off``, as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "readiness", "sign-off", *arguments],
            cwd=self.scene.repo,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def key(self, name: str) -> str:
        return str(self.scene.key(name))

    def home_key(self, name: str) -> None:
        """Their key as ``~/.ssh/id``."""
        ssh = self.scene.path / "home" / ".ssh"
        ssh.mkdir(mode=0o700)
        for suffix in ("", ".pub"):
            shutil.copy(f"{self.key(name)}{suffix}", ssh / f"id{suffix}")

    def check_again(self) -> None:
        """Another report; the earlier one goes, for both may be of one second."""
        shutil.rmtree(self.scene.report.parent)
        with contextlib.chdir(self.scene.repo):
            main(["check", "--env", "production"])
        self.capture.readouterr()

    def keep_and_check(self) -> None:
        """One more report, as if the one before were of an earlier second."""
        old = self.scene.report.parent
        old.rename(old.with_name(f"20200101T000000Z{old.name[16:]}"))
        with contextlib.chdir(self.scene.repo):
            main(["check", "--env", "production"])
        self.capture.readouterr()

    @property
    def bundle(self) -> bytes:
        return store.load_bundle(self.scene.report)

    @property
    def ledger(self) -> Ledger:
        return ledger.read(store.load_ledger(self.scene.report) or b"")

    def statements(self) -> list[dict[str, Any]]:
        """The predicates in the bundle."""
        payloads = [base64.b64decode(json.loads(line)["payload"]) for line in self.bundle.splitlines()]
        return [json.loads(payload)["predicate"] for payload in payloads]

    def state(self) -> dict[str, bytes]:
        """Every file below reports/."""
        home = self.scene.repo / "reports"
        return {
            str(path.relative_to(home)): path.read_bytes()
            for path in sorted(home.rglob("*"))
            if path.is_file() and ".pending" not in path.parts
        }
