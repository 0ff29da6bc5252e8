"""Where trust comes from: git's objects of the protected branch, whatever the working tree says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from readiness.errors import ConfigError, UsageError
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.repository import MAX_BYTES, Repository
from readiness.signoff.trust import Trust, from_file, from_repository
from tests.signoff.scene import Scene, address


@contextmanager
def opened(scene: Scene) -> Iterator[Repository]:
    with Repository(scene.repo) as repository:
        yield repository


def trust(scene: Scene, ref: str | None = None) -> Trust:
    with opened(scene) as repository:
        return from_repository(repository, ref)


def refused(scene: Scene, ref: str | None = None) -> str:
    with pytest.raises(SignOffError) as error:
        trust(scene, ref)
    assert error.value.code is Code.TRUST
    return error.value.message


def test_the_working_tree_says_nothing(scene: Scene) -> None:
    before = trust(scene)
    (scene.repo / ".readiness" / "allowed_signers").unlink()
    scene.write(".readiness/policy.yaml", "this: is: no: policy")
    scene.write(".readiness/revoked_keys", scene.public("carol"))
    assert trust(scene) == before
    assert before.where == f"origin/HEAD at {scene.git('rev-parse', 'origin/main')[:12]}"
    assert {entry.principal for entry in before.signers.entries} >= {address("alice"), address("carol")}


@pytest.mark.parametrize("branch", ["main", "master"])
def test_a_clone_that_does_not_know_the_head_of_its_remote(scene: Scene, branch: str) -> None:
    scene.git("remote", "set-head", "origin", "-d")
    scene.git("update-ref", f"refs/remotes/origin/{branch}", "origin/main")
    if branch == "master":
        scene.git("update-ref", "-d", "refs/remotes/origin/main")
    assert trust(scene).where.startswith(f"origin/{branch} at ")


def test_no_protected_branch(scene: Scene) -> None:
    scene.git("remote", "remove", "origin")
    assert "no protected branch" in refused(scene)
    assert "nothing-of-this-name" in refused(scene, "nothing-of-this-name")
    assert trust(scene, "main").commit == scene.git("rev-parse", "main")


@pytest.mark.parametrize("ref", ["--output=x", "-h", "main\nHEAD:x", "main:README.md", "", "a" * 5000, "HEAD^{tree}"])
def test_a_name_that_is_no_branch(scene: Scene, ref: str) -> None:
    if ref:
        refused(scene, ref)
    else:
        assert trust(scene, ref).where.startswith("origin/HEAD")


def test_no_signers_on_the_branch(scene: Scene) -> None:
    scene.git("checkout", "-q", "main")
    scene.git("rm", "-q", ".readiness/allowed_signers")
    scene.commit("Nobody")
    assert "allowed_signers" in refused(scene, "main")


def test_a_faulty_policy_is_told_with_its_line(scene: Scene) -> None:
    scene.on_main({".readiness/policy.yaml": "production:\n  requires: {}\n"})
    with pytest.raises(ConfigError) as error:
        trust(scene)
    (problem,) = error.value.problems
    assert str(problem.place) == "origin/HEAD:.readiness/policy.yaml:2:3"
    assert problem.hint == "did you mean `require`?"


def test_revocations_that_cannot_be_read_stop_everything(scene: Scene) -> None:
    scene.on_main({".readiness/revoked_keys": b"SSHKRL\n\0"})
    assert "KRL" in refused(scene)


def test_the_environment_does_not_point_git_elsewhere(scene: Scene, tmp_path: Path) -> None:
    """What a hook or a wrapper set for another repository does not reach this one."""
    other = tmp_path / "other"
    scene.git("clone", "-q", "--bare", str(scene.path / "origin.git"), str(other))
    os.environ["GIT_DIR"] = str(other)
    try:
        assert trust(scene).where.startswith("origin/HEAD at ")
    finally:
        del os.environ["GIT_DIR"]


def test_replaced_objects_are_not_followed(scene: Scene) -> None:
    scene.write(".readiness/allowed_signers", f'{address("mallory")} namespaces="git" {scene.public("mallory")}\n')
    evil = scene.commit("Evil", by="dev")
    before = trust(scene)
    scene.git("replace", "origin/main", evil)
    assert trust(scene) == before


def test_an_object_beyond_the_bound(scene: Scene) -> None:
    scene.on_main({".readiness/allowed_signers": b"#" * (MAX_BYTES + 1)})
    with pytest.raises(SignOffError, match="at most"):
        trust(scene)


def test_no_repository(tmp_path: Path) -> None:
    with Repository(tmp_path) as repository:
        assert repository.commit("HEAD") is None
        assert repository.read("HEAD:x") is None


def test_a_file_with_what_lies_beside_it(scene: Scene) -> None:
    home = scene.path / "trust"
    home.mkdir()
    signers = home / "allowed_signers"
    signers.write_text(scene.signers(), "utf-8")
    assert from_file(signers).policies.sha256 is None
    (home / "policy.yaml").write_text("production: {max_age: 1d}\n", "utf-8")
    (home / "revoked_keys").write_text(scene.public("carol") + "\n", "utf-8")
    found = from_file(signers)
    assert found.policies.of("production", "release").max_age.days == 1
    assert len(found.revoked.fingerprints) == 1
    assert found.commit is None
    with pytest.raises(UsageError, match="there is no file"):
        from_file(home / "none")
    with pytest.raises(UsageError, match="cannot read"):
        from_file(home)
