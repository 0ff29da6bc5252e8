"""Files that cannot be read: too big, no text, no file at all; told like any other mistake."""

from __future__ import annotations

import pytest

from tests.bad_checklists import HEAD, ITEM
from tests.engine import Folder, refused
from tests.privileges import without_privileges


def told(folder: Folder, text: str, *arguments: str) -> str:
    folder.write("checklist.yaml", text)
    return refused(folder.check(*arguments))


def test_a_dotenv_file_is_told_with_the_rest(folder: Folder) -> None:
    folder.write("broken.env", "A=1\nwhat is this\n")
    said = told(folder, HEAD + "titel: x\nenvironments: {dev: {dotenv: broken.env}}\n" + ITEM)
    assert "checklist.yaml:2:1: error: unknown key `titel`" in said
    assert "broken.env:2:1: error: this line of the dotenv file cannot be understood" in said
    assert "help: write NAME=value" in said
    assert "what is this" not in said


def test_a_dotenv_file_that_cannot_be_read(folder: Folder) -> None:
    folder.write(".env", "A=1\n").chmod(0)
    folder.write("checklist.yaml", HEAD + "environments: {dev: {dotenv: .env}}\n" + ITEM)
    with without_privileges(folder.path):
        done = folder.check()
    assert "the dotenv file cannot be read: permission denied" in refused(done).lower()


def test_a_dotenv_folder(folder: Folder) -> None:
    (folder.path / "env").mkdir()
    said = told(folder, HEAD + "environments: {dev: {dotenv: env}}\n" + ITEM)
    assert "the dotenv file is not a regular file" in said


def test_a_file_of_fifty_megabytes(folder: Folder) -> None:
    place = folder.path / "checklist.yaml"
    with place.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert "checklist.yaml has more than the 4,194,304 bytes" in refused(folder.check())


def test_an_endless_file(folder: Folder) -> None:
    assert "/dev/zero has more than" in refused(folder.check("-c", "/dev/zero"))


def test_a_file_that_is_no_utf8(folder: Folder) -> None:
    (folder.path / "checklist.yaml").write_bytes(b"version: 1\ntitle: \xff\xfe\n")
    said = refused(folder.check())
    assert "checklist.yaml:2:1: error: byte 0xff is not UTF-8" in said
    assert "help: save the file as UTF-8" in said


def test_a_byte_order_mark_is_no_mistake(folder: Folder) -> None:
    folder.write("checklist.yaml", "\ufeff" + HEAD + ITEM)
    assert folder.check().code == 4


def test_windows_line_ends_are_no_mistake(folder: Folder) -> None:
    folder.write("checklist.yaml", (HEAD + ITEM).replace("\n", "\r\n"))
    assert folder.check().code == 4


def test_a_folder_instead_of_a_file(folder: Folder) -> None:
    assert "cannot read kinds: is a directory" in refused(folder.check("-c", "kinds"))


def test_no_file_of_that_name(folder: Folder) -> None:
    said = refused(folder.check("-c", "other.yaml"))
    assert "there is no file other.yaml" in said
    assert "readiness init other.yaml" in said


@pytest.mark.parametrize("command", ["check", "plan", "list"])
def test_no_checklist_in_the_folder(folder: Folder, command: str) -> None:
    said = refused(folder.run(command))
    assert "there is no checklist.yaml in this folder" in said
    assert "readiness init" in said
