"""Make reports/sample anew: a small release, attested, waived, signed by two persons whose keys are thrown away.

``python scripts/sample.py``; needs git and ssh-keygen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "reports" / "sample"
PERSONS = {"dana@shop.example": ("completer", "Dana Ruiz"), "kim@shop.example": ("approver", "Kim Osei")}
CHECKLIST = """version: 1
service: shop
title: Production readiness of the shop
document:
  version: "1.1"
  status: Released
  updated: "2026-11-20"
  history:
    - {version: "1.0", date: "2026-10-02", note: First release}
    - {version: "1.1", date: "2026-11-20", note: Rollback is rehearsed}
contacts: [{name: On call, email: ops@shop.example}]
environments: {production: {gate: release}}
roles: {operations: [dana@shop.example], legal: [lee@shop.example]}
sections:
  "1":
    title: Code
    items:
      code.no-secrets:
        title: No live keys in the source
        severity: critical
        check: repo.text
        with: {files: ["**"], must_not: ['\\bsk_live_[0-9A-Za-z]{16,}']}
        controls: ["pci:6.2.4"]
      code.todo:
        title: No open questions in the code
        check: repo.text
        with: {files: ["*.py"], must_not: [FIXME]}
        fix: Answer it, or move it to a ticket.
      code.changelog:
        title: The changelog is kept
        severity: medium
        check: repo.file
        with: {path: CHANGELOG.md}
  "2":
    title: Operations
    items:
      run.rollback:
        title: The rollback was rehearsed
        severity: critical
        manual: Roll back on staging and forward again. Done when both took less than ten minutes. Note the times.
        by: operations
        evidence: note
        valid_for: 90d
        controls: ["soc2:CC8.1", "iso27001:A.8.32"]
      run.rota:
        title: The rota of the launch has a name for every hour
        manual: Open the rota. Attach it.
        by: operations
        evidence: file
        valid_for: release
      legal.tax:
        title: Sales tax is collected
        manual: Compare the settings with the advice of the tax office.
        by: legal
        if_applicable: We sell to a region that asks for it.
  "3":
    title: Go-live
    items:
      live.complete:
        title: Everything above is done
        severity: critical
        items: all
"""
FILES = {
    "checklist.yaml": CHECKLIST,
    "shop.py": "def price() -> int:\n    return 100  # FIXME: net or gross?\n",
    "CHANGELOG.md": "# Changelog\n\n- 1.1: rollback script\n",
    "rota.csv": "hour,name\n00-08,Dana\n08-16,Kim\n16-24,Lee\n",
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A scratch repository and the keys of its people."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The checkout."""
        return self.folder / "shop"

    def run(self, *argv: str) -> None:
        """Run a program in the checkout. Raises CalledProcessError."""
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(self.folder)}
        subprocess.run(argv, cwd=self.repository, env=env, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - argument lists of this file

    def readiness(self, *arguments: str) -> None:
        """Run readiness there."""
        self.run(sys.executable, "-m", "readiness", *arguments)

    def commit(self, message: str) -> None:
        """Commit all as somebody who signs nothing, and publish it."""
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=Robin", "-c", "user.email=robin@shop.example", "commit", "-qm", message)
        self.run("git", "push", "-q", "origin", "HEAD:main")

    def prepare(self) -> None:
        """The repository with its files, and the signers."""
        self.repository.mkdir()
        self.run("git", "init", "-q", "--initial-branch=main")
        self.run("git", "init", "-q", "--bare", str(self.folder / "origin.git"))
        self.run("git", "remote", "add", "origin", str(self.folder / "origin.git"))
        for name, text in FILES.items():
            (self.repository / name).write_text(text, "utf-8")
        for person, (role, name) in PERSONS.items():
            key = self.folder / person
            self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", str(key))
            self.readiness("signers", "add", person, "--role", role, "--key", f"{key}.pub", "--name", name)
        self.commit("Shop 1.1")

    def decide(self) -> None:
        """What people say."""
        soon = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
        dana = ("--by", "dana@shop.example")
        self.readiness("attest", "run.rollback", *dana, "--note", "back in 4 minutes, forward in 6")
        self.readiness("attest", "run.rota", *dana, "--evidence", "rota.csv")
        self.readiness(
            "attest", "legal.tax", "--by", "lee@shop.example", "--na", "--note", "one country, below the limit"
        )
        waiver = ("--id", "W-7", "--reason", "Prices are net; the comment goes with 1.2", "--ticket", "SHOP-341")
        people = ("--requested-by", "robin@shop.example", "--approved-by", "kim@shop.example", "--expires", soon)
        self.readiness("waivers", "add", "code.todo", *waiver, *people, "--match", "FIXME")
        self.commit("What people say of 1.1")

    def sign(self) -> None:
        """Check and sign."""
        self.readiness("check")
        self.run("git", "fetch", "-q", "origin")
        change = ("--change", "SHOP-300", "--reason", "Rollback script", "--security-impact", "none")
        for person, (role, _) in PERSONS.items():
            key = ("--key", str(self.folder / person), "--trust-ref", "origin/main", "--yes")
            self.readiness("sign-off", "--as", role, *key, *(change if role == "completer" else ()))

    def publish(self) -> None:
        """Copy what a reader needs."""
        (report,) = self.repository.glob("reports/production/*/report.json")
        shutil.rmtree(SAMPLE, ignore_errors=True)
        SAMPLE.mkdir()
        for source in (
            report,
            report.with_name("report.json.intoto.jsonl"),
            self.repository / "checklist.yaml",
            self.repository / ".readiness" / "allowed_signers",
        ):
            shutil.copyfile(source, SAMPLE / source.name)
        self.run(
            sys.executable,
            "-m",
            "readiness",
            "report",
            str(report),
            "--format",
            "html",
            "-o",
            str(SAMPLE / "report.html"),
        )


def main() -> None:
    """Make it."""
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        scene = Scene(folder=Path(folder))
        scene.prepare()
        scene.decide()
        scene.sign()
        scene.publish()


if __name__ == "__main__":
    main()
