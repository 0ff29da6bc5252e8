"""How a release is attacked, by outsiders and by people who sign a lie with their own keys; and what is told of it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from readiness.commands.verify import main as verify_main
from readiness.ending import ended
from readiness.main import main
from readiness.signoff import store
from readiness.signoff.ledger import Kind, Record
from readiness.signoff.model import Decision, Role
from tests.engine import environment
from tests.signoff.scene import Scene, address

Json = dict[str, Any]
Change = Callable[[Json], Any]
Attack = Callable[[Scene], None]


@dataclass(frozen=True)
class Case:
    """An attack, and what `readiness verify` has to say of it."""

    name: str
    attack: Attack
    exit: int
    code: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Told:
    """What `readiness verify` said."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.out)
        return found

    @property
    def first(self) -> str:
        return self.out.partition("\n")[0]


def told(scene: Scene, *options: str, report: Path | None = None) -> Told:
    """`readiness verify REPORT`, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(scene.repo), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = ended(lambda: verify_main([str(report or scene.report), *options]))
    return Told(code, out.getvalue(), err.getvalue())


def process(scene: Scene, *options: str) -> Told:
    """The same as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "verify", str(scene.report), *options],
        cwd=scene.repo,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Told(done.returncode, done.stdout, done.stderr)


def check(scene: Scene, *arguments: str, env: str = "production") -> None:
    """Another report, silently; the earlier one goes, for both may be of one second."""
    for old in scene.repo.glob("reports/*/*/report.json"):
        for path in old.parent.iterdir():
            path.unlink()
        old.parent.rmdir()
    with contextlib.chdir(scene.repo), contextlib.redirect_stderr(io.StringIO()):
        main(["check", "--env", env, *arguments])


# the bundle


def lines(scene: Scene) -> list[bytes]:
    return scene.bundle.read_bytes().splitlines()


def rewrite(scene: Scene, *kept: bytes) -> None:
    scene.bundle.write_bytes(b"".join(line + b"\n" for line in kept))


def outer(line: bytes, change: Change) -> bytes:
    """A line whose envelope is changed."""
    fields = json.loads(line)
    change(fields)
    return json.dumps(fields).encode()


def inner(line: bytes, change: Change) -> bytes:
    """A line whose payload is changed, with the signature that it had."""

    def reworded(fields: Json) -> None:
        payload = json.loads(base64.b64decode(fields["payload"]))
        change(payload)
        fields["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()

    return outer(line, reworded)


def on_last(change: Callable[[bytes], bytes]) -> Attack:
    """The approver's line is changed."""

    def attack(scene: Scene) -> None:
        *kept, last = lines(scene)
        rewrite(scene, *kept, change(last))

    return attack


def payload(change: Change) -> Attack:
    """The approver's payload is changed and keeps its signature."""
    return on_last(lambda line: inner(line, change))


def claims(**fields: Any) -> Attack:
    """The approver's predicate is changed and keeps its signature."""
    return payload(lambda it: it["predicate"].update(fields))


def on_signature(change: Callable[[bytes], bytes]) -> Attack:
    """The approver's signature, as bytes, is changed."""

    def edit(fields: Json) -> None:
        blob = base64.b64decode(fields["signatures"][0]["sig"])
        fields["signatures"][0]["sig"] = base64.b64encode(change(blob)).decode()

    return on_last(lambda line: outer(line, edit))


# an insider signs a lie with a key of their own, and records it everywhere


def lie(scene: Scene, role: str, signer: str, payload: bytes, *, key: str | None = None, space: str = "") -> None:
    line = scene.envelope(payload, key or signer, space or Role(role).namespace)
    true = scene.predicate(role, signer)
    at = datetime.fromisoformat(json.loads(payload)["predicate"].get("signedOn"))
    made = Record(
        kind=Kind.SIGN_OFF,
        at=at if at.tzinfo else true.signed_on,
        environment=true.environment,
        report=hashlib.sha256(scene.report.read_bytes()).hexdigest(),
        commit=true.commit,
        statement=hashlib.sha256(payload).hexdigest(),
        role=Role(role),
        decision=Decision.APPROVE,
        signer=address(signer),
    )
    store.append(scene.report, made, line)


def approves(change: Change) -> Attack:
    """Carol signs another statement than the honest one."""

    def attack(scene: Scene) -> None:
        scene.sign("completer", "alice")
        payload = json.loads(scene.payload("approver", "carol"))
        change(payload)
        lie(scene, "approver", "carol", json.dumps(payload).encode())

    return attack


def says(**fields: Any) -> Attack:
    """Carol signs other fields in the predicate."""
    return approves(lambda payload: payload["predicate"].update(fields))


def subject(index: int, **digests: str) -> Attack:
    """Carol signs another digest of a subject."""
    return approves(lambda it: it["subject"][index]["digest"].update(digests))


def honest(scene: Scene) -> None:
    """Alice completes and Carol approves: the attack is elsewhere."""
    scene.signed()


def signs(signer: str, **changes: Any) -> Attack:
    """Alice completes; somebody approves, by `scene.sign`."""

    def attack(scene: Scene) -> None:
        scene.sign("completer", "alice")
        scene.sign("approver", signer, **changes)

    return attack


# the report, forged before honest people sign it


def forge(scene: Scene, change: Change) -> None:
    facts = scene.facts
    change(facts)
    scene.report.write_text(json.dumps(facts, indent=2), "utf-8")


def forged(change: Change) -> Attack:
    def attack(scene: Scene) -> None:
        forge(scene, change)
        scene.signed()

    return attack


def row(report: Json, name: str) -> Json:
    found: Json = next(one for one in report["results"] if one["id"] == name)
    return found


def rejects(scene: Scene, case: Case, *, separately: bool) -> None:
    """The command says why, with its exit code; `separately` also as a process of its own, in words."""
    found = told(scene, *case.options, "--json")
    assert found.exit == case.exit, found.out
    assert case.code in {one["code"] for one in found.json["findings"]}
    assert (found.json["valid"], found.err) == (False, "")
    if separately:
        found = process(scene, *case.options)
        assert (found.exit, found.err) == (case.exit, "")
        assert re.match(r"(NOT READY|UNVERIFIED|WAITING|INVALID|NOT VALID) [A-Z_]+: \S", found.first)
