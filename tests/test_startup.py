"""The command line answers at once: what a command does not use, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"stripe", "httpx", "sqlalchemy", "fastapi", "dns", "pydantic", "re2", "jsonschema", "aiohttp", "rich"}


def imported(*argv: str, cwd: Path) -> set[str]:
    """Top-level names of every module that a fresh interpreter imported for this command line."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "readiness", *argv],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "readiness" in rows, done.stderr
    return {name.partition(".")[0] for name in rows}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_no_heavy_library_at_start(tmp_path: Path, option: str) -> None:
    assert imported(option, cwd=tmp_path) & HEAVY == set()


def test_the_version_needs_no_command_line_library_and_no_yaml(tmp_path: Path) -> None:
    assert imported("--version", cwd=tmp_path) & {"typer", "click", "yaml"} == set()


def test_a_check_loads_no_more_than_its_items_use(tmp_path: Path) -> None:
    (tmp_path / "checklist.yaml").write_text(
        "version: 1\nsections: {a: {title: A, items: {b: {title: B, check: repo.file, with: {path: a.txt}}}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    assert imported("check", cwd=tmp_path) & HEAVY == set()
