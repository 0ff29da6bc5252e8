"""The benchmarks time work that is really done: every program passes on a sound tree and sees a planted defect."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import bench, tree, web
from benchmarks.measure import Contest, Program, measure, once
from benchmarks.release import Release

pytestmark = pytest.mark.slow

READINESS = (sys.executable, "-m", "readiness", "check", "-c")


def program(*argv: str, cwd: Path) -> Program:
    return Program(name=argv[0], argv=argv, cwd=cwd)


def troubles(contest: Contest) -> dict[str, str | None]:
    return {name: figures.trouble for name, figures in measure(contest, 1).items()}


@pytest.fixture
def forest(tmp_path: Path) -> tree.Tree:
    grown = tree.Tree(folder=tmp_path, files=200)
    grown.grow()
    return grown


def test_a_hundred_questions_are_asked_alike(forest: tree.Tree) -> None:
    if shutil.which("rg") is None:
        pytest.skip("ripgrep is not installed")
    ours = program(*READINESS, str(tree.checklist(forest)), cwd=forest.folder)
    script = program("sh", str(tree.shell_script(forest)), cwd=forest.folder)
    assert set(troubles(Contest(title="", ours=ours, peers=(script,), spoil=forest.spoil)).values()) == {None}


def test_a_thousand_items_are_looked_at(forest: tree.Tree) -> None:
    ours = program(*READINESS, str(tree.thousand(forest)), cwd=forest.folder)
    assert set(troubles(Contest(title="", ours=ours, spoil=forest.spoil)).values()) == {None}


def test_a_hundred_probes_are_sent(tmp_path: Path) -> None:
    with web.running() as server:
        ours = program(*READINESS, str(web.checklist(server, tmp_path)), cwd=tmp_path)
        curl = program("curl", "-sfZ", "--fail-early", "-K", str(web.curl_config(server, tmp_path)), cwd=tmp_path)
        assert set(troubles(Contest(title="", ours=ours, peers=(curl,), spoil=server.spoil)).values()) == {None}


def test_what_was_not_measured_says_why(tmp_path: Path) -> None:
    contest = Contest(
        title="",
        ours=program("true", cwd=tmp_path),
        peers=(program("no-such-program", cwd=tmp_path), program("false", cwd=tmp_path)),
        spoil=lambda: None,
    )
    assert troubles(contest) == {
        "true": "did not see the planted defect",
        "no-such-program": "not installed",
        "false": "ended with 1: ",
    }


@pytest.fixture
def release(tmp_path: Path) -> Release:
    made = Release(folder=tmp_path / "release")
    made.make()
    return made


def test_sign_offs_are_verified_alike(release: Release) -> None:
    contest = bench.verification(release)
    python, by_hand = contest.peers
    assert contest.spoil
    assert python.adds
    assert troubles(contest) == {contest.ours.name: None, python.name: None, by_hand.name: None}


def test_a_changed_report_is_not_signed(release: Release) -> None:
    contest = bench.signature(release)
    assert set(troubles(contest).values()) == {None}
    release.spoil()
    assert once(contest.ours).exit_code
    release.restore()
    assert once(contest.ours).exit_code == 0


@pytest.mark.parametrize("make", [bench.page, bench.paper])
def test_reports_are_made(release: Release, make: Callable[[Release], Contest]) -> None:
    contest = make(release)
    assert troubles(contest)["readiness"] is None
    assert Path(contest.ours.argv[-1]).stat().st_size > 10_000
