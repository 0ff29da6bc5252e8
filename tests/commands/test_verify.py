"""``readiness verify``: what it prints, its exit codes, and that it starts at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from readiness.main import main
from tests.engine import Done, environment
from tests.signoff.scene import Scene, build, copy_of


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Made once; nobody changes it."""
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture
def scene(template: Scene, tmp_path: Path) -> Scene:
    return copy_of(template, tmp_path)


def run(scene: Scene, *arguments: str, options: tuple[str, ...] = ()) -> Done:
    """The command as a process of its own, in the repository."""
    done = subprocess.run(
        [sys.executable, *options, "-m", "readiness", "verify", *arguments],
        cwd=scene.repo,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def test_valid(scene: Scene) -> None:
    done = run(scene.signed(), str(scene.report))
    assert (done.code, done.err) == (0, "")
    first, completer, approver, signers = done.out.splitlines()
    assert first.startswith(f"VALID: production at {scene.facts['commit'][:12]} is ready and signed off, until ")
    assert "completer Alice <alice@kamiyo.ai> approved" in completer
    assert completer.endswith(": verified")
    assert "approver Carol" in approver
    assert "SHA256:" in approver
    assert signers.startswith("  signers from origin/HEAD at ")


def test_the_newest_report_is_the_default(scene: Scene) -> None:
    done = run(scene)
    assert done.code == 4
    assert done.out.startswith("WAITING THRESHOLD: 0 of 1 completer signed\n")
    assert "also THRESHOLD: 0 of 1 approver signed" in done.out
    assert done.out.splitlines()[-1].startswith("fix: ")
    nothing = run(scene, "--env", "staging")
    assert (nothing.code, nothing.out) == (2, "")
    assert "there is no report below reports/staging" in nothing.err


def test_tampered(scene: Scene) -> None:
    scene.signed()
    scene.report.write_bytes(scene.report.read_bytes() + b"\n")
    done = run(scene, str(scene.report))
    assert done.code == 5
    assert done.out.startswith("INVALID REPORT_DIGEST: ")
    assert "fix: restore report.json" in done.out


def test_json_for_programs(scene: Scene) -> None:
    scene.sign("completer", "alice", comment="\x1b[31mred \u202e")
    scene.sign("approver", "dev")
    done = run(scene, "--json")
    found = json.loads(done.out)
    assert done.code == 5
    assert done.out.isascii()
    assert (found["schema"], found["valid"], found["exit_code"]) == ("readiness/verification/v1", False, 5)
    assert [one["code"] for one in found["findings"]] == ["TWO_PERSON", "THRESHOLD"]
    assert [one["exit_code"] for one in found["findings"]] == [5, 4]
    assert [one["valid"] for one in found["sign_offs"]] == [True, False]
    assert found["sign_offs"][1]["finding"]["code"] == "TWO_PERSON"
    assert datetime.fromisoformat(found["sign_offs"][0]["signed_on"]).tzinfo
    assert found["required"] == {"completer": 1, "approver": 1}


def test_strangers_cannot_paint_the_terminal(scene: Scene) -> None:
    scene.sign("approver", "carol", decision="reject", comment="\x1b[2Jgone\n::error::x")
    done = run(scene)
    assert done.code == 1
    assert done.out.startswith("NOT READY REJECTED: carol@kamiyo.ai rejected the release as approver: ")
    assert "\x1b" not in done.out
    assert "\n::error" not in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["README.md"],
        ["--bogus"],
        ["--env"],
        ["--at", "yesterday"],
        ["--at", "2026-11-23T10:00:00"],
        ["a", "b"],
        ["--allowed-signers", "nowhere"],
        ["--checklist", "nowhere"],
        ["x" * 5000],
    ],
)
def test_mistakes_are_told(scene: Scene, arguments: list[str]) -> None:
    done = run(scene, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")


def test_a_faulty_policy_is_told_with_its_line(scene: Scene) -> None:
    scene.on_main({".readiness/policy.yaml": "production: {max_age: 3}\n"})
    done = run(scene)
    assert done.code == 2
    assert "policy.yaml:1:" in done.err


def test_as_of_a_time(scene: Scene) -> None:
    scene.signed()
    done = run(scene, "--at", "2126-01-01T00:00:00Z")
    assert done.code == 6
    assert done.out.startswith("NOT VALID STALE: ")


def test_the_help_is_the_same_by_both_ways(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--help"]) == 0
    shown = capsys.readouterr().out
    assert run(scene, "--help").out == shown
    assert run(scene, "-h").out == shown
    assert shown.startswith("usage: readiness verify ")


def test_within_the_other_command_line(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.signed()
    assert main(["verify", str(scene.report), "--env", "production"]) == 0
    assert capsys.readouterr().out.startswith("VALID: ")
    assert main(["verify", str(scene.report), "--env=staging"]) == 6
    assert main(["verify", "--bogus"]) == 2


def test_it_imports_no_heavy_library(scene: Scene) -> None:
    done = run(scene.signed(), options=("-X", "importtime"))
    names = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "readiness.signoff.verify" in names
    heavy = {"typer", "click", "pydantic", "pydantic_core", "rich", "asyncio", "httpx", "tempfile", "shutil", "difflib"}
    assert names & heavy == set()


def test_without_git(scene: Scene, tmp_path: Path) -> None:
    """A machine without git cannot know whom to trust, and says so."""
    scene.signed()
    empty = tmp_path / "bin"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "verify", str(scene.report)],
        env={**environment(), "PATH": str(empty)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout.startswith("UNVERIFIED TRUST: ")


def test_a_reader_who_went_away_changes_nothing(scene: Scene) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "verify", str(scene.signed().report)],
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
