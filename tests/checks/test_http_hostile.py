"""Every kind that speaks HTTP meets servers that mean harm: it ends in time, with a failure and never a pass."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, cast

import pytest

from checks.http import Http
from checks.http_cors import HttpCors
from checks.http_cross_site import HttpCrossSite
from checks.http_leaks import HttpLeaks
from checks.http_methods import HttpMethods
from checks.http_metrics import HttpMetrics
from checks.http_openapi import HttpOpenapi
from checks.http_rate_limit import HttpRateLimit
from checks.http_security_headers import HttpSecurityHeaders
from checks.http_tls import HttpTls
from readiness.api import Check
from readiness.checklist.model import State
from readiness.look import look
from readiness.typed import adapter
from tests.hostile import OK, Says, for_ever, once, serving
from tests.wire import outside

SECONDS = 0.5
OURS = "https://kamiyo.ai"
Options = Callable[[str], dict[str, Any]]
KINDS: dict[type[Any], Options] = {
    Http: lambda url: {"request": {"url": url}, "expect": {"status": 200, "json": {"$.a": 1}}},
    HttpCors: lambda url: {"request": {"url": url}, "allow": [OURS]},
    HttpCrossSite: lambda url: {"request": {"method": "POST", "url": url, "json": {}}, "origins": [OURS]},
    HttpLeaks: lambda url: {"requests": [{"method": "POST", "url": url, "json": {"a": 1}}], "status": ["4xx"]},
    HttpMetrics: lambda url: {"url": url, "metrics": {"up": {}}},
    HttpMethods: lambda url: {"request": {"url": url}, "allow": ["POST"]},
    HttpOpenapi: lambda url: {"url": url},
    HttpRateLimit: lambda url: {"request": {"url": url}, "limit": 3},
    HttpSecurityHeaders: lambda url: {"requests": [{"url": url}]},
    HttpTls: lambda url: {"url": url.replace("http:", "https:")},
}
SERVERS: dict[str, tuple[Says, float]] = {
    "never answers": (for_ever(b""), 0.05),
    "a byte now and then": (for_ever(b"H"), 0.05),
    "hangs up": (once(), 0.0),
    "no HTTP": (once(b"220 mail.example ESMTP\r\n"), 0.0),
    "headers without end": (for_ever(b"X-Bomb: " + b"x" * 4000 + b"\r\n", OK), 0.0),
    "half an answer": (once(OK + b"Content-Length: 100\r\n\r\nhalf"), 0.0),
    "broken chunks": (once(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 0.0),
    "broken gzip": (once(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), 0.0),
}
BODIES: dict[str, Says] = {
    "two gigabytes": for_ever(b"x" * 65536, OK + b"Content-Length: 2147483648\r\n\r\n"),
    "a gzip bomb": once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(20_000_000))),
}


def state(kind: type[Any], address: str, folder: Path) -> State:
    check = cast("Check", adapter(cast("Hashable", kind)).validate_python(KINDS[kind](f"http://{address}/")))
    with outside(folder) as world:
        started = time.monotonic()
        seen = look(check, world.attempt(SECONDS, fresh=False))
        assert time.monotonic() - started < SECONDS + 4
        assert len(seen.message) < 1000
        return seen.state


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_a_server_that_gives_no_answer_fails(kind: type[Any], name: str, tmp_path: Path) -> None:
    says, pause = SERVERS[name]
    with serving(says, pause=pause) as address:
        assert state(kind, address, tmp_path) is State.FAIL


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_a_body_without_end_is_never_a_pass(kind: type[Any], name: str, tmp_path: Path) -> None:
    with serving(BODIES[name]) as address:
        assert state(kind, address, tmp_path) in {State.FAIL, State.ERROR}
