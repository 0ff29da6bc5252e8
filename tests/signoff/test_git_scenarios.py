"""Releases as git makes them: squashed, cloned, detached, in worktrees, in folders of a bigger repository."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import environment
from tests.signoff.attacks import check
from tests.signoff.scene import Scene, address, copy_of

pytestmark = pytest.mark.slow

TREE = "production: {match: tree}\n"


def verify(place: Path, report: Path, *options: str) -> tuple[int, str]:
    """Exit code and first line of ``readiness verify`` in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "verify", str(report), *options],
        cwd=place,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.partition("\n")[0]


@pytest.fixture
def pushed(signed: Scene, tmp_path: Path) -> Scene:
    """The report is committed on its branch, which is pushed."""
    scene = copy_of(signed, tmp_path / "release")
    scene.commit("The report", by="alice")
    scene.git("push", "-q", "origin", "change")
    return scene


@pytest.fixture
def clone(pushed: Scene, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Clone with these options, and verify there."""

    def verified(*options: str, settings: tuple[str, ...] = ()) -> tuple[int, str]:
        place = tmp_path / "clone"
        pushed.git(*settings, "clone", "-q", *options, f"file://{pushed.path / 'origin.git'}", str(place))
        return verify(place, pushed.report.relative_to(pushed.repo))

    return verified


def test_a_commit_of_the_report_alone(pushed: Scene) -> None:
    assert verify(pushed.repo, pushed.report)[0] == 0


def test_a_change_of_the_source(pushed: Scene) -> None:
    pushed.write("src/app.py", "print('worse shop')\n")
    pushed.commit("Worse", by="dev")
    code, first = verify(pushed.repo, pushed.report)
    assert (code, first.split(":")[0]) == (6, "NOT VALID WRONG_TARGET")
    assert "src/app.py" in first
    pushed.git("revert", "--no-edit", "HEAD", by="dev")
    assert verify(pushed.repo, pushed.report)[0] == 0


def test_a_change_of_what_lies_in_reports(pushed: Scene) -> None:
    pushed.write("reports/README.md", "What was released\n")
    pushed.commit("Readme", by="carol")
    assert verify(pushed.repo, pushed.report)[0] == 0


@pytest.mark.parametrize(("policy", "expected"), [(TREE, 0), ("production: {match: commit}\n", 6)])
def test_a_squash_merge(scene: Scene, policy: str, expected: int) -> None:
    squashed(scene, policy, approver="carol")
    assert verify(scene.repo, scene.report)[0] == expected


def squashed(scene: Scene, policy: str, *, approver: str) -> None:
    """The branch becomes one commit of main, by its author, and is pushed."""
    scene.on_main({".readiness/policy.yaml": policy})
    scene.git("rebase", "-q", "main", by="dev")
    check(scene)
    scene.sign("completer", "alice")
    scene.sign("approver", approver)
    scene.commit("The report", by="alice")
    scene.git("checkout", "-q", "main")
    scene.git("merge", "-q", "--squash", "change")
    scene.git("commit", "-q", "-m", "A better shop (#1)", by="dev")
    scene.git("push", "-q", "origin", "main")


def test_a_squash_merge_in_another_clone(scene: Scene, tmp_path: Path) -> None:
    """The commit of the report is gone with its branch; its files and its authors are in main."""
    squashed(scene, TREE, approver="carol")
    scene.write("reports/notes.md", "by the approver\n")
    scene.commit("Notes", by="carol")
    scene.git("push", "-q", "origin", "main")
    place = single(scene, tmp_path)
    assert verify(place, scene.report.relative_to(scene.repo))[0] == 0


def test_the_author_of_a_squash_merge_does_not_approve_it(scene: Scene, tmp_path: Path) -> None:
    squashed(scene, TREE, approver="dev")
    code, first = verify(single(scene, tmp_path), scene.report.relative_to(scene.repo))
    assert (code, first.split(":")[0]) == (5, "INVALID TWO_PERSON")


def test_items_are_not_dropped_by_way_of_a_squash_merge(scene: Scene, tmp_path: Path) -> None:
    """A commit that nobody has does not keep its checklist from being read: the files are those of main."""
    squashed(scene, TREE, approver="carol")
    raw = scene.report.read_text("utf-8").replace('"app.there"', '"app.theirs"')
    scene.report.write_text(raw, "utf-8")
    for path in (scene.bundle, scene.ledger):
        path.unlink()
    scene.signed()
    scene.commit("Signed", by="alice")
    scene.git("push", "-q", "origin", "main")
    code, first = verify(single(scene, tmp_path), scene.report.relative_to(scene.repo))
    assert (code, first.split(":")[0]) == (5, "INVALID ITEMS")


def single(scene: Scene, tmp_path: Path) -> Path:
    place = tmp_path / "clone"
    origin = f"file://{scene.path / 'origin.git'}"
    scene.git("clone", "-q", "--single-branch", "-b", "main", origin, str(place))
    return place


def test_a_pull_request_with_its_own_approver(scene: Scene) -> None:
    line = f'{address("mallory")} namespaces="readiness.approver" {scene.public("mallory")}\n'
    scene.write(".readiness/allowed_signers", scene.signers() + line)
    scene.commit("Me too", by="dev")
    check(scene)
    scene.sign("completer", "alice")
    scene.sign("approver", "mallory")
    scene.commit("Signed", by="alice")
    assert verify(scene.repo, scene.report)[0] == 5


def test_a_clone_that_changes_line_ends(clone: Callable[..., tuple[int, str]]) -> None:
    assert clone("-b", "change", "-c", "core.autocrlf=true", settings=("-c", "core.autocrlf=true"))[0] == 0


def test_a_clone_of_the_last_commit_alone(clone: Callable[..., tuple[int, str]]) -> None:
    assert clone("-b", "change", "--depth", "1", "--no-single-branch")[0] == 6


def test_a_clone_that_does_not_know_the_authors(clone: Callable[..., tuple[int, str]]) -> None:
    code, first = clone("-b", "change", "--depth", "2", "--no-single-branch")
    assert (code, "shallow" in first) == (3, True)


def test_a_clone_with_enough_history(clone: Callable[..., tuple[int, str]]) -> None:
    assert clone("-b", "change", "--depth", "9", "--no-single-branch")[0] == 0


def test_a_clone_without_the_protected_branch(clone: Callable[..., tuple[int, str]]) -> None:
    assert clone("-b", "change", "--single-branch")[0] == 3


def test_a_detached_head(pushed: Scene) -> None:
    pushed.git("checkout", "-q", "--detach", "change")
    assert verify(pushed.repo, pushed.report)[0] == 0
    report = pushed.report.relative_to(pushed.repo)
    kept = pushed.path / "kept"
    shutil.copytree(pushed.report.parent, kept)
    pushed.git("checkout", "-q", "--detach", "main")
    assert not (pushed.repo / report).exists()
    assert verify(pushed.repo, kept / "report.json", "--commit", "change")[0] == 3


def test_a_worktree(pushed: Scene, tmp_path: Path) -> None:
    place = tmp_path / "tree"
    pushed.git("worktree", "add", "-q", "--detach", str(place), "change")
    assert verify(place, pushed.report.relative_to(pushed.repo))[0] == 0
    assert verify(tmp_path, place / pushed.report.relative_to(pushed.repo))[0] == 0


@pytest.mark.parametrize("beside", [True, False], ids=["reports beside it", "reports at the top"])
def test_a_service_in_a_folder(scene: Scene, tmp_path: Path, beside: bool) -> None:
    """Several services in one repository, each with its checklist; a report of one is committed and still holds."""
    for name in ("checklist.yaml", "README.md", "LICENSE", "src/app.py"):
        scene.write(f"services/shop/{name}", (scene.repo / name).read_bytes())
    shutil.rmtree(scene.repo / "reports")
    scene.git("rm", "-rq", "checklist.yaml", "src", "reports")
    scene.commit("Services", by="dev")
    service = scene.repo / "services" / "shop"
    run = subprocess.run(
        [sys.executable, "-m", "readiness", "check", "--env", "production"]
        + ([] if beside else ["-c", "services/shop/checklist.yaml"]),
        cwd=service if beside else scene.repo,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    folder = Folder(scene.path, home=service if beside else scene.repo)
    folder.signed()
    assert verify(folder.home, folder.report)[0] == 0
    folder.commit("The report", by="carol")
    assert verify(tmp_path, folder.report)[0] == 0
    again = subprocess.run(
        [sys.executable, "-m", "readiness", "sign-off", "--as", "approver", "--key", str(scene.key("dave")), "--yes"],
        cwd=folder.home,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    folder.commit("Signed again", by="dave")
    assert verify(folder.home, folder.report)[0] == 0
    (service / "src" / "app.py").write_text("print('worse')\n", "utf-8")
    folder.commit("Worse", by="dev")
    assert verify(folder.home, folder.report)[0] == 6


class Folder(Scene):
    """A scene whose reports lie in a folder of the repository."""

    def __init__(self, path: Path, *, home: Path) -> None:
        super().__init__(path)
        self.home = home

    @property
    def report(self) -> Path:
        (found,) = self.home.glob("reports/*/*/report.json")
        return found

    @property
    def ledger(self) -> Path:
        return self.home / "reports" / "ledger.jsonl"


def test_a_bundle_that_left_its_repository(signed: Scene, tmp_path: Path) -> None:
    away = tmp_path / "evidence"
    shutil.copytree(signed.report.parent, away)
    signers = str(signed.repo / ".readiness" / "allowed_signers")
    code, first = verify(tmp_path, away)
    assert (code, first.split(":")[0]) == (3, "UNVERIFIED TRUST")
    with contextlib.chdir(tmp_path):
        assert verify(tmp_path, Path("evidence/report.json"), "--allowed-signers", signers)[0] == 0
    checklist = str(signed.repo / "checklist.yaml")
    assert verify(tmp_path, away, "--allowed-signers", signers, "--checklist", checklist)[0] == 0
