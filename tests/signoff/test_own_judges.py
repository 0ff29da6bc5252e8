"""A change that brings its own judges, signers or policy, is judged by those of the protected branch."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.signoff.attacks import Case, check, rejects, told
from tests.signoff.scene import PEOPLE, Scene, address

OWN = "mallory", "mallet"
"""Keys of one attacker, with two names."""


def own_signers(scene: Scene) -> str:
    """Everybody, and two names of the attacker."""
    both = ",".join(dict.fromkeys(",".join(PEOPLE.values()).split(",")))
    return scene.signers() + "".join(f'{address(name)} namespaces="{both}" {scene.public(name)}\n' for name in OWN)


def own_sign_offs(scene: Scene) -> None:
    scene.sign("completer", OWN[0])
    scene.sign("approver", OWN[1])


def in_the_tree(scene: Scene) -> None:
    own_sign_offs(scene)
    scene.write(".readiness/allowed_signers", own_signers(scene))


def on_the_branch(scene: Scene) -> None:
    scene.write(".readiness/allowed_signers", own_signers(scene))
    scene.commit("Me too", by="dev")
    check(scene)
    own_sign_offs(scene)


def as_a_tag(scene: Scene) -> None:
    on_the_branch(scene)
    for name in ("origin/HEAD", "origin/main", "refs/remotes/origin/HEAD"):
        scene.git("tag", name)


def as_a_bare_repository(scene: Scene) -> None:
    """Files that git takes for a repository lie beside the report, where they may be committed."""
    evil = own_repository(scene)
    scene.git("update-ref", "refs/remotes/origin/HEAD", "refs/heads/main", cwd=evil)
    own_sign_offs(scene)
    for name in ("HEAD", "objects", "refs", "packed-refs"):
        source, target = evil / ".git" / name, scene.report.parent / name
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)
    (scene.report.parent / "config").write_text("[core]\n\tbare = true\n\tfsmonitor = touch ran\n", "utf-8")


def own_repository(scene: Scene) -> Path:
    """A clone with the same change, whose `main` lists the attacker."""
    evil = scene.path / "evil"
    scene.git("clone", "-q", "--no-local", str(scene.repo), str(evil))
    scene.git("checkout", "-q", "-b", "main", "origin/main", cwd=evil)
    (evil / ".readiness" / "allowed_signers").write_text(own_signers(scene), "utf-8")
    scene.git("commit", "-q", "-a", "-m", "Mine", cwd=evil)
    scene.git("checkout", "-q", "change", cwd=evil)
    return evil


def as_a_submodule(scene: Scene) -> None:
    """The folder of reports is a link into a submodule, which has branches of its own."""
    evil = own_repository(scene)
    own_sign_offs(scene)
    shutil.copytree(scene.repo / "reports", evil / "reports", dirs_exist_ok=True)
    shutil.rmtree(scene.repo / "reports")
    scene.git("add", "-A", cwd=evil)
    scene.git("commit", "-q", "-m", "Reports", cwd=evil)
    scene.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "-b", "change", str(evil), "vendor")
    scene.git("remote", "set-head", "origin", "main", cwd=scene.repo / "vendor")
    (scene.repo / "reports").symlink_to("vendor/reports")


def no_approver_in_the_tree(scene: Scene) -> None:
    scene.write(".readiness/policy.yaml", "production: {require: {approver: 0}}\n")
    scene.sign("completer", "alice")


def no_approver_on_the_branch(scene: Scene) -> None:
    scene.write(".readiness/policy.yaml", "production: {require: {approver: 0}}\n")
    scene.commit("Quicker", by="dev")
    check(scene)
    scene.sign("completer", "alice")


JUDGES = [
    Case("own approver in the working tree", in_the_tree, 5, "UNKNOWN_KEY"),
    Case("own approver on the branch", on_the_branch, 5, "UNKNOWN_KEY"),
    Case("own approver on the branch of a tag's name", as_a_tag, 5, "UNKNOWN_KEY"),
    Case("own approver in a bare repository", as_a_bare_repository, 5, "UNKNOWN_KEY"),
    Case("own approver in a submodule", as_a_submodule, 3, "TRUST"),
    Case("policy weakened in the working tree", no_approver_in_the_tree, 4, "THRESHOLD"),
    Case("policy weakened on the branch", no_approver_on_the_branch, 4, "THRESHOLD"),
]


@pytest.mark.parametrize("case", JUDGES, ids=str)
def test_judges(scene: Scene, case: Case) -> None:
    case.attack(scene)
    rejects(scene, case, separately=True)
    assert not list(scene.repo.rglob("ran"))


def test_who_stands_in_a_submodule_means_its_own_branches(scene: Scene) -> None:
    as_a_submodule(scene)
    inside = Scene(scene.path / "inside")
    inside.path.mkdir()
    (inside.path / "work").symlink_to(scene.repo / "vendor")
    assert told(inside).exit == 0
