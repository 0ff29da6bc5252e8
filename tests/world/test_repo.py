from __future__ import annotations

import ast
import os
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from readiness.api import CannotTell, Reason
from readiness.world.repo import MAX_BYTES, Repo


def put(root: Path, *paths: str, text: str = "x\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def git(root: Path, *args: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main")
    extra = ("-c", "protocol.file.allow=always")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *identity, *extra, *args], cwd=root, env=clean, check=True, capture_output=True)


def refused(repo: Repo, path: str) -> str:
    with pytest.raises(CannotTell) as caught:
        repo.read(path)
    return caught.value.message


def test_git_says_which_files_there_are(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "tracked.py", "untracked.py", "ignored.log", "gone.py", "build/out.js", ".hidden")
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n")
    git(tmp_path, "add", "tracked.py", "gone.py")
    (tmp_path / "gone.py").unlink()
    repo = Repo(tmp_path)
    assert repo.files(["**/*"]) == (".gitignore", ".hidden", "tracked.py", "untracked.py")
    assert repo.exists("ignored.log"), "an exact path may name what git ignores"


def test_the_root_may_be_a_folder_of_the_git_repository(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "outside.py", "service/inside.py", "service/api/deep.py")
    assert Repo(tmp_path / "service").files(["**"]) == ("api/deep.py", "inside.py")


def test_variables_of_git_do_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("here", "there"):
        put(tmp_path, f"{name}/{name}.py")
        git(tmp_path / name, "init")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "there/.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "there"))
    assert Repo(tmp_path / "here").files(["**"]) == ("here.py",)


def test_submodules_and_repositories_inside_are_looked_into(tmp_path: Path) -> None:
    put(tmp_path, "library/code.py", "service/main.py", "service/nested/own.py")
    for name in ("library", "service", "service/nested"):
        git(tmp_path / name, "init")
    git(tmp_path / "library", "add", "-A")
    git(tmp_path / "library", "commit", "-m", "code")
    git(tmp_path / "service", "submodule", "add", str(tmp_path / "library"), "vendor/library")
    assert Repo(tmp_path / "service").files(["**/*.py"]) == ("main.py", "nested/own.py", "vendor/library/code.py")


def test_a_folder_that_git_ignores_as_a_whole_is_walked(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "export/page.html")
    (tmp_path / ".gitignore").write_text("export/\n")
    assert Repo(tmp_path / "export").files(["**"]) == ("page.html",)


def test_a_repository_that_git_cannot_read_is_no_plain_folder(tmp_path: Path) -> None:
    put(tmp_path, "a.py")
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(CannotTell, match="git cannot list the files"):
        Repo(tmp_path).files(["**"])


def test_without_git_a_walk_leaves_out_what_is_no_source(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "api/b.py", "node_modules/c.js", "env/pyvenv.cfg", "env/lib/d.py", "__pycache__/e.pyc")
    os.mkfifo(tmp_path / "pipe")
    assert Repo(tmp_path).files(["**/*"]) == ("a.py", "api/b.py")


def test_a_root_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="is not a folder") as caught:
        Repo(tmp_path / "nowhere").files(["**"])
    assert caught.value.reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.py", ["a.py"]),
        ("*", [".env", "a.py", "notes [1].txt"]),
        ("**/*.py", ["a.py", "api/b.py", "api/v1/c.py"]),
        ("api/*.py", ["api/b.py"]),
        ("api/**", ["api/b.py", "api/v1/c.py"]),
        ("api/**/*.py", ["api/b.py", "api/v1/c.py"]),
        ("**/c.py", ["api/v1/c.py"]),
        ("?.py", ["a.py"]),
        ("[ab].py", ["a.py"]),
        ("[!b].py", ["a.py"]),
        ("api[!x]b.py", []),
        ("A.py", []),
        ("api", []),
        (".env", [".env"]),
        ("notes [[]1].txt", ["notes [1].txt"]),
        ("a?py", ["a.py"]),
        ("a+py", []),
    ],
)
def test_globs(tmp_path: Path, glob: str, expected: list[str]) -> None:
    put(tmp_path, "a.py", ".env", "api/b.py", "api/v1/c.py", "notes [1].txt")
    assert list(Repo(tmp_path).files([glob])) == expected


def test_a_name_that_is_no_unicode_or_holds_a_newline_is_matched_and_read(tmp_path: Path) -> None:
    put(tmp_path, "new\nline.py")
    (tmp_path / os.fsdecode(b"latin\xe9.py")).write_text("x")
    repo = Repo(tmp_path)
    assert len(repo.files(["*.py"])) == 2
    assert all(repo.read(path) for path in repo.files(["*.py"]))


def test_exclude_wins_and_the_result_is_sorted(tmp_path: Path) -> None:
    put(tmp_path, "b.py", "a.py", "tests/a.py")
    repo = Repo(tmp_path)
    assert repo.files(["b.py", "**/*.py"], ["tests/**"]) == ("a.py", "b.py")
    assert repo.files(["**/*.js"]) == ()


def test_a_link_inside_the_root_is_followed_and_one_outside_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "secret.txt", "root/real.py", "root/folder/inner.py")
    root = tmp_path / "root"
    (root / "inside.py").symlink_to("real.py")
    (root / "outside.py").symlink_to(tmp_path / "secret.txt")
    (root / "dangling.py").symlink_to("nothing")
    (root / "again").symlink_to("folder")
    (root / "away").symlink_to(tmp_path)
    repo = Repo(root)
    assert repo.files(["**"]) == ("folder/inner.py", "inside.py", "outside.py", "real.py")
    assert repo.read("inside.py") == b"x\n"
    assert repo.read("again/inner.py") == b"x\n"
    for path in ("outside.py", "away/secret.txt", "../secret.txt", str(tmp_path / "secret.txt")):
        assert "leads out of the root" in refused(repo, path)
    assert [unread.path for unread in repo.corpus(["**"]).unread] == ["outside.py"]


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/a.py")
    (tmp_path / "link").symlink_to("real")
    repo = Repo(tmp_path / "link")
    assert repo.read(repo.files(["**"])[0]) == b"x\n"


def test_git_s_own_files_are_not_read(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "a.py")
    repo = Repo(tmp_path)
    for path in (".git/config", "./.git/config", ".git"):
        assert "is inside .git" in refused(repo, path)


def test_pipes_folders_and_huge_files_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "folder/a.py")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "full").write_bytes(b"x" * MAX_BYTES)
    repo = Repo(tmp_path)
    assert "is not a regular file" in refused(repo, "pipe")
    assert "is not a regular file" in refused(repo, "folder")
    assert "5.0 MiB" in refused(repo, "big")
    assert len(repo.read("full")) == MAX_BYTES
    assert [repo.exists(path) for path in ("pipe", "folder", "big", "no/such")] == [False, False, True, False]
    with pytest.raises(FileNotFoundError):
        repo.read("no/such")


def test_a_file_is_read_once_whoever_asks(tmp_path: Path) -> None:
    put(tmp_path, *(f"f{number}.py" for number in range(50)), text="before\n")
    repo = Repo(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda number: repo.read(f"f{number % 50}.py"), range(400)))
    put(tmp_path, "f0.py", text="after\n")
    assert {*first, repo.read("f0.py")} == {b"before\n"}
    assert repo.corpus(["**/*.py"]) is repo.corpus(["f*.py"])


def test_a_syntax_tree_is_parsed_once_and_an_odd_escape_is_no_warning(tmp_path: Path) -> None:
    put(tmp_path, "odd.py", text='PATTERN = "\\d"\n')
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nNAME = '\xe9'\n")
    repo = Repo(tmp_path)
    assert repo.python("odd.py") is repo.python("odd.py")
    assert "é" in ast.unparse(repo.python("latin.py"))


@pytest.mark.parametrize("text", ["def f(:\n", "x = 1\0\n", "  x = 1\n"])
def test_what_is_no_python_is_a_syntax_error_with_the_file(tmp_path: Path, text: str) -> None:
    put(tmp_path, "bad.py", text=text)
    with pytest.raises(SyntaxError) as caught:
        Repo(tmp_path).python("bad.py")
    assert caught.value.filename == "bad.py"


def test_what_is_nested_too_deeply_is_not_parsed(tmp_path: Path) -> None:
    put(tmp_path, "deep.py", text="x = " + "-" * 20_000 + "1\n")
    with pytest.raises((CannotTell, SyntaxError)):
        Repo(tmp_path).python("deep.py")


def test_an_evil_glob_does_not_hang(tmp_path: Path) -> None:
    put(tmp_path, "a" * 200)
    assert Repo(tmp_path).files(["*a" * 60 + "b"]) == ()


def test_texts_of_another_file_change_nothing(tmp_path: Path) -> None:
    secret = secrets.token_hex(8)
    put(tmp_path, "a.py", text=secret)
    put(tmp_path, "b.py", text="b")
    assert len(Repo(tmp_path).corpus(["b.py"]).paths) == 1
