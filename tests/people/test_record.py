"""An entry is added and nothing else changes, whoever writes at the same time and whatever goes wrong."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from readiness.errors import ConfigError, UsageError
from readiness.people.record import append
from readiness.strict_yaml import parse
from tests.engine import unmeasured
from tests.privileges import without_privileges

ENTRY = {"item": "a", "note": "seen: all of it", "evidence": {"url": "https://x.test/"}}
OLD = {"item": "old"}


def entries(path: Path) -> Any:
    document = parse(path.read_bytes().decode("utf-8-sig"), str(path))
    assert document.problems == ()
    return document.data["attestations"]


def put(folder: Path, text: str) -> Path:
    path = folder / "attestations.yaml"
    path.write_bytes(text.encode())
    return path


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "attestations.yaml"
    append(path, [ENTRY])
    assert entries(path) == [ENTRY]
    head = "# What people say of the checklist's items; written by `readiness attest`, newest last.\nversion: 1\n"
    assert path.read_text("utf-8").startswith(head)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nattestations:\n  - item: old\n",
        "version: 1\nattestations:\n- item: old\n",
        "version: 1\nattestations:\n    -   item: old\n",
        "version: 1\nattestations:\n  - item: old   # why",
        "# one\nversion: 1   # two\n\nattestations:  # three\n  # four\n  - item: old  # five\n\n  # six\n\n\n",
        "version: 1\nattestations:\n  - {item: old}\n",
        "version: 1\r\nattestations:\r\n  - item: old\r\n",
        "version: 1\nattestations:\n  - item: old\t\n",
        "'version': 1\n'attestations':\n  - 'item': 'old'\n",
        "\ufeffversion: 1\nattestations:\n  - item: old\n",
    ],
)
def test_what_is_there_stays(tmp_path: Path, text: str) -> None:
    path = put(tmp_path, text)
    append(path, [ENTRY])
    assert entries(path) == [OLD, ENTRY]
    assert path.read_bytes().decode().startswith(text.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# nothing yet\n",
        "# nothing yet",
        "version: 1\n",
        "version: 1",
        "version: 1\nattestations:\n",
        "version: 1\nattestations:",
        "version: 1\nattestations: []\n",
        "version: 1\nattestations: []",
        "version: 1\nattestations: [ ]   # none yet\n# the end\n",
        "version: 1\nattestations: ~\n",
        "version: 1\nattestations: null # none\n",
        "version: 1\nattestations:   # none yet\n",
    ],
)
def test_a_list_in_which_nothing_stands(tmp_path: Path, text: str) -> None:
    path = put(tmp_path, text)
    append(path, [ENTRY])
    assert entries(path) == [ENTRY]
    written = path.read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("#") and line not in written] == []
    append(path, [OLD])
    assert entries(path) == [ENTRY, OLD]


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = put(tmp_path, "version: 1\r\nattestations:\r\n  - item: old\r\n")
    append(path, [ENTRY])
    assert path.read_bytes().replace(b"\r\n", b"").count(b"\n") == 0


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nattestations: [{item: old}]\n",
        "{version: 1, attestations: []}\n",
        "attestations:\n  - item: old\nversion: 1\n",
        "version: 1\nattestations: none\n",
        "version: 1\nattestations: {}\n",
        "version: 1\nattestations:\n  - item: old\n...\n",
    ],
)
def test_a_list_that_cannot_be_added_to(tmp_path: Path, text: str) -> None:
    path = put(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        append(path, [ENTRY])
    (problem,) = caught.value.problems
    assert "`attestations` is not the last thing in" in problem.message
    assert problem.hint == "move `attestations:` to the end of the file, each entry behind a dash on a line of its own"
    assert path.read_bytes() == text.encode()
    assert [found.name for found in tmp_path.iterdir()] == ["attestations.yaml"]


@pytest.mark.parametrize("text", ["version: 1\nattestations: [\n", "a: b: c\n", "\xff"])
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "attestations.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError):
        append(path, [ENTRY])
    assert path.read_bytes() == text.encode("latin-1")


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("version: 1\nattestations: []\n", "utf-8")
    path = tmp_path / "attestations.yaml"
    path.symlink_to(elsewhere)
    with pytest.raises(ConfigError, match="is a link"):
        append(path, [ENTRY])
    assert path.is_symlink()


def test_an_id_that_somebody_else_has_just_used(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    append(path, [{"id": "w", "item": "a"}])
    with pytest.raises(UsageError, match="the id `w` is used already"):
        append(path, [{"id": "w", "item": "b"}])


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(words=["\x85", "\u2028a\u2029", "a\rb\n\n  c ", "\ufeff", "\x7f", "0E0", "1e5", "0o7", "y", "1:30"])
@given(words=st.lists(WORDS, min_size=1, max_size=3))
def test_whatever_is_said_reads_back(tmp_path: Path, words: list[str]) -> None:
    path = put(tmp_path, "version: 1\nattestations:\n")
    for word in words:
        append(path, [{"item": "a", "note": word, "evidence": {"file": word}}])
    assert [(entry["note"], entry["evidence"]["file"]) for entry in entries(path)] == [(word, word) for word in words]


# --- when something goes wrong ---------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from readiness.people.record import append
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    append(Path(sys.argv[1]), [{"item": sys.argv[2], "note": str(number)}])
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int, before: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(
        argv,
        env=unmeasured(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=before,  # noqa: PLW1509 - no threads here, and the limit is for the child alone
    )


def begin(child: subprocess.Popen[bytes]) -> None:
    """Let it write, now that all are ready."""
    assert child.stdin is not None
    child.stdin.write(b"\n")
    child.stdin.flush()


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "# mine\nversion: 1\nattestations: []\n")
    both = [writer(path, name, 40) for name in ("a", "b")]
    for child in both:
        begin(child)
    for child in both:
        assert child.communicate(timeout=60)[1] == b""
    found = [(entry["item"], entry["note"]) for entry in entries(path)]
    for name in ("a", "b"):
        assert [note for item, note in found if item == name] == [str(number) for number in range(40)]
    assert [found.name for found in tmp_path.iterdir()] == ["attestations.yaml"]


def no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    text = "version: 1\nattestations:\n  - item: old  # of which the disk is full\n"
    path = put(tmp_path, text)
    with writer(path, "x" * 100, 1, no_room) as child:
        begin(child)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert b"UsageError: cannot write" in err
    assert b"file too large; nothing was changed" in err
    assert path.read_text("utf-8") == text
    assert [found.name for found in tmp_path.iterdir()] == ["attestations.yaml"]


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    path = put(tmp_path, "version: 1\nattestations: []\n")
    tmp_path.chmod(0o555)
    try:
        with without_privileges(tmp_path), pytest.raises(UsageError, match=r"cannot write .*: permission denied"):
            append(path, [ENTRY])
    finally:
        tmp_path.chmod(0o755)
    assert entries(path) == []


def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = put(tmp_path, "version: 1\nattestations: []\n")
    told = 0
    for number in range(8):
        with writer(path, str(number), 10_000) as child:
            begin(child)
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(1 + number)]
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read()
        told += len(b"".join(lines).split()) + len(rest.split())
        found = entries(path)
        assert told <= len(found) <= told + number + 1, "at most one was written and not told, each time"
        assert all(set(entry) == {"item", "note"} for entry in found)


def test_what_yaml_makes_of_it_is_what_others_make_of_it(tmp_path: Path) -> None:
    path = tmp_path / "attestations.yaml"
    note = textwrap.dedent("""\
        two lines: one
        - and "another"  # no comment
        """)
    append(path, [{"item": "a", "note": note}])
    assert yaml.safe_load(path.read_text("utf-8"))["attestations"] == [{"item": "a", "note": note}]
