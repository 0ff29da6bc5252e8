"""The log is JSON without secrets, whoever writes into it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from subprocess import PIPE
from typing import Any

import pytest

from tests.reference.service import REFERENCE, random_key

LOGS = """
import io, json, logging, sys, warnings
from monitoring.logging import configure_logging
answers = sys.stdout
for line in sys.stdin:
    body, text, known = json.loads(line)
    sys.stdout = io.StringIO()
    configure_logging("DEBUG", [known])
    exec(body, {"logging": logging, "warnings": warnings, "text": text})
    print(json.dumps(sys.stdout.getvalue()), file=answers, flush=True)
"""

Told = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """What a process that logs as a body says writes about a text, where it knows a secret."""
    argv, env = [sys.executable, "-c", LOGS], {**os.environ, "PYTHONPATH": str(REFERENCE)}
    with subprocess.Popen(argv, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) as process:

        def ask(body: str, text: str = "", known: str = "") -> list[dict[str, Any]]:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps([body, text, known]) + "\n")
            process.stdin.flush()
            written: str = json.loads(process.stdout.readline())
            return [json.loads(line) for line in written.split("\n")[:-1]]

        yield ask
        assert process.communicate(timeout=60) == ("", "")


WRITERS = {
    "root": "logging.info(text)",
    "child": "logging.getLogger('a.b.c').warning('%s', text)",
    "child with a level": "x = logging.getLogger('a.b'); x.setLevel('DEBUG'); x.debug({'deep': [text]})",
    "context": "logging.getLogger('a').info('e', extra={'context': {'deep': {'list': [(text,)]}}})",
    "name of a field": "logging.getLogger('a').info('e', extra={'context': {text: 1}})",
    "traceback": "try: raise ValueError(text)\nexcept ValueError: logging.getLogger('a').exception('e')",
    "cause": "try:\n  try: raise KeyError(text)\n  except KeyError as e: raise OSError('x') from e\n"
    "except OSError: logging.getLogger('a').exception('e')",
    "structlog": "import structlog; structlog.get_logger('a.b').info('e', deep={'list': [(text,)]})",
    "structlog's traceback": "import structlog\ntry: raise ValueError(text)\n"
    "except ValueError: structlog.get_logger('a').exception('e')",
    "server": "logging.getLogger('uvicorn.error').error(text)",
    "warning": "warnings.warn(text)",
    "stack": "def f(sk): logging.info('e', stack_info=True)\nf(text); logging.info(text)",
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_writer_is_redacted(told: Told, writer: str) -> None:
    key, card = random_key("sk_" + "live_"), "4000-0566-5566-5556"
    lines = told(WRITERS[writer], text=f"<{key}> {card}")
    assert lines
    assert key not in json.dumps(lines)
    assert card not in json.dumps(lines)
    assert "[redacted]" in json.dumps(lines)


@pytest.mark.parametrize(
    "secret",
    [
        random_key("sk_" + "test_"), random_key("rk_" + "live_"), random_key("pk_" + "live_"), random_key("whsec_"),
        "4242424242424242", "4242 4242 4242 4242", "378282246310005", "6011-1111-1111-1117", "3056930009020004",
        "4242.4242.4242.4242", "4242/4242/4242/4242", "4242_4242_4242_4242", "4242+4242+4242+4242",
        "4242%204242%204242%204242", "4242\u00a04242\u00a04242\u00a04242", "4242  4242  4242  4242",
        "4242 - 4242 - 4242 - 4242", "4242\u20134242\u20134242\u20134242",
        "o'brien@example.com", "ada!x@example.com", "ada%40example.com", "x/y@example.com",
        "b+ada=example.com@kamiyo.ai",
        "4242424242424242737", "cvc=737", '"cvv": "1234"', "CVV2 737", "ada@example.com", "postgres://u:pa55@host/db",
        "Bearer abc.def-1", "Basic YTpi", "sk_" + "test_****4711",
    ],
)  # fmt: skip
def test_secrets_of_many_kinds_are_removed(told: Told, secret: str) -> None:
    (line,) = told(WRITERS["root"], text=f"before {secret} after")
    assert line["event"].startswith("before ")
    assert line["event"].endswith(" after")
    assert "[redacted]" in line["event"]
    assert not set(re.split(r"[\W_]+", line["event"])) & {"737", "1234", "def", "YTpi", "4242", "o", "ada", "x"}
    assert secret not in line["event"]
    assert "pa55" not in line["event"]


@pytest.mark.parametrize(
    "text",
    ["order 1111111111111111", "cs_test_a1b2c3", "2026-11-23T18:42:00", "tier=team status=200", "price_1Abc", "12:30",
     "a task_testing", "evt_1", "10.0.0.1:8000", "expires_at 1795000000", "192.168.100.240:65535", "1, 22, 333",
     "2026-11-23 18:42:00.123456+00:00", "2026-11-23T18:42:00.123456Z", "@app.get('/a%20b')", "see /docs@v1"],
)  # fmt: skip
def test_what_is_no_secret_stays(told: Told, text: str) -> None:
    (line,) = told(WRITERS["root"], text=text)
    assert line["event"] == text


def test_a_known_secret_of_no_known_shape_is_removed(told: Told) -> None:
    (line,) = told(WRITERS["root"], text="<correct horse battery>", known="correct horse battery")
    assert line["event"] == "<[redacted]>"


def test_fields_with_secret_names_are_removed_whatever_they_hold(told: Told) -> None:
    context = {"cvc": 7, "card_number": "x", "api_key": "y", "nested": {"password": "z"}, "status": 200, "none": None}
    (line,) = told(f"logging.info('e', extra={{'context': {context!r}}})")
    assert line["cvc"] == line["card_number"] == line["api_key"] == line["nested"]["password"] == "[redacted]"
    assert (line["status"], line["none"], line["level"], line["event"]) == (200, None, "info", "e")


def test_what_cannot_be_written_is_reported_without_its_data(told: Told) -> None:
    key = random_key("sk_" + "live_")
    (line,) = told("logging.getLogger('a').info('%d keys', text)", text=key)
    assert (line["event"], line["level"]) == ("unloggable", "error")
    assert key not in json.dumps(line)


def test_a_line_break_cannot_forge_a_line(told: Told) -> None:
    assert len(told(WRITERS["root"], text='x\n{"event": "forged"}\u2028y')) == 1


def test_context_cannot_replace_the_line_s_own_fields(told: Told) -> None:
    (line,) = told("logging.info('e', extra={'context': {'event': 'x', 'level': 'y', 'own': 1}})")
    assert (line["event"], line["level"], line["own"]) == ("e", "info", 1)
