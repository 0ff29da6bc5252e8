"""Where Node and the packages are present: the sources give the committed export, byte for byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
PARTS = ("components", "config", "pages", "public", "scripts", "styles", "web")
FILES = (".npmrc", "next.config.mjs", "package.json")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the frontend in another place; the packages are linked file by file, not copied."""
    for part in PARTS:
        shutil.copytree(REFERENCE / part, tmp_path / part)
    for name in FILES:
        shutil.copy2(REFERENCE / name, tmp_path / name)
    shutil.copytree(REFERENCE / "node_modules", tmp_path / "node_modules", copy_function=_link, symlinks=True)
    return tmp_path


def _link(source: str, target: str) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)  # another file system


def check(tree: Path) -> subprocess.CompletedProcess[str]:
    script = tree / "scripts/build_web.sh"
    return subprocess.run(["sh", script, "--check"], capture_output=True, text=True, check=False)


def test_the_sources_give_the_committed_export_and_a_changed_price_does_not(tree: Path) -> None:
    same = check(tree)
    assert same.returncode == 0, same.stdout + same.stderr
    plans = tree / "config/plans.json"
    plans.write_text(plans.read_text(encoding="utf-8").replace("1900", "2900"), encoding="utf-8")
    changed = check(tree)
    assert changed.returncode == 1
    assert "web/pricing.html" in changed.stdout
    assert "build_web.sh" in changed.stderr
