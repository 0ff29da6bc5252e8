"""Which commands a command line makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readiness.cli import COMMANDS, app, narrow


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    yield
    narrow("")


@pytest.mark.parametrize("word", ["check", "sign-off", "list"])
def test_a_command_that_is_named_is_the_only_one(word: str) -> None:
    narrow(word)
    assert len(app.registered_commands) == 1


@pytest.mark.parametrize("word", ["", "--help", "chek", "sign_off"])
def test_else_all_are_there(word: str) -> None:
    narrow(word)
    assert app.registered_commands == COMMANDS
