"""docs/verify-by-hand.md, run as it stands: a release that was signed holds, and none that was tampered with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import ROOT, environment
from tests.signoff.scene import Scene, address, build, copy_of

PAGE = ROOT / "docs" / "verify-by-hand.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOOLS = {"git", "jq", "base64", "sha256sum", "ssh-keygen"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="it takes git, jq, base64, sha256sum and ssh-keygen"),
]


def script() -> str:
    return "".join(BLOCK.findall(PAGE.read_text("utf-8")))


def by_hand(scene: Scene) -> subprocess.CompletedProcess[str]:
    """The page's blocks in the folder of the report."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script()],
        cwd=scene.report.parent,
        env={**environment(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "TMPDIR": str(scene.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Checked and signed by the commands; made once, nobody changes it."""
    scene = build(tmp_path_factory.mktemp("release"))
    for role, name in (("completer", "alice"), ("approver", "carol")):
        subprocess.run(
            [sys.executable, "-m", "readiness", "sign-off", "--as", role, "--key", str(scene.key(name)), "--yes"],
            cwd=scene.repo,
            env=environment(),
            capture_output=True,
            check=True,
        )
    return scene


def test_a_signed_release(release: Scene) -> None:
    done = by_hand(release)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count('Good "readiness.completer" signature for alice@kamiyo.ai') == 2
    assert done.stdout.count('Good "readiness.approver" signature for carol@kamiyo.ai') == 2
    assert "pending\tlow\trota\t" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("signed off: ")


def test_after_the_commit_and_the_merge(release: Scene, tmp_path: Path) -> None:
    scene = copy_of(release, tmp_path)
    scene.commit("The report", by="carol")
    assert by_hand(scene).returncode == 0
    scene.git("push", "-q", "origin", "change:main")
    assert by_hand(scene).returncode == 0


def test_without_any_revoked_key_and_with_one(release: Scene, tmp_path: Path) -> None:
    scene = copy_of(release, tmp_path)
    scene.on_main({".readiness/revoked_keys": f"# Lost\n{scene.public('dave')}\n"})
    assert by_hand(scene).returncode == 0
    scene.on_main({".readiness/revoked_keys": f"{scene.public('carol')}\n"})
    assert by_hand(scene).returncode != 0


def edit(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def exchanged(scene: Scene) -> None:
    one, other = map(json.loads, scene.bundle.read_bytes().splitlines())
    one["signatures"], other["signatures"] = other["signatures"], one["signatures"]
    scene.bundle.write_text("".join(f"{json.dumps(line)}\n" for line in (one, other)), "utf-8")


def resigned(role: str, signer: str, **more: str) -> Callable[[Scene], None]:
    """The approver's line is another one, signed by a real key."""

    def attack(scene: Scene) -> None:
        reviewed = scene.completed()
        for path in (scene.bundle, scene.ledger):
            path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
        scene.sign(role, signer, **more, **({"reviewed": reviewed} if role == "approver" else {}))

    return attack


def failing(scene: Scene) -> None:
    for path in (scene.bundle, scene.ledger):
        path.unlink()
    facts = json.loads(scene.report.read_bytes())
    facts["results"][0]["state"] = "fail"
    scene.report.write_text(json.dumps(facts), "utf-8")
    scene.signed()


def other_source(scene: Scene) -> None:
    scene.write("src/app.py", "print('worse shop')\n")
    scene.commit("Worse", by="dev")


def expired(scene: Scene) -> None:
    scene.on_main({".readiness/allowed_signers": scene.signers({"carol": ',valid-before="20260101Z"'})})


def twins(scene: Scene) -> None:
    line = f'{address("twin")} namespaces="readiness.approver" {scene.public("alice")}\n'
    scene.on_main({".readiness/allowed_signers": scene.signers() + line})
    resigned("approver", "twin", key="alice")(scene)


def cut(scene: Scene) -> None:
    scene.ledger.write_bytes(scene.ledger.read_bytes().splitlines(keepends=True)[0])


def cut_below_main(scene: Scene) -> None:
    kept = scene.ledger.read_bytes(), scene.bundle.read_bytes()
    scene.sign("approver", "dave", decision="reject")
    scene.commit("Rejected", by="alice")
    scene.git("push", "-q", "origin", "change:main")
    scene.ledger.write_bytes(kept[0])
    scene.bundle.write_bytes(kept[1])


def one_line(scene: Scene) -> None:
    for path in (scene.bundle, scene.ledger):
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def less(scene: Scene) -> None:
    scene.bundle.write_bytes(scene.bundle.read_bytes().splitlines(keepends=True)[0])


ATTACKS: dict[str, Callable[[Scene], None]] = {
    "report edited": lambda scene: edit(scene.report, b"A readme", b"A Readme"),
    "report with a space": lambda scene: edit(scene.report, b"\n", b" \n"),
    "signatures exchanged": exchanged,
    "wrong namespace": resigned("approver", "carol", namespace="git"),
    "namespace of the other role": resigned("approver", "carol", namespace="readiness.completer"),
    "unknown signer": resigned("approver", "mallory"),
    "another's key": resigned("approver", "carol", key="dave"),
    "completer as approver": resigned("approver", "alice"),
    "author as approver": resigned("approver", "dev"),
    "two completers": resigned("completer", "bob"),
    "rejected": resigned("approver", "carol", decision="reject"),
    "one key with two names": twins,
    "expired key": expired,
    "signed and failing": failing,
    "approver removed": one_line,
    "source changed": other_source,
    "ledger edited": lambda scene: edit(scene.ledger, b"alice@", b"bob@"),
    "ledger cut": cut,
    "ledger cut below the protected branch's": cut_below_main,
    "bundle with a line less": less,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_tampered(release: Scene, tmp_path: Path, name: str) -> None:
    scene = copy_of(release, tmp_path)
    ATTACKS[name](scene)
    done = by_hand(scene)
    assert done.returncode != 0, done.stdout
    assert "signed off" not in done.stdout
    assert "syntax error" not in done.stderr


def test_it_uses_what_it_says() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{tool}`" in text for tool in TOOLS)
    assert "readiness " not in re.sub(r"#.*", "", script()).replace('"readiness.$role"', "")
