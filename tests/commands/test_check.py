"""``readiness check`` as it is typed: files, streams, signals, terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.engine import Folder, environment

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def start(
    folder: Folder, *arguments: str, terminal: int | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    stream = subprocess.PIPE if terminal is None else terminal
    return subprocess.Popen(
        [sys.executable, "-m", "readiness", "check", "--allow", "plugin", *arguments],
        cwd=folder.path,
        env=environment(env),
        stdin=subprocess.DEVNULL if terminal is None else terminal,
        stdout=stream,
        stderr=stream,
    )


def wait_for(place: Path) -> None:
    until = time.monotonic() + 30
    while not place.exists():
        assert time.monotonic() < until, f"{place.name} did not appear"
        time.sleep(0.01)


def hanging(folder: Folder) -> Path:
    """A checklist of which one item passed and one hangs; the file that says that it does."""
    begun = folder.path / "begun"
    folder.checklist(f"""
        a: {{title: A, check: t.local}}
        b: {{title: B, check: t.net, timeout: 1h, needs: a, with: {{does: ["touch:{begun}", hang]}}}}
        c: {{title: C, check: t.local, needs: b}}
        d: {{title: D, manual: look}}
    """)
    return begun


def insist(folder: Folder, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Somebody who presses Ctrl-C until something happens."""
    while not list((folder.path / "reports").rglob("report.json")):
        assert process.poll() is None, "it ended without a report"
        process.send_signal(number)
        time.sleep(0.001)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", ["once", "until it helps"])
def test_an_interrupt_leaves_a_marked_report(folder: Folder, number: signal.Signals, times: str) -> None:
    begun = hanging(folder)
    process = start(folder)
    wait_for(begun)
    process.send_signal(number)
    if times != "once":
        insist(folder, process, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert b"INTERRUPTED: " in out
    report = folder.report()
    assert (report["interrupted"], report["partial"], report["verdict"]["exit_code"]) == (True, True, 130)
    assert report["verdict"]["state"] != "ready"
    states = {result["id"]: (result["state"], result["reason"]) for result in report["results"]}
    assert states == {
        "a": ("pass", None),
        "b": ("skipped", "interrupted"),
        "c": ("skipped", "interrupted"),
        "d": ("pending", "never_attested"),
    }


def test_an_interrupted_run_in_which_all_passed_so_far_is_not_ready(folder: Folder) -> None:
    begun = hanging(folder)
    process = start(folder, "-o", "-")
    wait_for(begun)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert json.loads(out)["verdict"]["state"] == "unverified"


def test_the_process_ends_although_a_check_hangs(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.net, timeout: 100ms, retries: 0, with: {does: [hang]}}")
    assert folder.shell("check", "--allow", "plugin", timeout=30).code == 3


def test_the_deadline_from_the_command_line(folder: Folder) -> None:
    hanging(folder)
    done = folder.shell("check", "--allow", "plugin", "--timeout", "500ms", timeout=30)
    assert done.code == 3
    assert "the run's deadline of 0.5 s passed" in done.out


# --- streams --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("does", "code"), [("pass", 0), ("fail", 1)])
def test_a_reader_who_goes_away_changes_no_exit_code(folder: Folder, does: str, code: int) -> None:
    folder.checklist(f"a: {{title: A, check: t.local, with: {{does: [{does}]}}}}")
    process = start(folder)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == code
    assert err.startswith(b"report: reports/default/")
    assert len(err.splitlines()) == 1
    assert len(folder.report()["results"]) == 1


def test_the_first_line_alone(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [fail]}}")
    command = f"set -o pipefail; {sys.executable} -m readiness check --allow plugin | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder.path, env=environment(), capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, b"service\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams(folder: Folder, closed: str) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [fail]}}")
    command = f"{sys.executable} -m readiness check --allow plugin {closed}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder.path, env=environment(), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr + done.stdout
    assert folder.report()["verdict"]["exit_code"] == 1


def test_the_report_on_stdout_and_words_on_stderr(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    for arguments in (["-o", "-"], ["--format", "json"], ["-f", "json", "-o", "-"]):
        done = folder.check(*arguments)
        assert json.loads(done.out)["verdict"]["state"] == "ready"
        assert "READY: nothing blocks" in done.err


def test_words_on_stdout_where_the_report_goes_to_a_file(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    done = folder.check("-o", "out.json")
    assert "READY: nothing blocks" in done.out
    assert done.err.startswith("report: reports/default/")
    assert json.loads((folder.path / "out.json").read_text("utf-8")) == folder.report()


def test_a_report_that_cannot_be_written_is_told_all_the_same(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [fail]}}")
    folder.write("reports", "a file is in the way")
    done = folder.check()
    assert done.code == 2
    assert "NOT READY: 1 item failed" in done.out
    assert "cannot write the report below reports" in done.err
    assert "--reports" in done.err


def test_a_file_that_cannot_be_written(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    done = folder.check("-o", "no/such/folder/out.json")
    assert done.code == 2
    assert "cannot write no/such/folder/out.json: No such file or directory" in done.err
    assert folder.report()["verdict"]["exit_code"] == 0


def test_each_run_has_a_folder_of_its_own_and_leaves_nothing_else(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    for _ in range(3):
        assert folder.check().code == 0
    files = [place for place in (folder.path / "reports").rglob("*") if place.is_file()]
    assert len(files) == 3
    assert {place.name for place in files} == {"report.json"}


def test_the_name_of_an_environment_is_no_path(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}", 'environments: {"../../evil": {}}')
    assert folder.check().code == 0
    (place,) = (folder.path / "reports").rglob("report.json")
    assert place.parts[-3] == ".._.._evil"


# --- terminals ------------------------------------------------------------------------------------


def shown(folder: Folder, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code, and all that a terminal of 80 columns received."""
    parent, child = pty.openpty()
    process = start(folder, terminal=child, env={"TERM": "xterm", **(env or {})})
    os.close(child)
    seen = b""
    while True:
        ready, _, _ = select.select([parent], [], [], 30)
        assert ready, "the terminal stays silent"
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(parent)
    return process.wait(timeout=30), seen.decode("utf-8")


def screen(text: str) -> list[str]:
    """The lines that stay on a terminal: what was drawn, erased and written over."""
    lines, row, column = [""], 0, 0
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)", text):
        if part == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif part == "\r":
            column = 0
        elif match := re.fullmatch(r"\x1b\[([0-9]*)A", part):
            row -= int(match[1] or 1)
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith("\x1b["):
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines]


def slow(folder: Folder) -> None:
    folder.checklist("""
        a.slow-one: {title: Slow, check: t.local, with: {does: ["sleep:1", fail]}}
        b: {title: B, check: t.local}
    """)


def test_a_terminal_sees_progress_and_keeps_the_report_alone(folder: Folder) -> None:
    slow(folder)
    code, text = shown(folder)
    assert code == 1
    assert "checked" in text
    assert "a.slow-one" in text.partition("FAIL")[0]
    kept = screen(text)
    assert not any("checked" in line for line in kept)
    assert kept[0] == "service"
    assert all(len(line) <= 80 for line in kept)
    assert "\x1b[?25h" in text or "\x1b[?25l" not in text, "the cursor stays hidden"


def test_an_interrupted_terminal_keeps_the_report_alone(folder: Folder) -> None:
    begun = hanging(folder)
    parent, child = pty.openpty()
    process = start(folder, terminal=child, env={"TERM": "xterm"})
    os.close(child)
    wait_for(begun)
    process.send_signal(signal.SIGINT)
    seen = b""
    try:
        while part := os.read(parent, 65536):
            seen += part
    except OSError:
        pass
    os.close(parent)
    assert process.wait(timeout=30) == 130
    text = seen.decode("utf-8")
    assert text.count("\x1b[?25h") == text.count("\x1b[?25l")
    assert not any("checked" in line for line in screen(text))


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours(folder: Folder, env: dict[str, str]) -> None:
    slow(folder)
    _, text = shown(folder, env)
    assert "\x1b[3" not in text
    assert "\x1b[1" not in text.replace("\x1b[1A", "")
    if "TERM" in env:
        assert "\x1b" not in text


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, False),
        ({"CLICOLOR": "1"}, False),
    ],
)
def test_colours_where_nobody_watches(folder: Folder, env: dict[str, str], coloured: bool) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [fail]}}")
    done = folder.shell("check", "--allow", "plugin", env=env)
    assert ("\x1b[" in done.out) is coloured
    assert "\x1b" not in done.err


def test_colours_change_no_word(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local, with: {does: [fail]}, fix: Do it}\nb: {title: B, manual: look}")
    plain = folder.shell("check", "--allow", "plugin").out
    coloured = folder.shell("check", "--allow", "plugin", env={"FORCE_COLOR": "1"}).out
    assert timeless(ESCAPE.sub("", coloured)) == timeless(plain)


def timeless(text: str) -> str:
    return re.sub(r" in [0-9.]+ s", "", text)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_cannot_show_a_character(folder: Folder, encoding: str) -> None:
    folder.checklist('a: {title: "Größe → 🚀", check: t.local, with: {does: [fail], text: "naïve ✗"}}')
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "check", "--allow", "plugin"],
        cwd=folder.path,
        env=environment({"PYTHONIOENCODING": encoding}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert "FAIL a" in done.stdout.decode(encoding)


# --- the report -----------------------------------------------------------------------------------

EVERY_STATE = """
a: {title: A, check: t.local, with: {does: [pass, pass]}, seed: 1.1.1x}
b: {title: B, check: t.local, with: {does: [fail, "fail:missing"]}, fix: Cure it}
c: {title: C, check: t.net, with: {does: [cannot]}, retries: 0}
d: {title: D, manual: look}
e: {title: E, check: t.write}
f: {title: F, check: t.local, environments: [other]}
g: {title: G, items: {x: X, y: {title: Y, check: t.local}}}
h: {title: H, check: t.local, needs: b}
i: {title: I, check: t.local, with: {does: ["raise:exit"]}}
"""


@pytest.mark.parametrize("arguments", [[], ["--only", "a"], ["--gate", "release"], ["--offline"]])
def test_the_report_has_the_form_of_its_schema(folder: Folder, arguments: list[str]) -> None:
    folder.checklist(EVERY_STATE, 'environments: {here: {}, other: {}}\ndocument: {version: "1.0"}\ntitle: T')
    schema = json.loads(folder.run("schema", "report").out)
    folder.check(*arguments)
    report = folder.report()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(report)
    for result in report["results"]:
        assert (result["reason"] is None) == (result["state"] == "pass")
        assert result["message"] or result["state"] == "pass"
    assert not Draft202012Validator(schema).is_valid({**report, "schema": "other"})
