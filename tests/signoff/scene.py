"""A release with people: a repository with its protected branch, a change, a real report, keys and sign-offs.

``build`` makes it once with real git, ssh-keygen and ``readiness check``; a test takes a copy::

    scene = copy_of(template, tmp_path)
    scene.sign("completer", "alice")
    scene.sign("approver", "carol")
    assert scene.verify().exit_code == 0
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readiness.main import main
from readiness.signoff import ledger, sshsig, statement, store
from readiness.signoff.envelope import Envelope, Signature, pae, write
from readiness.signoff.ledger import Kind, Record
from readiness.signoff.model import BUNDLE, PAYLOAD_TYPE, Decision, Predicate, Role, Verification
from readiness.signoff.verify import Target, verify

PEOPLE = {
    "alice": "readiness.completer",
    "bob": "readiness.completer,readiness.approver",
    "carol": "readiness.approver",
    "dave": "readiness.approver",
    "dev": "readiness.completer,readiness.approver",
}
"""Who may sign as what; `dev` wrote the change, `mallory` has a key and no line."""
CHECKLIST = """\
version: 1
service: shop
environments:
  staging: {}
  production: {gate: release}
defaults: {severity: high}
sections:
  "1":
    title: Source
    items:
      app.there:
        title: The application is there
        check: repo.file
        with: {path: src/app.py}
        severity: critical
      docs:
        title: Documents
        items:
          readme:
            title: A readme
            check: repo.file
            with: {path: README.md}
          licence: {title: A licence, check: repo.file, with: {path: LICENSE}, severity: medium}
  "2":
    title: Elsewhere
    items:
      staging.only:
        title: Of staging alone
        check: repo.file
        with: {path: staging.txt}
        environments: [staging]
      rota:
        title: Somebody is on call
        manual: Open the rota.
        severity: low
"""


def address(name: str) -> str:
    return f"{name}@kamiyo.ai"


@dataclass
class Scene:
    """The folder of one release; `repo` is the clone that the report lies in, on the branch `change`."""

    path: Path

    @property
    def repo(self) -> Path:
        return self.path / "work"

    @property
    def report(self) -> Path:
        """The newest report."""
        return max(self.repo.glob("reports/*/*/report.json"), key=lambda path: path.stat().st_mtime_ns)

    @property
    def bundle(self) -> Path:
        return self.report.with_name(BUNDLE)

    @property
    def ledger(self) -> Path:
        return self.repo / "reports" / "ledger.jsonl"

    @property
    def facts(self) -> dict[str, Any]:
        """report.json as data."""
        found: dict[str, Any] = json.loads(self.report.read_bytes())
        return found

    def git(self, *arguments: str, by: str = "lead", cwd: Path | None = None) -> str:
        """Git as one of the people, with none of the machine's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        people = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", by), ("EMAIL", address(by)))
        }
        done = subprocess.run(
            ["git", "-c", "commit.gpgsign=false", "-C", str(cwd or self.repo), *arguments],
            env={**kept, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, name: str, text: str | bytes) -> Path:
        place = self.repo / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return place

    def commit(self, message: str, by: str = "lead") -> str:
        """Commit everything; its id."""
        self.git("add", "-A", by=by)
        self.git("commit", "-q", "-m", message, by=by)
        return self.git("rev-parse", "HEAD")

    def on_main(self, files: Mapping[str, str | bytes]) -> None:
        """Change the protected branch, and know of it here; the branch `change` stays as it is."""
        self.git("checkout", "-q", "main")
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--", *files)
        self.git("commit", "-q", "-m", "On main")
        self.git("push", "-q", "origin", "main")
        self.git("checkout", "-q", "change")

    def signers(self, more: Mapping[str, str] | None = None) -> str:
        """allowed_signers for everybody; `more` has options of a person's line beside the namespaces."""
        lines = [
            f'{address(name)} namespaces="{purposes}"{(more or {}).get(name, "")} {self.public(name)} {name.title()}'
            for name, purposes in PEOPLE.items()
        ]
        return "\n".join(lines) + "\n"

    def key(self, name: str, kind: str = "ed25519") -> Path:
        """The private key of a person, made when it is first asked for."""
        place = self.path / "keys" / name
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(place)], check=True)
        return place

    def public(self, name: str) -> str:
        """Type and key, without the comment."""
        return " ".join(self.key(name).with_name(f"{name}.pub").read_text("utf-8").split()[:2])

    def check(self, *arguments: str, env: str = "production") -> Path:
        """A report by the real command."""
        with contextlib.chdir(self.repo):
            main(["check", "--env", env, *arguments])
        return self.report

    def predicate(self, role: str, signer: str, **changes: Any) -> Predicate:
        """What an honest person signs of the newest report; `changes` are fields of it."""
        said = self.facts
        changes["decision"] = Decision(changes.get("decision", Decision.APPROVE))
        made: dict[str, Any] = {
            "role": Role(role),
            "signer": address(signer),
            "signed_on": datetime.now(UTC),
            "environment": said["environment"],
            "commit": said["commit"],
            "dirty": said["dirty"],
            "source_digest": said["source_digest"],
            "checklist_sha256": said["checklist"]["sha256"],
            "policy_sha256": None,
            "allowed_signers_sha256": hashlib.sha256(self.signers().encode()).hexdigest(),
            "tool": "readiness 0",
            "verdict": said["verdict"]["state"],
            "waivers": tuple(one["waiver"]["id"] for one in said["results"] if one["waiver"]),
            "reviewed": self.completed() if role == Role.APPROVER.value else None,
            "ledger_heads": ledger.read(self.ledger.read_bytes() if self.ledger.exists() else b"").heads,
        }
        return Predicate(**{**made, **changes})

    def completed(self) -> str | None:
        """The sha256 of the last completer's statement in the ledger."""
        entries = ledger.read(self.ledger.read_bytes() if self.ledger.exists() else b"").entries
        found = [entry.statement for entry in entries if entry.role is Role.COMPLETER]
        return found[-1] if found else None

    def subjects(self) -> dict[str, dict[str, str]]:
        said = self.facts
        return {
            "report.json": {"sha256": hashlib.sha256(self.report.read_bytes()).hexdigest()},
            "source": {"gitCommit": said["commit"], "gitTree": self.git("rev-parse", f"{said['commit']}^{{tree}}")},
            "checklist.yaml": {"sha256": said["checklist"]["sha256"]},
        }

    def payload(self, role: str, signer: str, **changes: Any) -> bytes:
        return statement.encode(self.subjects(), self.predicate(role, signer, **changes))

    def envelope(self, payload: bytes, key: str, namespace: str) -> bytes:
        """The line of a bundle, signed by ``ssh-keygen -Y sign`` with this person's key."""
        done = subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(self.key(key))],
            input=pae(PAYLOAD_TYPE, payload),
            capture_output=True,
            check=True,
        )
        blob = sshsig.dearmor(done.stdout.decode("ascii"))
        return write(Envelope(payload=payload, signatures=(Signature(sig=blob),)))

    def sign(
        self, role: str, signer: str, *, key: str | None = None, namespace: str | None = None, **changes: Any
    ) -> bytes:
        """Sign off the newest report, with bundle and ledger; the line of the bundle."""
        payload = self.payload(role, signer, **changes)
        line = self.envelope(payload, key or signer, namespace or Role(role).namespace)
        self.record(payload, line)
        return line

    def record(self, payload: bytes, line: bytes) -> None:
        """Append what somebody signed to bundle and ledger."""
        said = statement.decode(payload).predicate
        made = Record(
            kind=Kind.SIGN_OFF,
            at=said.signed_on,
            environment=said.environment,
            report=hashlib.sha256(self.report.read_bytes()).hexdigest(),
            commit=said.commit,
            statement=hashlib.sha256(payload).hexdigest(),
            role=said.role,
            decision=said.decision,
            signer=said.signer,
        )
        store.append(self.report, made, line)

    def signed(self) -> Scene:
        """Completed by alice, approved by carol."""
        self.sign("completer", "alice")
        self.sign("approver", "carol")
        return self

    def verify(self, report: Path | None = None, **options: Any) -> Verification:
        return verify(Target(report=report or self.report, **options))

    def codes(self, report: Path | None = None, **options: Any) -> tuple[int, set[str]]:
        """Exit code and the codes of all findings."""
        found = self.verify(report, **options)
        return int(found.exit_code), {finding.code.value for finding in found.findings}


def build(path: Path) -> Scene:
    """The release, with its report and no sign-off."""
    scene = Scene(path)
    scene.repo.mkdir(parents=True)
    scene.git("init", "-q", "-b", "main")
    scene.git("init", "-q", "--bare", "-b", "main", str(path / "origin.git"))
    scene.git("remote", "add", "origin", "../origin.git")
    for name, text in {
        "checklist.yaml": CHECKLIST,
        "README.md": "# Shop\n",
        "LICENSE": "Free\n",
        "src/app.py": "print('shop')\n",
        ".readiness/allowed_signers": scene.signers(),
        "reports/.gitattributes": "* -text\nledger.jsonl merge=union\n",
    }.items():
        scene.write(name, text)
    scene.commit("All")
    scene.git("push", "-q", "-u", "origin", "main")
    scene.git("remote", "set-head", "origin", "main")
    scene.git("checkout", "-q", "-b", "change")
    scene.write("src/app.py", "print('better shop')\n")
    scene.commit("A better shop", by="dev")
    scene.check()
    return scene


def copy_of(template: Scene, path: Path) -> Scene:
    """A scene of its own; the keys are shared."""
    shutil.copytree(template.path, path, symlinks=True, dirs_exist_ok=True)
    return Scene(path)
