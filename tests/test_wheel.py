"""What users install: the wheel and the source distribution, built from the tracked files, used from elsewhere."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = "readiness/_bundled"
PACKAGED = {"checks": f"{BUNDLED}/checks", "reference": f"{BUNDLED}/reference", "readiness": "readiness"}
"""Folder of the tree -> folder of the wheel."""
PLANTED = ("reference/.env", "reference/.env.local", "checks/.env", "readiness/.env", "reference/node_modules/a/b.js")
PRIVATE = re.compile(r"(^|/)(\.env(\.(?!example)[^/]*)?|node_modules|__pycache__)(/|$)")


def run(*argv: str | Path, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a program as a user's shell would: without anything that points into this checkout, and not measured."""
    ours = ("PYTHONPATH", "VIRTUAL_ENV", "COVERAGE")
    env = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run([*map(str, argv)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{argv} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def tracked() -> list[str]:
    """Every file that git knows and that is there; the safe.directory is for a clone owned by somebody else."""
    listing = run("git", "-c", "safe.directory=*", "ls-files", "-z", cwd=ROOT).stdout
    return sorted(name for name in listing.split("\0") if name and ROOT.joinpath(name).is_file())


@dataclass(frozen=True, kw_only=True)
class Dist:
    """A build: the two archives, and the key that must be in neither."""

    tree: Path
    wheel: Path
    sdist: Path
    key: str


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """Both archives, each built straight from a copy of the tracked files with private files planted in it."""
    tree = tmp_path_factory.mktemp("build") / "tree"
    for name in tracked():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    key = "sk_" + "live_" + secrets.token_hex(24)
    for name in PLANTED:
        tree.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        tree.joinpath(name).write_text(f"STRIPE_SECRET_KEY={key}\n", encoding="utf-8")
    out = tree.with_name("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", out, tree, cwd=tree.parent)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return Dist(tree=tree, wheel=wheel, sdist=sdist, key=key)


def wheel_files(path: Path) -> dict[str, bytes]:
    """Name -> content of every file of a wheel, without its metadata."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        return {name: archive.read(name) for name in names}


def sdist_files(path: Path) -> dict[str, bytes]:
    """Name -> content of every file of a source distribution, without its top folder."""
    with tarfile.open(path) as archive:
        members = [(member.name.partition("/")[2], archive.extractfile(member)) for member in archive.getmembers()]
        return {name: content.read() for name, content in members if content is not None}


def test_the_wheel_holds_the_tracked_files_and_nothing_else(dist: Dist) -> None:
    expected = {f"{BUNDLED}/checklist.yaml"}
    for name in tracked():
        folder, _, rest = name.partition("/")
        expected |= {f"{PACKAGED[folder]}/{rest}"} if folder in PACKAGED else set()
    assert set(wheel_files(dist.wheel)) == expected


def test_a_git_ignored_key_gets_into_neither_archive(dist: Dist) -> None:
    for files in (wheel_files(dist.wheel), sdist_files(dist.sdist)):
        assert [name for name in files if PRIVATE.search(name)] == []
        assert [name for name, content in files.items() if dist.key.encode() in content] == []


def test_the_sdist_holds_what_is_needed_to_verify_it(dist: Dist) -> None:
    files = set(sdist_files(dist.sdist))
    assert {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "Makefile",
        "tests/test_wheel.py",
        "requirements/dev.txt",
    } <= files


def test_a_wheel_made_from_the_sdist_is_the_same(dist: Dist, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name, content in sdist_files(dist.sdist).items():
        source.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        source.joinpath(name).write_bytes(content)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path / "dist", source, cwd=tmp_path)
    (wheel,) = tmp_path.joinpath("dist").glob("*.whl")
    assert wheel_files(wheel) == wheel_files(dist.wheel)


def test_the_metadata_names_the_licence_and_the_extras(dist: Dist) -> None:
    with zipfile.ZipFile(dist.wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in archive.namelist())
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Provides-Extra: reference\n" in metadata


# --- installed ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def constraints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked versions without their hashes, which pip refuses beside a wheel of one's own."""
    lines = ROOT.joinpath("requirements", "dev.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if "==" in line]
    path = tmp_path_factory.mktemp("constraints") / "constraints.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


def install(folder: Path, requirement: str, constraints: Path) -> Path:
    """A fresh environment with one requirement in it; answers its folder of programs."""
    venv.create(folder)
    pip = (sys.executable, "-m", "pip", "--python", folder, "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--constraint", constraints, requirement, cwd=folder)
    return folder / "bin"


@pytest.fixture(scope="module")
def base(dist: Dist, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("base"), str(dist.wheel), constraints)


@pytest.fixture(scope="module")
def full(dist: Dist, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("full"), f"{dist.wheel}[reference]", constraints)


def test_the_version_is_the_one_of_the_archive(base: Path, dist: Dist, tmp_path: Path) -> None:
    version = dist.wheel.name.split("-")[1]
    assert run(base / "readiness", "--version", cwd=tmp_path).stdout.split()[-1] == version
    assert run(base / "python", "-m", "readiness", "--version", cwd=tmp_path).stdout.split()[-1] == version


def test_every_check_kind_is_there(base: Path, tmp_path: Path) -> None:
    done = run(base / "readiness", "list", "--checks", cwd=tmp_path)
    files = {path.stem for path in ROOT.joinpath("checks").glob("[a-z]*.py")}
    assert {line.split()[0].replace(".", "_") for line in done.stdout.splitlines() if line[:1].strip()} == files


def test_a_first_checklist_runs_at_once(base: Path, tmp_path: Path) -> None:
    run(base / "readiness", "init", cwd=tmp_path)
    assert "repo.no-secrets" in run(base / "readiness", "list", cwd=tmp_path).stdout
    run(base / "readiness", "check", cwd=tmp_path)


def test_without_a_checklist_the_cure_is_named(base: Path, tmp_path: Path) -> None:
    done = run(base / "readiness", "check", cwd=tmp_path, code=2)
    assert "readiness init" in done.stdout + done.stderr


def test_the_demo_without_its_extra_says_what_to_install(base: Path, tmp_path: Path) -> None:
    done = subprocess.run([base / "readiness", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "readiness[reference]" in done.stdout + done.stderr


def test_the_demo_runs_from_anywhere(full: Path, tmp_path: Path) -> None:
    run(full / "readiness", "demo", cwd=tmp_path)
