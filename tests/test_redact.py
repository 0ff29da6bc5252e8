"""Secrets never leave: in none of the forms in which a server, a log or a header gives them back."""

from __future__ import annotations

import base64
import html
import json
import secrets
import string
import threading
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readiness.redact import MARK, Redactor, patterns

AWKWARD = "p@ss/w+rd=" + secrets.token_hex(6) + "\"'\\<&> é%"


def knowing(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.add(value)
    return redactor


def token(count: int = 24) -> str:
    return "".join(secrets.choice(string.ascii_letters) + secrets.choice(string.digits) for _ in range(count // 2))


FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "json": lambda text: json.dumps({"k": text}),
    "json, ascii only": lambda text: json.dumps(text, ensure_ascii=True),
    "json, as it is": lambda text: json.dumps(text, ensure_ascii=False),
    "query": quote_plus,
    "path": quote,
    "every character": lambda text: quote(text, safe=""),
    "html": html.escape,
    "repr": repr,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, url-safe": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "basic, as user": lambda text: base64.b64encode(f"{text}:".encode()).decode(),
    "basic, as password": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "basic, as password of another": lambda text: base64.b64encode(f"ab:{text}\n".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", ["word", "awkward", "long"])
def test_every_form(form: str, secret: str) -> None:
    value = {"word": token(), "awkward": AWKWARD, "long": token(400)}[secret]
    coded = FORMS[form](value)
    shown = knowing(value).text(f"before {coded} after")
    assert MARK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    core = coded.strip("\"{}k: '")
    assert core not in shown
    assert not any(core[at : at + 12] in shown for at in range(2, max(3, len(core) - 16)))


def test_lower_case_escapes() -> None:
    value = f"a/b={token()}"
    assert knowing(value).text(quote(value, safe="").replace("%2F", "%2f").replace("%3D", "%3d")) == MARK


def test_several_and_overlapping_secrets() -> None:
    one, two = token(), token()
    redactor = knowing(one, two, one + two)
    assert redactor.text(f"{one}{two} {two} {one}") == f"{MARK} {MARK} {MARK}"


def test_white_space_around_a_secret_is_no_hiding_place() -> None:
    value = token()
    assert knowing(f"  {value}\n").text(f"x{value}y") == f"x{MARK}y"


def test_short_values_are_left_alone() -> None:
    assert knowing("test", "1234567").text("a test of 1234567") == "a test of 1234567"


@pytest.mark.parametrize("mark", ["", "...", " ... (5000 bytes)"])
def test_the_beginning_of_a_secret_where_a_text_was_cut(mark: str) -> None:
    value = token(64)
    assert knowing(value).text(f"body: {value[:40]}{mark}") == f"body: {MARK}{mark}"


def test_an_explanation_is_no_beginning_of_a_secret() -> None:
    value = "sk_" + "live_" + token()
    assert knowing(value).text("expected sk_live_...") == "expected sk_live_..."


def test_bytes_of_the_environment_that_are_no_utf8() -> None:
    value = "pass\udcffword" + token()
    assert value not in knowing(value).text(f"x {value} y")


@pytest.mark.parametrize(
    "text",
    [
        "sk_" + "live_" + token(),
        "sk_" + "test_" + token(),
        "rk_" + "live_" + token(),
        "whsec_" + token(),
        "AKIA" + secrets.token_hex(8).upper(),
        "ghp_" + token(36),
        "SG." + token(22) + "." + token(44),
        "eyJ" + token(20) + ".eyJ" + token(20) + "." + token(20),
        "kamiyo_mcp_" + secrets.token_hex(32),
        "acme_" + secrets.token_hex(16),
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "5555555555554444",
        "378282246310005",
    ],
    ids=[
        "sk_live",
        "sk_test",
        "rk_live",
        "whsec",
        "AKIA",
        "ghp",
        "SG",
        "jwt",
        "ours",
        "short",
        "spaces",
        "dashes",
        "card",
        "amex",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    assert patterns(f"a {text} b") == f"a {MARK} b"


def test_a_private_key_even_where_it_was_cut() -> None:
    begin = "-----BEGIN " + "RSA PRIVATE KEY-----"
    assert patterns(f"x {begin}\n{token(100)}") == f"x {MARK}"


def test_a_password_in_a_url() -> None:
    assert patterns("postgresql://app:hunter22@db/x") == f"postgresql://{MARK}@db/x"
    assert patterns("https://:hunter22@host") == f"https://{MARK}@host"


@pytest.mark.parametrize(
    "text",
    [
        "pk_live_" + "abcdefgh12345678",
        "price_1PxABCDEFGHIJKLM",
        "2025-10-28T12:00:00Z",
        "https://api.kamiyo.ai:8443/health",
        "1761609600000",
        "4242 4242 4242 4241",
        "0.4242424242424242",
        "commit 4242424242424242aa",
        "cs_test_" + "a1b2c3d4" * 8,
        "sha256_" + "0a" * 15,
        "index_on_" + "tables" * 8,
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert patterns(text) == text


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "-----BEGIN " * 20_000, "4 " * 100_000, "://a:" * 40_000, "eyJaaaaaaaa." * 20_000,
     "sk_live_" * 30_000, "ab_" * 60_000],
    ids=["letters", "keys", "cards", "urls", "tokens", "prefixes", "names"],
)  # fmt: skip
def test_hostile_text_takes_no_time(text: str) -> None:
    begin = time.thread_time()
    knowing(*(token() for _ in range(20))).text(text)
    assert time.thread_time() - begin < 3


def test_secrets_arrive_while_others_are_hidden() -> None:
    redactor, stop = knowing(token()), threading.Event()
    failures: list[str] = []

    def hide() -> None:
        while not stop.is_set():
            redactor.text("x" * 2000 + "...")

    def add() -> None:
        for _ in range(40):
            value = token()
            redactor.add(value)
            if redactor.text(value) != MARK:
                failures.append(value)

    readers = [threading.Thread(target=hide) for _ in range(2)]
    writers = [threading.Thread(target=add) for _ in range(2)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not failures


@given(st.text(min_size=8), st.text(), st.text())
def test_a_known_secret_is_gone(value: str, before: str, after: str) -> None:
    assume(value.strip() == value and len(value) >= 8)
    assume(MARK not in value and value not in MARK)
    assert value not in knowing(value).text(before + value + after).replace(MARK, "\0")


@given(st.text())
def test_patterns_never_raise_and_are_stable(text: str) -> None:
    once = patterns(text)
    assert patterns(once) == once
