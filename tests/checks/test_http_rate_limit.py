"""The kind ``http.rate_limit`` against limiters of many styles: each hole is found, no sound one is accused."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any

import pytest
from pydantic import ValidationError

from checks.http_rate_limit import HttpRateLimit
from readiness.api import CannotTell, Effect, Outcome, Reason
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, WebServer, broken, look

LIMIT = 5
Key = Callable[[BaseHTTPRequestHandler], object]


def peer(handler: BaseHTTPRequestHandler) -> object:
    return handler.client_address[0]


def of(name: str) -> Key:
    """Believes a header."""
    return lambda handler: handler.headers.get(name) or peer(handler)


def last_but_one(handler: BaseHTTPRequestHandler) -> object:
    """Believes that one proxy stands in front of it, which adds the address before its own."""
    chain = (handler.headers.get("X-Forwarded-For") or "").split(", ")
    return chain[-2] if len(chain) > 1 else peer(handler)


@dataclass(kw_only=True)
class Limiter:
    """Answers `limit` requests a window for each key; fixed windows, sliding ones or a bucket."""

    key: Key = peer
    limit: int = LIMIT
    window: float = 60.0
    style: str = "sliding"
    status: int = 429
    retry_after: Callable[[float], str | None] = field(default=lambda wait: str(int(wait) + 1))
    usual: int = 400
    paths: tuple[str, ...] = ("/x",)
    clock: Callable[[], float] = time.monotonic
    seen: dict[object, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        wait = self.wait(self.seen[self.key(handler)], self.clock())
        if handler.path.partition("?")[0] not in self.paths or not wait:
            Answer(status=self.usual)(handler)
            return
        said = self.retry_after(wait)
        headers = (("Retry-After", said),) if said is not None else ()
        Answer(status=self.status, headers=headers, body=b'{"error": "rate_limited"}')(handler)

    def wait(self, events: list[float], now: float) -> float:
        if self.style == "bucket":
            return self.leak(events, now)
        if self.style == "fixed" and events and now - events[0] > self.window:
            events.clear()
        events[:] = [moment for moment in events if moment > now - self.window]
        if len(events) >= self.limit:
            return events[0] + self.window - now
        events.append(now)
        return 0.0

    def leak(self, level: list[float], now: float) -> float:
        """`level` holds what is in the bucket and when that was true."""
        filled, then = level or (0.0, now)
        filled = max(0.0, filled - (now - then) * self.limit / self.window)
        full = filled + 1 > self.limit
        level[:] = [filled if full else filled + 1, now]
        return self.window / self.limit if full else 0.0


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(scripts={"/hook": Answer(status=400), "/other": Answer()}) as running:
        yield running


def load(**options: Any) -> HttpRateLimit:
    check: HttpRateLimit = adapter(HttpRateLimit).validate_python(options)
    return check


def judge(server: WebServer, world: Outside, limiter: Limiter, **options: Any) -> list[Outcome]:
    server.scripts["/x"] = limiter
    asked = {"method": "POST", "url": f"{server.url}/x", "json": {}}
    return look(load(**{"request": asked, "limit": LIMIT, **options}), world)


@pytest.mark.parametrize(
    "limiter",
    [
        Limiter(),
        Limiter(style="fixed"),
        Limiter(style="bucket"),
        Limiter(usual=200),
        Limiter(usual=501),
        Limiter(limit=3),
        Limiter(retry_after=lambda wait: formatdate(time.time() + wait, usegmt=True)),
    ],
)
def test_a_sound_limit_passes(server: WebServer, world: Outside, limiter: Limiter) -> None:
    outcomes = judge(server, world, limiter)
    assert not broken(outcomes)
    assert len(outcomes) == 2 + 12
    assert len(server.asked) <= LIMIT + 1 + 12 + 2


def test_a_limit_that_fills_up_while_it_is_probed_passes(server: WebServer, world: Outside) -> None:
    """One request comes back in the time of 13, so that a disguise is let through now and then."""
    ticks = count(step=0.003)
    limiter = Limiter(style="bucket", window=0.2, clock=lambda: next(ticks))
    assert not broken(judge(server, world, limiter, window="2s"))


def test_a_reading_request_is_sent_each_time(server: WebServer, world: Outside) -> None:
    server.scripts["/x"] = Limiter(usual=200)
    assert not broken(look(load(request={"url": f"{server.url}/x"}, limit=LIMIT), world))


@pytest.mark.parametrize(
    ("key", "disguise"),
    [
        (of("X-Forwarded-For"), "x forwarded for"),
        (last_but_one, "x forwarded for chain"),
        (of("Forwarded"), "forwarded"),
        (of("X-Real-IP"), "x real ip"),
        (of("CF-Connecting-IP"), "cf connecting ip"),
        (of("True-Client-IP"), "true client ip"),
        (of("User-Agent"), "user agent"),
        (of("Cookie"), "cookie"),
        (lambda handler: handler.path, "query"),
        (lambda handler: time.monotonic() if handler.headers.get("X-Real-IP") == "127.0.0.1" else 1, "loopback"),
    ],
)
def test_a_disguise_that_gains_something_fails(server: WebServer, world: Outside, key: Key, disguise: str) -> None:
    limiter = Limiter(key=key)
    limiter.paths = ("/x",)
    bad = broken(judge(server, world, limiter))
    assert any(f"changes {disguise} is let through" in message for message in bad), bad
    assert len(bad) <= 2


@pytest.mark.parametrize(
    ("limiter", "said"),
    [
        (Limiter(limit=10_000), "never: 6 times 400 Bad Request"),
        (Limiter(limit=2 * LIMIT), "never: 6 times 400"),
        (Limiter(limit=LIMIT + 1), "never"),
        (Limiter(status=503), "nginx says 503 unless"),
        (Limiter(retry_after=lambda _: None), "retry-after is not there"),
        (Limiter(retry_after=lambda _: "soon"), "'soon', which is neither"),
        (Limiter(retry_after=lambda _: "0"), "retry-after is 0"),
        (Limiter(retry_after=lambda _: "3600"), "retry-after is 3600"),
        (Limiter(retry_after=lambda _: "-5"), "'-5', which is neither"),
        (Limiter(retry_after=lambda _: "9" * 400), "retry-after is 999"),
        (Limiter(retry_after=lambda _: formatdate(time.time() + 7200, usegmt=True)), "(7200 s away)"),
        (Limiter(retry_after=lambda _: formatdate(time.time() - 60, usegmt=True)), "(-60 s away)"),
    ],
)
def test_a_limit_with_a_fault_fails(server: WebServer, world: Outside, limiter: Limiter, said: str) -> None:
    assert any(said in message for message in broken(judge(server, world, limiter)))


def test_a_window_that_others_have_used_is_no_fault(server: WebServer, world: Outside) -> None:
    limiter = Limiter()
    limiter.seen["127.0.0.1"] += [time.monotonic()] * 3
    assert not broken(judge(server, world, limiter))
    fresh = Limiter()
    fresh.seen["127.0.0.1"] += [time.monotonic()] * 3
    assert "given to number 3, after" in broken(judge(server, world, fresh, exact=True))[0]
    assert not broken(judge(server, world, Limiter(), exact=True))


def test_a_window_that_is_used_up_tells_nothing(server: WebServer, world: Outside) -> None:
    with pytest.raises(CannotTell, match="429 Too Many Requests") as error:
        judge(server, world, Limiter(limit=1, seen=defaultdict(list, {"127.0.0.1": [time.monotonic()]})))
    assert error.value.reason is Reason.RATE_LIMITED


def test_a_window_that_another_item_used_up_may_be_waited_for(server: WebServer, world: Outside) -> None:
    limiter = Limiter(limit=LIMIT, window=0.3, retry_after=lambda _: "1")
    limiter.seen["127.0.0.1"] += [time.monotonic()] * LIMIT
    outcomes = judge(server, world, limiter, window="1s", waits=True, disguises=[])
    assert not broken(outcomes)
    assert not broken(judge(server, world, Limiter(), waits=True))
    assert broken(judge(server, world, Limiter(limit=LIMIT * 2), waits=True))


def test_a_service_that_is_slower_than_the_window_tells_nothing(server: WebServer, world: Outside) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.06)
        Answer()(handler)

    server.scripts["/x"] = slow
    with pytest.raises(CannotTell, match="longer than the window"):
        look(load(request={"url": f"{server.url}/x"}, limit=LIMIT, window="200ms"), world)


def test_the_body_of_the_429_may_be_asked_for(server: WebServer, world: Outside) -> None:
    assert not broken(judge(server, world, Limiter(), answer={"json": {"$.error": "rate_limited"}}))
    assert broken(judge(server, world, Limiter(), answer={"json": {"$.detail": {"type": "string"}}}))


def test_what_is_exempt_and_what_is_spared(server: WebServer, world: Outside) -> None:
    more = {"exempt": [{"method": "POST", "url": f"{server.url}/hook"}], "spared": [{"url": f"{server.url}/other"}]}
    assert not broken(judge(server, world, Limiter(), **more))
    assert sum(asked.path == "/hook" for asked in server.asked) == LIMIT + 1
    everything = Limiter(paths=("/x", "/hook", "/other"))
    server.scripts |= {"/hook": everything, "/other": everything}
    bad = broken(judge(server, world, everything, **more))
    assert len(bad) == 2
    assert "number 1 is refused" in bad[0]
    server.scripts |= {"/hook": Limiter(paths=("/hook",)), "/other": Answer()}
    (message,) = broken(judge(server, world, Limiter(), **more))
    assert f"number {LIMIT + 1} is refused with 429" in message


def test_recovery(server: WebServer, world: Outside) -> None:
    options = {"window": "2s", "recovers": True, "disguises": []}
    assert not broken(judge(server, world, Limiter(window=0.6), **options))
    forever = Limiter(retry_after=lambda _: "1")
    assert "limited: number 1" in broken(judge(server, world, forever, **options))[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": 0}, "limits from 1"),
        ({"limit": 100_000}, "limits from 1"),
        ({"limit": 5, "window": "a minute"}, "no duration"),
        ({"limit": 5, "answer": {}}, "nothing would be asserted"),
        ({"limit": 5, "disguises": ["moustache"]}, "x-forwarded-for"),
        ({"limit": 5, "exempt": [{"method": "GET"}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(request={"url": "https://a.example/"}, **options)


def test_elsewhere_it_is_traffic() -> None:
    assert load(request={"url": "https://a.example/"}, limit=5).effect is Effect.TRAFFIC
    here = {"url": "http://127.0.0.1:1/", "method": "POST"}
    assert load(request=here, limit=5).effect is Effect.READ
    assert load(request=here, limit=5, spared=[{"url": "https://a.example/"}]).effect is Effect.TRAFFIC
    assert list(load(request=here, limit=5).looks_at()) == ["POST http://127.0.0.1:1/ (about 78 times)"]
