from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.command import Command, Output
from readiness.api import CannotTell, Outcome, Reason
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env


def outcomes(root: Path, *argv: str, variables: dict[str, str] | None = None, **options: Any) -> list[Outcome]:
    redactor = Redactor()
    env = Env({"PATH": os.environ["PATH"], **(variables or {})}, None, redactor)
    found = list(Command(argv=argv, **options).run(Outside(environment="test", root=root, env=env, redactor=redactor)))
    assert found
    return found


def complaints(root: Path, program: str, **options: Any) -> list[str]:
    return [one.message for one in outcomes(root, sys.executable, "-c", program, **options) if not one.ok]


def test_the_exit_code(tmp_path: Path) -> None:
    assert complaints(tmp_path, "pass") == []
    assert complaints(tmp_path, "raise SystemExit(3)", exit_code=3) == []
    assert "ended with exit code 3" in complaints(tmp_path, "raise SystemExit(3)")[0]
    assert "ended with exit code 0" in complaints(tmp_path, "pass", exit_code=1)[0]
    assert "was ended by SIGKILL" in complaints(tmp_path, "import os; os.kill(os.getpid(), 9)")[0]


def test_what_it_says(tmp_path: Path) -> None:
    program = "import sys; print('3 passed'); print('a warning', file=sys.stderr)"
    said = {"stdout": Output(must=(r"^\d+ passed$",), must_not=("failed",)), "stderr": Output(must=("warn",))}
    assert complaints(tmp_path, program, **said) == []
    assert complaints(tmp_path, program, stdout=Output(must=("4 passed",))) == ["stdout does not say 4 passed"]
    assert complaints(tmp_path, program, stderr=Output(must_not=("warning",))) == ["stderr says warning"]


def test_the_end_of_the_output_is_evidence(tmp_path: Path) -> None:
    found = outcomes(tmp_path, sys.executable, "-c", "print('x' * 5000); print('the reason'); raise SystemExit(1)")
    assert found[0].evidence[0].seen.endswith("the reason")


def test_what_was_cut_says_nothing_about_what_comes_after(tmp_path: Path) -> None:
    program = "print('start'); print('x' * 2_000_000); print('end')"
    assert complaints(tmp_path, program) == []
    assert complaints(tmp_path, program, stdout=Output(must=("start",))) == []
    for output in (Output(must=("end",)), Output(must_not=("end",))):
        with pytest.raises(CannotTell, match="stdout went past 1 MiB"):
            complaints(tmp_path, program, stdout=output)


def test_an_instrument_that_is_missing_or_too_slow_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotTell) as missing:
        outcomes(tmp_path, "no-such-program")
    assert missing.value.reason is Reason.NOT_FOUND
    with pytest.raises(CannotTell) as slow:
        complaints(tmp_path, "import time; time.sleep(600)", limit="300ms")
    assert slow.value.reason is Reason.TIMEOUT


def test_a_script_of_the_repository_that_is_not_there_fails(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "scripts/rollback.sh", "--dry-run")
    assert [(one.ok, one.reason, one.message) for one in found] == [
        (False, Reason.MISSING, "scripts/rollback.sh is not there")
    ]


def test_named_variables_are_handed_over_and_secrets_are_redacted(tmp_path: Path) -> None:
    token = secrets.token_hex(16)
    program = "import os; print(os.environ.get('API_TOKEN'), os.environ.get('OTHER'))"
    options: dict[str, Any] = {"variables": {"API_TOKEN": token, "OTHER": "x"}, "env": ("API_TOKEN",)}
    found = outcomes(tmp_path, sys.executable, "-c", program, stdout=Output(must=(f"^{token} None$",)), **options)
    assert all(one.ok for one in found)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"argv": ()}, "names no program"),
        ({"argv": ("ls -l",)}, "no shell splits"),
        ({"argv": ("ls", "a\0b")}, "NUL"),
        ({"argv": ("ls",), "limit": "30"}, "is no duration"),
        ({"argv": ("ls",), "env": ("A=1",)}, "not values"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Command(**options)


def test_an_output_without_patterns_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing would be checked"):
        Output()
