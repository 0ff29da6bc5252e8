"""Which key is taken, in which order, and what is said of those that are not."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.signoff.choice import NoKeyError, choose
from readiness.signoff.keys import Candidate, Machine, Passed, is_private, read_public_key
from readiness.signoff.model import Role
from tests.signoff.sshbox import NOW, Box, authority, line


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def found(machine: Machine) -> list[str]:
    return [
        candidate.origin if isinstance(candidate, Candidate) else f"{candidate.origin}: {candidate.why}"
        for candidate in machine.candidates()
    ]


def named(box: Box, file: Path) -> Candidate:
    candidate = box.machine.named(file)
    assert isinstance(candidate, Candidate), candidate
    return candidate


def refused(box: Box, file: Path) -> str:
    candidate = box.machine.named(file)
    assert isinstance(candidate, Passed)
    return candidate.why


def test_nothing_is_there(box: Box) -> None:
    assert found(box.machine) == []
    with pytest.raises(NoKeyError, match="no key here may sign as completer"):
        choose(box.machine.candidates(), authority(), Role.COMPLETER)


def test_git_first_then_the_agent_then_home(box: Box) -> None:
    home, agent, git = box.key("id_rsa", "", "ecdsa"), box.key("inside"), box.key("signing")
    (box.ssh / "inside.pub").unlink()
    box.git(gpg_format="ssh", user_signingkey=str(git))
    with box.agent(agent) as env:
        assert found(replace_env(box, env)) == [f"git's user.signingkey {git}", "the agent", "~/.ssh/id_rsa.pub"]
    assert home.exists()


def replace_env(box: Box, env: dict[str, str]) -> Machine:
    return Machine(env, box.home)


@pytest.mark.parametrize("form", ["{path}", "{path}.pub", "~/.ssh/id_ed25519", "key::{key}", "{key}"])
def test_every_form_of_gits_setting_leads_to_the_private_part(box: Box, form: str) -> None:
    path = box.key()
    box.git(gpg_format="ssh", user_signingkey=form.format(path=path, key=box.public().line))
    candidate = next(iter(box.machine.candidates()))
    assert isinstance(candidate, Candidate)
    assert candidate.origin.startswith("git's user.signingkey")
    assert candidate.key == box.public()
    assert candidate.file == path


def test_a_gpg_key_of_git_is_passed_over(box: Box) -> None:
    box.git(user_signingkey="0A1B2C3D4E5F")
    assert found(box.machine) == ["git's user.signingkey: git's gpg.format is not ssh"]


def test_gits_key_file_that_is_gone(box: Box) -> None:
    box.git(gpg_format="ssh", user_signingkey="~/.ssh/gone.pub")
    assert found(box.machine) == ["git's user.signingkey ~/.ssh/gone.pub: cannot be read: No such file or directory"]


def test_a_public_key_needs_its_private_part_somewhere(box: Box) -> None:
    path = box.key("lone")
    path.rename(box.home / "elsewhere")
    assert "private part is neither beside it nor in an agent" in found(box.machine)[0]
    with box.agent(box.home / "elsewhere") as env:
        (candidate,) = replace_env(box, env).candidates()
        assert isinstance(candidate, Candidate)
        assert candidate.origin == "the agent"
        assert candidate.file is None


def test_an_agent_that_is_gone_or_empty_is_told(box: Box) -> None:
    gone = {**box.env, "SSH_AUTH_SOCK": str(box.home / "gone.sock")}
    assert found(replace_env(box, gone))[0].startswith("the agent: does not answer, or has no keys")
    with box.agent() as env:
        assert found(replace_env(box, env))[0].startswith("the agent: does not answer, or has no keys")


def test_key_names_a_private_key_with_or_without_its_pub(box: Box) -> None:
    path = box.key("id", "secret words")
    expected = box.public("id")
    assert named(box, path).file == path
    assert named(box, path.with_suffix(".pub")).file == path
    path.with_suffix(".pub").unlink()
    assert named(box, path).key == expected


def test_an_old_private_key_needs_its_pub(box: Box) -> None:
    path = box.key("old", "", "rsa", "-m", "PEM", "-b", "2048")
    assert named(box, path).key == box.public("old")
    path.with_suffix(".pub").unlink()
    assert "ssh-keygen -y -f KEY" in refused(box, path)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"ssh-ed25519 AAAA",
        b"\xff\xfe",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETSECRET\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + b"A" * 4096,
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA/////w==\n-----END OPENSSH PRIVATE KEY-----\n",
    ],
)
def test_what_is_no_key_is_said_without_showing_it(box: Box, body: bytes) -> None:
    path = box.ssh / "id"
    path.write_bytes(body)
    why = refused(box, path)
    assert why
    assert "SECRET" not in why


def test_key_names_nothing_a_folder_or_a_pipe(box: Box) -> None:
    assert "No such file" in refused(box, box.ssh / "none")
    assert "is no file" in refused(box, box.ssh)
    os.mkfifo(box.ssh / "pipe")
    assert "is no file" in refused(box, box.ssh / "pipe")


def test_the_first_that_may_sign_in_the_role_and_why_not_the_others(box: Box) -> None:
    names = ("a_unknown", "b_completer", "c_revoked", "d_ended", "e_good", "f_good")
    for name in names:
        box.key(name)
    keys = {name: box.public(name) for name in names}
    ended = f',valid-before="{NOW - timedelta(days=1):%Y%m%d}Z"'
    chosen = choose(
        box.machine.candidates(),
        authority(
            line("b@kamiyo.ai", keys["b_completer"], "readiness.completer"),
            line("c@kamiyo.ai", keys["c_revoked"]),
            line("d@kamiyo.ai", keys["d_ended"], more=ended),
            line("e@kamiyo.ai", keys["e_good"]),
            line("f@kamiyo.ai", keys["f_good"]),
            revoked=[keys["c_revoked"]],
        ),
        Role.APPROVER,
    )
    assert chosen.signer.principal == "e@kamiyo.ai"
    assert chosen.candidate.file == box.ssh / "e_good"
    codes = [(passed.origin, passed.why.partition(":")[0]) for passed in chosen.passed]
    assert codes == [
        ("~/.ssh/a_unknown.pub", "UNKNOWN_KEY"),
        ("~/.ssh/b_completer.pub", "ROLE"),
        ("~/.ssh/c_revoked.pub", "KEY_REVOKED"),
        ("~/.ssh/d_ended.pub", "KEY_EXPIRED"),
    ]


def test_a_key_that_two_lines_give_to_two_people_signs_for_the_one_with_the_role(box: Box) -> None:
    box.key()
    key = box.public()
    lists = authority(line("a@k.ai", key, "readiness.completer"), line("b@k.ai", key, "readiness.approver"))
    assert lists.signer(key, Role.COMPLETER).principal == "a@k.ai"
    assert lists.signer(key, Role.APPROVER).principal == "b@k.ai"


def test_a_refused_line_is_the_reason_that_is_given(box: Box) -> None:
    box.key()
    key = box.public()
    with pytest.raises(NoKeyError) as caught:
        choose(box.machine.candidates(), authority(f"*@kamiyo.ai {key.line}"), Role.APPROVER)
    assert "TRUST: allowed_signers:1" in caught.value.passed[0].why


def test_before_its_time_a_key_is_not_valid(box: Box) -> None:
    box.key()
    lists = authority(line("a@k.ai", box.public(), more=f',valid-after="{NOW + timedelta(days=1):%Y%m%d}Z"'))
    with pytest.raises(NoKeyError) as caught:
        choose(box.machine.candidates(), lists, Role.APPROVER)
    assert "KEY_EXPIRED" in caught.value.passed[0].why
    later = replace(lists, moment=NOW + timedelta(days=2))
    assert choose(box.machine.candidates(), later, Role.APPROVER).signer.principal == "a@k.ai"


def test_the_public_part_of_a_file(box: Box) -> None:
    path = box.key()
    assert read_public_key(path) == read_public_key(path.with_suffix(".pub")) == box.public()
    assert is_private(path)
    assert not is_private(path.with_suffix(".pub"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_public_key(box.ssh / "gone")
