"""Servers that mean harm, and servers that are broken: every exchange ends in time, in little memory, in words."""

from __future__ import annotations

import gzip
import itertools
import time
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest

from readiness.api import HttpRequest, HttpResponse, Reason, Unreachable
from readiness.world.http import HttpClient
from tests.hostile import OK, Says, for_ever, once, serving

SECONDS = 2.0
"""That an exchange may take."""


def ask(address: str, *, scheme: str = "http", **options: object) -> HttpResponse:
    """One exchange, which ends in time and in less than 12 MiB, whatever comes."""
    client = HttpClient(timeout=SECONDS, body_limit=100_000)
    tracemalloc.start()
    started = time.monotonic()
    try:
        return client.send(HttpRequest(url=f"{scheme}://{address}/", **options))  # type: ignore[arg-type]  # fields of a request
    finally:
        passed, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        client.close()
        assert passed < SECONDS + 1.5
        assert peak < 12 << 20


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (once(), Reason.UNREACHABLE),
        (for_ever(b"X-Bomb: " + b"x" * 1000 + b"\r\n", OK), Reason.UNREACHABLE),
        (for_ever(b"x" * 65536, OK + b"X-Bomb: "), Reason.UNREACHABLE),
        (for_ever(b"\r\n"), Reason.UNREACHABLE),
        (for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 50), Reason.TIMEOUT),
        (once(b"<html>HTTP/0.9 says hello</html>"), Reason.UNREACHABLE),
        (once(b"\x00" * 4096), Reason.UNREACHABLE),
        (once(b"ICY 200 OK\r\n\r\nmusic"), Reason.UNREACHABLE),
        (once(b"HTTP/1.1 20 OK\r\n\r\n"), Reason.UNREACHABLE),
        (once(b"HTTP/1.1 two hundred\r\n\r\n"), Reason.UNREACHABLE),
        (once(OK + b"no colon here\r\n\r\n"), Reason.UNREACHABLE),
        (once(OK + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n"), Reason.UNREACHABLE),
        (once(OK + b"Content-Length: -1\r\n\r\n"), Reason.UNREACHABLE),
        (once(OK + b"Content-Length: many\r\n\r\n"), Reason.UNREACHABLE),
        (once(OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc"), Reason.UNREACHABLE),
        (once(OK + b"Content-Length: 10\r\n\r\nhalf"), Reason.UNREACHABLE),
        (once(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n"), Reason.UNREACHABLE),
        (once(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nbody\r\n"), Reason.UNREACHABLE),
        (once(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nbo"), Reason.UNREACHABLE),
        (once(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbodyno end"), Reason.UNREACHABLE),
        (for_ever(b";x=" + b"y" * 1000, OK + b"Transfer-Encoding: chunked\r\n\r\n5"), Reason.UNREACHABLE),
        (for_ever(b"x" * 1000, OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: "), Reason.UNREACHABLE),
        (once(OK + b"Transfer-Encoding: brainwaves\r\n\r\nx"), Reason.UNREACHABLE),
        (once(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"), Reason.UNREACHABLE),
        (once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 99)[:-9]), Reason.UNREACHABLE),
    ],
)
def test_what_is_no_answer_is_unreachable(says: Says, reason: Reason) -> None:
    with serving(says) as address, pytest.raises(Unreachable) as error:
        ask(address)
    assert error.value.reason is reason
    assert address in str(error.value)


def empty_blocks() -> Iterator[bytes]:
    """A gzip stream that is never over and never says anything."""
    packer = zlib.compressobj(wbits=31)
    yield OK + b"Content-Encoding: gzip\r\n\r\n" + packer.flush(zlib.Z_SYNC_FLUSH)
    while True:
        yield packer.flush(zlib.Z_FULL_FLUSH) + b"\x00\x00\x00\xff\xff" * 1000


@pytest.mark.parametrize(
    "says",
    [
        for_ever(b"x", OK + b"Content-Length: 2147483648\r\n\r\n"),
        for_ever(b"1\r\nx\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"),
        for_ever(b"X: y\r\n", OK),
        for_ever(b"H"),
        empty_blocks,
    ],
)
def test_a_byte_now_and_then_is_a_timeout(says: Says) -> None:
    with serving(says, pause=0.05) as address, pytest.raises(Unreachable) as error:
        ask(address)
    assert error.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "says",
    [
        for_ever(b"x" * 65536, OK + b"Content-Length: 2147483648\r\n\r\n"),
        for_ever(b"10000\r\n" + b"x" * 65536 + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"),
        for_ever(b"x" * 65536, OK + b"\r\n"),
        once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(30_000_000))),
        once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(200_000)) + b"junk" * 1000),
    ],
)
def test_a_body_without_end_is_cut(says: Says) -> None:
    with serving(says) as address:
        answer = ask(address)
    assert (len(answer.body), answer.truncated) == (100_000, True)


@pytest.mark.parametrize(
    ("says", "body"),
    [
        (once(OK + b"Content-Length: 4\r\n\r\nbody and more"), b"body"),
        (once(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), b""),
        (once(b"HTTP/1.0 200 OK\n\nbody"), b"body"),
        (once(b"HTTP/9.9 200 OK\r\n\r\nbody"), b"body"),
        (once(OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), b"abc"),
        (once(OK + b"Set-Cookie: a=1\r\n" * 2000 + b"\r\n"), b""),
        (once(OK + b"X: \xff\xfe\r\nContent-Length: 0\r\n\r\n"), b""),
        (once(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"\r\nbody"), b"body"),
        (once(OK + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"), b"x"),
        (once(OK + b"Content-Type: text/html; charset=nonsense\r\nContent-Length: 1\r\n\r\n\xff"), b"\xff"),
    ],
)
def test_what_is_odd_and_whole_is_an_answer(says: Says, body: bytes) -> None:
    with serving(says) as address:
        assert ask(address).body == body


def test_redirects_without_end_are_bounded() -> None:
    numbers = itertools.count()

    def onwards() -> Iterable[bytes]:
        number = next(numbers)
        return [b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % number]

    with serving(onwards) as address, pytest.raises(Unreachable, match="redirects more than 5 times"):
        ask(address, follow_redirects=True)
    assert next(numbers) == 6


REDIRECT = b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "


@pytest.mark.parametrize(
    "location",
    [b"/" + b"a" * 90_000, b"http://[::1", b"http://:80/", b"javascript:alert(1)", b"http://a:999999/"],
)
def test_a_location_that_nobody_follows_is_a_failure(location: bytes) -> None:
    with serving(once(REDIRECT + location + b"\r\n\r\n")) as address:
        assert ask(address).status == 302
        with pytest.raises(Unreachable, match="redirects to") as error:
            ask(address, follow_redirects=True)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("location", [b"/\xff\xfe/", b"\\evil", b"?", b"#", b"/a b", b"/%zz", b"//"])
def test_an_odd_location_does_no_harm(location: bytes) -> None:
    with serving(once(REDIRECT + location + b"\r\n\r\n")) as address, pytest.raises(Unreachable, match="more than 5"):
        ask(address, follow_redirects=True)


def test_a_server_that_takes_nothing_is_a_timeout() -> None:
    with serving(for_ever(b""), listens=False, pause=0.05) as address, pytest.raises(Unreachable) as error:
        ask(address, method="POST", content=b"x" * (8 << 20))
    assert error.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("says", "pause", "reason"),
    [
        (once(b"\x16\x03\x03\x00\x7a"), 0.0, Reason.TLS),
        (once(b"\x15\x03\x03\x00\x02\x02\x28"), 0.0, Reason.TLS),
        (once(b"HTTP/1.1 400 Bad Request\r\n\r\n"), 0.0, Reason.TLS),
        (for_ever(b"\x00" * 65536, b"\x16\x03\x03\xff\xff"), 0.0, Reason.TLS),
        (for_ever(b"\x02", b"\x16\x03\x03\x40\x00"), 0.05, Reason.TIMEOUT),
    ],
)
def test_broken_tls(says: Says, pause: float, reason: Reason) -> None:
    with serving(says, pause=pause) as address, pytest.raises(Unreachable) as error:
        ask(address, scheme="https")
    assert error.value.reason is reason
