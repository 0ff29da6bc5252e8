"""The documents say what is true, and the rollback does what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.reference.service import REFERENCE

ROLLBACK = REFERENCE / "scripts" / "rollback.sh"
OF_THE_DEMO = {"aiosmtpd>=1.4.6"}
"""What the extra has for the demo's stand-ins, and the service does not use."""
DOCUMENTS = [REFERENCE / "README.md", *sorted((REFERENCE / "docs").glob("*.md"))]


def test_the_committed_contract_is_the_served_one(client: httpx.Client) -> None:
    committed = json.loads((REFERENCE / "docs" / "openapi.json").read_text())
    assert client.get("/openapi.json").json() == committed, (
        "the contract changed: save /openapi.json to docs/openapi.json"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text()
    linked = re.findall(r"\]\((?!http)([^)#]+)", text)
    assert all((document.parent / name).exists() for name in linked)
    named = re.findall(r"`((?:config|docs|web|pages|components|scripts)/[\w./-]*)`", text)
    assert all((REFERENCE / name).exists() for name in named)
    assert all((REFERENCE.parent / name).exists() for name in re.findall(r"reference/[\w./-]+\w", text))


def test_the_requirements_are_those_of_the_extra() -> None:
    project = tomllib.loads((REFERENCE.parent / "pyproject.toml").read_text())["project"]
    known = {*project["dependencies"], *project["optional-dependencies"]["reference"]}
    lines = [line for line in (REFERENCE / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert set(lines) <= known
    assert {*project["optional-dependencies"]["reference"]} - OF_THE_DEMO <= set(lines)


@contextmanager
def releases(folder: Path) -> Iterator[str]:
    """Two releases behind a real server; the newer one is broken: it has no page to answer with."""
    for name in ("old", "new"):
        (folder / "releases" / name).mkdir(parents=True)
    (folder / "releases" / "old" / "health").write_text("ok")
    (folder / "current").symlink_to("releases/new")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder / "current")))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/health"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rollback(*args: object) -> subprocess.CompletedProcess[str]:
    argv = [str(ROLLBACK), *map(str, args)]
    env = {**os.environ, "WAIT_SECONDS": "1"}
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_rollback_moves_the_link_restarts_and_sees_the_answer(tmp_path: Path) -> None:
    with releases(tmp_path) as health:
        done = rollback(tmp_path, "old", health, "touch", tmp_path / "restarted")
    assert (done.returncode, done.stdout) == (0, "running: old (before: releases/new)\n"), done.stderr
    assert (tmp_path / "current").readlink() == Path("releases/old")
    assert (tmp_path / "restarted").exists()
    assert not list(tmp_path.glob(".next*"))


def test_a_rollback_that_does_not_restart_is_undone(tmp_path: Path) -> None:
    with releases(tmp_path) as health:
        done = rollback(tmp_path, "old", health, "false")
    assert done.returncode == 1
    assert "going back to releases/new" in done.stderr
    assert (tmp_path / "current").readlink() == Path("releases/new")


def test_a_release_that_does_not_answer_is_left_again(tmp_path: Path) -> None:
    with releases(tmp_path) as health:
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to("releases/old")
        done = rollback(tmp_path, "new", health, "true")
    assert done.returncode == 1
    assert "running: releases/old" in done.stderr
    assert (tmp_path / "current").readlink() == Path("releases/old")


@pytest.mark.parametrize("release", ["none", "../releases/old", "", ".", ".."])
def test_a_release_that_is_not_there_changes_nothing(tmp_path: Path, release: str) -> None:
    with releases(tmp_path) as health:
        done = rollback(tmp_path, release, health, "touch", tmp_path / "restarted")
    assert done.returncode == 2
    assert (tmp_path / "current").readlink() == Path("releases/new")
    assert not (tmp_path / "restarted").exists()


def test_a_rollback_where_nothing_runs_says_so(tmp_path: Path) -> None:
    with releases(tmp_path) as health:
        (tmp_path / "current").unlink()
        done = rollback(tmp_path, "old", health, "touch", tmp_path / "restarted")
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path}/current is no link to a release\n"
    assert not (tmp_path / "restarted").exists()


def test_a_rollback_without_arguments_says_what_it_needs() -> None:
    done = rollback()
    assert done.returncode == 2
    assert "RESTART COMMAND" in done.stderr
