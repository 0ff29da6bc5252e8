from __future__ import annotations

import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest

from checks.repo_file import RepoFile
from checks.repo_text import RepoText
from readiness.api import CannotTell, Outcome, Reason
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env
from readiness.world.repo import MAX_BYTES
from tests.privileges import without_privileges

LIVE_KEY = "sk_" + "live_" + secrets.token_hex(12)
KEY_PATTERN = "sk_" + "live_[0-9A-Za-z]{16,}"


def put(root: Path, **files: str | bytes) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("_sh", ".sh").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def outcomes(root: Path, check: RepoFile | RepoText) -> list[Outcome]:
    redactor = Redactor()
    world = Outside(environment="test", root=root, env=Env({}, None, redactor), redactor=redactor)
    found = list(check.run(world))
    assert found
    return found


def file_complaints(root: Path, **options: Any) -> list[str]:
    return [outcome.message for outcome in outcomes(root, RepoFile(**options)) if not outcome.ok]


def text_complaints(root: Path, **options: Any) -> list[str]:
    return [outcome.message for outcome in outcomes(root, RepoText(**options)) if not outcome.ok]


# --- repo.file -------------------------------------------------------------------------------------


def test_a_file_is_there(tmp_path: Path) -> None:
    put(tmp_path, docs__runbook_txt="steps\n", docs__empty_txt="\n \n", a_py="x")
    assert file_complaints(tmp_path, path="docs/runbook.txt") == []
    assert file_complaints(tmp_path, paths=("a.py", "docs/*.txt"), min_bytes=1) == []
    assert file_complaints(tmp_path, path="docs/nothing.txt") == ["docs/nothing.txt is not there"]
    assert file_complaints(tmp_path, path="Docs/runbook.txt") == ["Docs/runbook.txt is not there"]
    assert file_complaints(tmp_path, path="docs/*.md") == ["docs/*.md matches no file"]
    assert file_complaints(tmp_path, path="docs") == ["docs is a folder; name a file in it, or docs/**"]
    assert file_complaints(tmp_path, path="docs/empty.txt") == ["docs/empty.txt holds too little"]
    assert file_complaints(tmp_path, path="docs/empty.txt", min_bytes=0) == []
    assert file_complaints(tmp_path, path="docs/runbook.txt", min_bytes=6) == ["docs/runbook.txt holds too little"]
    assert len(outcomes(tmp_path, RepoFile(path="a.py", paths=("b.py", "c.py")))) == 3


def test_a_folder_of_empty_files_is_no_folder_of_migrations(tmp_path: Path) -> None:
    put(tmp_path, versions____init___py="", versions__0001_py="")
    assert file_complaints(tmp_path, path="versions/*.py") == ["versions/*.py holds too little"]


def test_the_mode_of_a_script(tmp_path: Path) -> None:
    put(tmp_path, run_sh="#!/bin/sh\n", data_txt="x")
    assert "run.sh is not executable" in file_complaints(tmp_path, path="run.sh", executable=True)[0]
    assert file_complaints(tmp_path, path="run.sh", executable=False) == []
    (tmp_path / "run.sh").chmod(0o755)
    assert file_complaints(tmp_path, path="*.sh", executable=True) == []
    assert "run.sh is executable" in file_complaints(tmp_path, path="*.sh", executable=False)[0]


def test_what_must_be_absent(tmp_path: Path) -> None:
    put(tmp_path, api__main_py="x", node_modules__left__index="x")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / ".env").write_text("A=1\n")
    assert file_complaints(tmp_path, paths=(".env", "*.pem"), absent=True) == [], "git ignores it"
    assert "one file is there" in file_complaints(tmp_path, path="node_modules", absent=True)[0]
    subprocess.run(["git", "add", "-f", ".env"], cwd=tmp_path, check=True)
    assert ".env must not be in the repository" in file_complaints(tmp_path, path=".env", absent=True)[0]


def test_a_link_that_leads_outside_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, outside_txt="x", root__a_py="x")
    (tmp_path / "root/link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(CannotTell, match="leads out of the root"):
        file_complaints(tmp_path / "root", path="link.txt")


def test_a_large_file_need_not_be_read(tmp_path: Path) -> None:
    put(tmp_path, big=b"x" * (MAX_BYTES + 1))
    assert file_complaints(tmp_path, path="big") == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "nothing would be checked"),
        ({"path": "/etc/passwd"}, "leaves the root"),
        ({"path": "../x"}, "leaves the root"),
        ({"path": "a/"}, "empty part"),
        ({"path": "./a"}, "empty part"),
        ({"path": "a.{py,js}"}, "two globs"),
        ({"path": "a**b"}, "beside other characters"),
        ({"path": "a\\b"}, "backslash"),
        ({"path": "a", "min_bytes": -1}, "less than nothing"),
        ({"path": "a", "absent": True, "executable": True}, "neither size nor mode"),
    ],
)
def test_options_of_repo_file_that_make_no_sense(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RepoFile(**options)


# --- repo.text -------------------------------------------------------------------------------------


def test_must_be_in_one_file(tmp_path: Path) -> None:
    put(tmp_path, a_py="import x\n", b_py="import y\n")
    assert text_complaints(tmp_path, files=("*.py",), must=("^import y$", "import [xy]")) == []
    assert text_complaints(tmp_path, files=("*.py",), must=("^import z",)) == ["^import z is found in none of 2 files"]
    assert text_complaints(tmp_path, files=("a.py", "nothing.py"), must=("import x",)) == []
    found = outcomes(tmp_path, RepoText(files=("*.py",), must=("IMPORT Y",), ignore_case=True))
    assert [(one.ok, one.evidence[0].source, one.evidence[0].seen) for one in found] == [(True, "b.py:1", "import y")]


def test_must_be_in_every_file(tmp_path: Path) -> None:
    put(tmp_path, a_py="# Copyright\n", b_py="# none\n", c_py="")
    messages = text_complaints(tmp_path, files=("*.py",), must=("Copyright",), every=True)
    assert messages == ["Copyright is not found in b.py", "Copyright is not found in c.py"]
    assert text_complaints(tmp_path, files=("*.py",), exclude=("[bc].py",), must=("Copyright",), every=True) == []


def test_must_not_be_anywhere(tmp_path: Path) -> None:
    put(tmp_path, a_py=f"one\nKEY = '{LIVE_KEY}'\n", b_py="if key.startswith('sk_live_'): ...\n")
    assert text_complaints(tmp_path, files=("b.py",), must_not=(KEY_PATTERN,)) == [], "a prefix is no key"
    found = outcomes(tmp_path, RepoText(files=("**/*",), must_not=(KEY_PATTERN,)))
    assert [(one.ok, one.reason) for one in found] == [(False, Reason.MISMATCH)]
    assert found[0].evidence[0].source == "a.py:2"


def test_many_hits_are_counted_and_twenty_are_shown(tmp_path: Path) -> None:
    put(tmp_path, a_py="x = eval(y)\n" * 50)
    found = outcomes(tmp_path, RepoText(files=("*.py",), must_not=(r"\beval\(",)))
    assert (found[0].observed, len(found[0].evidence)) == ("50 lines", 20)


@pytest.mark.parametrize(
    "raw",
    [
        f"KEY={LIVE_KEY}".encode("utf-16"),
        b"\xef\xbb\xbf" + f"KEY={LIVE_KEY}".encode(),
        f"\xe9 KEY={LIVE_KEY}\r\n".encode("latin-1"),
        b"\x00\x01\xff" + LIVE_KEY.encode() + b"\xff",
        f"a\r\nKEY={LIVE_KEY}\r\n".encode(),
    ],
)
def test_a_key_is_found_in_any_encoding(tmp_path: Path, raw: bytes) -> None:
    put(tmp_path, config=raw)
    assert text_complaints(tmp_path, files=("**",), must_not=(KEY_PATTERN,))


def test_a_glob_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, a_py="x")
    for options in ({"must": ("x",)}, {"must_not": ("y",)}):
        with pytest.raises(CannotTell, match=r"no file matches \*\.js") as caught:
            text_complaints(tmp_path, files=("*.js",), **options)
        assert caught.value.reason is Reason.NOT_FOUND
    with pytest.raises(CannotTell, match=r"no file matches \*\.js"):
        text_complaints(tmp_path, files=("*.py", "*.js"), must_not=("y",))
    with pytest.raises(CannotTell, match=r"no file matches \*\.py"):
        text_complaints(tmp_path, files=("*.py",), exclude=("a.py",), must_not=("y",))


def test_a_file_that_is_named_and_not_there_fails(tmp_path: Path) -> None:
    put(tmp_path, a_py="x")
    assert text_complaints(tmp_path, files=("b.py",), must=("x",)) == ["b.py is not there"]
    with pytest.raises(CannotTell, match=r"no file matches b\.py"):
        text_complaints(tmp_path, files=("b.py",), must_not=("x",))


def test_a_file_that_cannot_be_read_gives_no_pass(tmp_path: Path) -> None:
    put(tmp_path, a_py="import x\n", big_txt=b"x" * (MAX_BYTES + 1))
    with pytest.raises(CannotTell, match=r"big\.txt has 5\.0 MiB"):
        text_complaints(tmp_path, files=("*",), must_not=("nowhere",))
    with pytest.raises(CannotTell, match=r"big\.txt"):
        text_complaints(tmp_path, files=("*",), must=("nowhere",))
    assert text_complaints(tmp_path, files=("*",), must=("import x",)) == [], "found elsewhere"
    assert text_complaints(tmp_path, files=("*",), exclude=("big.txt",), must_not=("nowhere",)) == []
    run = RepoText(files=("*",), must_not=("import x",)).run(
        Outside(environment="test", root=tmp_path, env=Env({}, None, Redactor()), redactor=Redactor())
    )
    assert not next(iter(run)).ok, "a hit is a fail although another file is unknown"


def test_a_file_without_permission_gives_no_pass(tmp_path: Path) -> None:
    put(tmp_path, a_py="x")
    (tmp_path / "a.py").chmod(0)
    with without_privileges(tmp_path), pytest.raises(CannotTell, match="cannot be read"):
        text_complaints(tmp_path, files=("*",), must_not=("nowhere",))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"files": (), "must": ("x",)}, "name at least one glob"),
        ({"files": ("*",)}, "nothing would be checked"),
        ({"files": ("*",), "must_not": ("x",), "every": True}, "there are none"),
        ({"files": ("*",), "must": ("x*",)}, "says nothing"),
        ({"files": ("*",), "must": ("",)}, "is empty"),
        ({"files": ("*",), "must_not": ("(?<!x)y",)}, "lookbehind"),
        ({"files": ("*",), "exclude": ("/x",), "must": ("x",)}, "leaves the root"),
    ],
)
def test_options_of_repo_text_that_make_no_sense(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RepoText(**options)
