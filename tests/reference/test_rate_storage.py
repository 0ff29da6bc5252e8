"""Requests are counted in Redis for all processes together, and without it where it is away."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port
from tests.reference.figures import figures
from tests.reference.service import HEALTH, Service, running, settings

REDIS = shutil.which("redis-server")
START = 20.0

pytestmark = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


@contextmanager
def redis(folder: Path, *, port: int = 0, password: str = "") -> Iterator[int]:
    """A Redis in memory on a free port, until the end of the block."""
    assert REDIS
    port = port or free_port()
    argv = [
        REDIS,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen([*argv, *(["--requirepass", password] if password else [])], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)  # it has no way to tell
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def limited(port: int, password: str = "") -> Iterator[tuple[Service, httpx.Client]]:
    """A service that allows five requests a minute."""
    url = f"redis://:{password}@127.0.0.1:{port}/0" if password else f"redis://127.0.0.1:{port}"
    with running(settings(REDIS_URL=url, RATE_LIMIT_PER_MINUTE="5")) as service, service.client() as client:
        yield service, client


def codes(client: httpx.Client, times: int) -> list[int]:
    return [client.get(HEALTH).status_code for _ in range(times)]


def test_two_processes_count_together(tmp_path: Path) -> None:
    password = secrets.token_hex(12)
    with (
        redis(tmp_path, password=password) as port,
        limited(port, password) as (one, first),
        limited(port, password) as (_, second),
    ):
        assert codes(first, 3) == [503] * 3
        assert codes(second, 3) == [503, 503, 429]
        refused = first.get(HEALTH)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert figures(first)["rate_limit_redis_failures_total", ()] == 0
        assert password not in "".join(one.lines)


def test_while_redis_is_away_each_process_counts_alone_and_nobody_gets_an_error(tmp_path: Path) -> None:
    port = free_port()
    with limited(port) as (service, client):
        assert codes(client, 7) == [503] * 5 + [429] * 2
        failed = service.event("redis_failed")
        assert (failed["level"], failed["fault"]) == ("error", "ConnectionError")
        # it was asked once, not seven times
        assert figures(client)["rate_limit_redis_failures_total", ()] == 1
        with redis(tmp_path, port=port):
            deadline = time.monotonic() + START
            while client.get(HEALTH).status_code == 429:  # until it is asked again, where nothing is counted yet
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert codes(client, 5) == [503] * 4 + [429]
        # it goes away under a service that uses it
        assert set(codes(client, 3)) <= {429, 503}


def test_a_redis_that_does_not_answer_costs_half_a_second_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, limited(silent.getsockname()[1]) as (_, client):
        started = time.monotonic()
        assert codes(client, 6) == [503] * 5 + [429]
        assert time.monotonic() - started < 4


def test_a_wrong_password_is_an_outage_and_not_told(tmp_path: Path) -> None:
    wrong = secrets.token_hex(12)
    with redis(tmp_path, password=secrets.token_hex(12)) as port, limited(port, wrong) as (service, client):
        assert codes(client, 6) == [503] * 5 + [429]
        service.event("redis_failed")
        assert wrong not in "".join(service.lines)
