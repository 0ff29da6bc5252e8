"""Which commands a command line makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readiness.cli import PARTS, app, narrow


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    yield
    narrow("")


@pytest.mark.parametrize("word", ["check", "sign-off", "list"])
def test_a_command_that_is_named_is_the_only_one(word: str) -> None:
    narrow(word)
    assert (len(app.registered_commands), app.registered_groups) == (1, [])


@pytest.mark.parametrize("word", ["", "--help", "chek", "sign_off", "waivers"])
def test_else_all_are_there(word: str) -> None:
    narrow(word)
    assert (app.registered_commands, app.registered_groups) == ([], list(PARTS))
