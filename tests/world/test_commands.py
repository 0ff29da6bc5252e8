from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from readiness.api import CannotTell, CommandResult, Reason
from readiness.redact import Redactor
from readiness.world.commands import MAX_BYTES, Commands
from readiness.world.env import Env


def run(root: Path, *argv: str, timeout: float = 30, env: tuple[str, ...] = (), **variables: str) -> CommandResult:
    process = {"PATH": os.environ["PATH"], **variables}
    return Commands(root, Env(process, None, Redactor())).run(argv, timeout=timeout, env=env)


def python(root: Path, program: str, **options: float) -> CommandResult:
    return run(root, sys.executable, "-c", program, timeout=options.get("timeout", 30))


def refusal(root: Path, *argv: str, timeout: float = 30) -> CannotTell:
    with pytest.raises(CannotTell) as caught:
        run(root, *argv, timeout=timeout)
    return caught.value


def test_exit_code_and_both_outputs(tmp_path: Path) -> None:
    result = python(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (result.exit_code, result.stdout, result.stderr, result.truncated) == (3, b"out\n", b"err\n", False)


def test_words_are_no_shell_line(tmp_path: Path) -> None:
    assert run(tmp_path, "echo", "$HOME", "; ls", "*").stdout == b"$HOME ; ls *\n"


def test_it_runs_in_the_root_without_input_and_with_a_short_environment(tmp_path: Path) -> None:
    program = "import os,sys,json; print(json.dumps([os.getcwd(), sys.stdin.read(), sorted(os.environ)]))"
    result = run(
        tmp_path, sys.executable, "-c", program, env=("NAMED", "NOT_SET"), NAMED="1", STRIPE_KEY="2", HOME="/h"
    )
    folder, read, names = json.loads(result.stdout)
    assert (Path(folder), read) == (tmp_path.resolve(), "")
    assert {"NAMED", "HOME", "PATH"} <= set(names)
    assert not {"STRIPE_KEY", "NOT_SET"} & set(names)


def test_a_script_of_the_root_runs(tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text("#!/bin/sh\necho ran\n")
    script.chmod(0o755)
    assert run(tmp_path, "./check.sh").stdout == b"ran\n"
    script.chmod(0o644)
    assert refusal(tmp_path, "./check.sh").reason is Reason.DENIED
    script.chmod(0o755)
    script.write_text("no program named\n")
    assert "could not be started" in refusal(tmp_path, "./check.sh").message


def test_what_is_not_installed_cannot_tell(tmp_path: Path) -> None:
    assert refusal(tmp_path, "no-such-program").reason is Reason.NOT_FOUND
    assert "the root" in refusal(tmp_path / "nowhere", "echo").message


def test_output_is_kept_up_to_the_bound_and_the_program_goes_on(tmp_path: Path) -> None:
    result = python(tmp_path, "import sys; sys.stdout.write('x' * 3_000_000); print('end', file=sys.stderr)")
    assert (len(result.stdout), result.stderr, result.truncated, result.exit_code) == (MAX_BYTES, b"end\n", True, 0)
    assert not python(tmp_path, f"print('x' * {MAX_BYTES - 1})").truncated


def test_a_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    # the grandchild holds the outputs, and the write end of a pipe whose end shows that it is gone
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    grandchild = "import time; pipe = open('alive', 'w'); print('up', file=pipe, flush=True); time.sleep(600)"
    program = f"import subprocess,sys,time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(600)"
    started = time.monotonic()
    cannot = refusal(tmp_path, sys.executable, "-c", program, timeout=5)
    assert (cannot.reason, "did not end within 5 seconds" in cannot.message) == (Reason.TIMEOUT, True)
    assert time.monotonic() - started < 60
    os.set_blocking(alive, True)
    with os.fdopen(alive) as pipe:
        assert pipe.read() == "up\n"


def test_a_child_that_keeps_the_pipes_open_does_not_keep_us(tmp_path: Path) -> None:
    program = "import subprocess,sys; subprocess.Popen(['sleep', '600']); print('done')"
    started = time.monotonic()
    result = python(tmp_path, program, timeout=60)
    assert (result.exit_code, result.stdout) == (0, b"done\n")
    assert time.monotonic() - started < 30


def test_a_program_that_closes_its_outputs_is_waited_for(tmp_path: Path) -> None:
    result = python(tmp_path, "import os,time; os.close(1); os.close(2); time.sleep(0.3); os._exit(4)")
    assert (result.exit_code, result.stdout) == (4, b"")


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    assert python(tmp_path, "import os; os.kill(os.getpid(), 9)").exit_code == -9
