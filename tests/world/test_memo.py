"""Fetch once a run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from readiness.world.memo import Memo


def test_fetches_each_key_once() -> None:
    memo: Memo[str, int] = Memo()
    fetched: list[str] = []

    def fetch(key: str) -> int:
        fetched.append(key)
        return len(key)

    assert [memo.get(key, lambda key=key: fetch(key)) for key in ("a", "bb", "a")] == [1, 2, 1]  # type: ignore[misc]  # mypy cannot type a lambda's default
    assert fetched == ["a", "bb"]
    assert memo.known() == (1, 2)


def test_who_asks_meanwhile_waits_for_the_one_fetch() -> None:
    memo: Memo[str, str] = Memo()
    everyone_is_there = threading.Barrier(8)
    fetches: list[int] = []
    others_may_ask = threading.Event()

    def fetch() -> str:
        fetches.append(1)
        assert others_may_ask.wait(30)
        return "value"

    def ask(_: int) -> str:
        everyone_is_there.wait(30)
        return memo.get("key", fetch)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(ask, number) for number in range(8)]
        others_may_ask.set()
        assert {answer.result(5) for answer in answers} == {"value"}
    assert fetches == [1]


def test_a_failure_reaches_those_who_wait_and_is_not_kept() -> None:
    memo: Memo[str, str] = Memo()
    started, finish = threading.Event(), threading.Event()

    def fail() -> str:
        started.set()
        assert finish.wait(30)
        raise LookupError("away")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(memo.get, "key", fail)
        assert started.wait(30)
        second = threads.submit(memo.get, "key", fail)
        finish.set()
        for answer in (first, second):
            with pytest.raises(LookupError):
                answer.result(5)
    assert memo.get("key", lambda: "back") == "back"


def test_an_interrupt_lets_nobody_wait_for_ever() -> None:
    memo: Memo[str, str] = Memo()

    def interrupt() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memo.get("key", interrupt)
    assert memo.get("key", lambda: "again") == "again"
