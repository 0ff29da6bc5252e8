from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from readiness.errors import ConfigError
from readiness.redact import Redactor
from readiness.world.env import Env
from tests.privileges import without_privileges

TOKEN = secrets.token_hex(16)


def dotenv(folder: Path, text: str | bytes) -> Path:
    path = folder / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Env({}, path, Redactor())
    return [f"{problem.place}: {problem.message}: {problem.hint}" for problem in caught.value.problems]


def test_the_process_wins_over_the_dotenv_even_with_an_empty_value(tmp_path: Path) -> None:
    env = Env({"A": "", "B": "process"}, dotenv(tmp_path, "A=file\nB=file\nC=file\n"), Redactor())
    assert [env.get(name) for name in "ABCD"] == ["", "process", "file", None]
    assert env.origin("A") == "process environment"
    assert env.origin("C") == ".env:3"
    assert env.origin("D") == "neither in the process environment nor in .env"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=plain   \n", "plain"),
        ("A = 'kept spaces '\n", "kept spaces "),
        ('A="a newline\\n"\n', "a newline\n"),
        ("export A=1 # a comment\r\n", "1"),
        ("\ufeffA=bom\n", "bom"),
        ("A=first\nA=last\n", "last"),
        ("A=${HOME}\n", "${HOME}"),
        ("A\n", None),
        ("A=\n", ""),
    ],
)
def test_a_value_is_what_the_service_would_see(tmp_path: Path, text: str, value: str | None) -> None:
    assert Env({}, dotenv(tmp_path, text), Redactor()).get("A") == value


def test_the_line_is_that_of_the_name_not_of_the_blank_lines_before_it(tmp_path: Path) -> None:
    env = Env({}, dotenv(tmp_path, "\n# a comment\n\n\nA='one\ntwo'\n\nB=1\n"), Redactor())
    assert (env.origin("A"), env.origin("B")) == (".env:5", ".env:8")


def test_every_malformed_line_is_named_and_none_is_shown(tmp_path: Path) -> None:
    found = problems(dotenv(tmp_path, f"A=1\n\nB='{TOKEN}\nC=2\n=3\n"))
    assert [text.split(": ")[0].removeprefix(str(tmp_path)) for text in found] == ["/.env:3:1", "/.env:5:1"]
    assert TOKEN not in "".join(found)


def test_a_file_that_is_no_utf8_text_names_the_line(tmp_path: Path) -> None:
    assert "/.env:2:1: the dotenv file is not UTF-8 text: save the file as UTF-8" in problems(
        dotenv(tmp_path, b"A=1\nB=\xe9\n")
    )[0].removeprefix(str(tmp_path))


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    assert "is not a regular file" in problems(tmp_path / ".env")[0]


def test_a_file_that_is_far_too_big_is_refused(tmp_path: Path) -> None:
    assert "more than 1 MiB" in problems(dotenv(tmp_path, "A=1\n" * 300_000))[0]


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "A=1\n")
    path.chmod(0)
    with without_privileges(tmp_path):
        found = problems(path)
    assert "cannot be read: Permission denied" in found[0]


def test_a_dotenv_that_is_not_there_holds_nothing_and_says_so(tmp_path: Path) -> None:
    env = Env({}, tmp_path / ".env", Redactor())
    assert env.get("A") is None
    assert env.origin("A") == "neither in the process environment nor in .env (no such file)"
    assert Env({}, None, Redactor()).origin("A") == "not in the process environment"


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("MY_API_KEY", TOKEN, TOKEN),
        ("sentry_dsn", f"https://{TOKEN}@errors.kamiyo.ai/1", TOKEN),
        ("ANYTHING", "sk_" + "test_" + TOKEN, "sk_" + "test_" + TOKEN),
        ("ANYTHING", "whsec_" + TOKEN, "whsec_" + TOKEN),
        ("DATABASE_URL", f"postgresql://app:{TOKEN}@db.internal/app", TOKEN),
        ("DATABASE_URL", "postgresql://app:p%40ss%2Fw0rd1@db.internal/app", "p@ss/w0rd1"),
    ],
)
def test_a_secret_is_known_to_the_redactor_once_it_was_asked_for(name: str, value: str, hidden: str) -> None:
    redactor = Redactor()
    Env({name: value}, None, redactor).get(name)
    assert hidden not in redactor.text(f"it was {value} or {hidden}")


def test_what_is_no_secret_stays_readable_unless_the_asker_says_so() -> None:
    redactor = Redactor()
    env = Env({"ENVIRONMENT": "production", "PLACE": "database.internal", "URL": "http://[bad"}, None, redactor)
    assert env.get("ENVIRONMENT") == "production"
    assert env.get("URL") == "http://[bad"
    env.get("PLACE", secret=True)
    assert redactor.text("production at database.internal") == "production at [redacted]"
