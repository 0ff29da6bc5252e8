"""The kind ``http.metrics`` against the reference library's pages, and services that count wrongly or not at all."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from pydantic import ValidationError

from checks.http_metrics import HttpMetrics
from readiness.api import CannotTell, Effect, Outcome, Reason
from readiness.typed import adapter
from readiness.world import Outside
from tests.wire import Answer, WebServer, broken, look


def load(**options: Any) -> HttpMetrics:
    check: HttpMetrics = adapter(HttpMetrics).validate_python(options)
    return check


class Service:
    """A service that counts its requests with the reference library."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("api_requests_total", "Requests", ["endpoint", "status"], registry=self.registry)
        self.seconds = Histogram("api_seconds", "Time", registry=self.registry)
        self.server = WebServer(scripts={"/metrics": self.page, "/health": self.health})
        self.count: Callable[[], object] = lambda: self.requests.labels("/health", "200").inc()
        self.timers: list[threading.Timer] = []

    def page(self, handler: BaseHTTPRequestHandler) -> None:
        Answer(body=generate_latest(self.registry))(handler)

    def health(self, handler: BaseHTTPRequestHandler) -> None:
        Answer()(handler)
        self.count()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    with made.server:
        yield made
    for timer in made.timers:
        timer.join()


METRICS = {
    "api_requests_total": {"type": "counter", "labels": ["endpoint", "status"]},
    "api_seconds": {"type": "histogram"},
    "api_seconds_bucket": {"labels": ["le"]},
}


def judge(service: Service, world: Outside, **options: Any) -> list[Outcome]:
    url = service.server.url
    rise = {"metric": "api_requests_total", "labels": {"endpoint": "/health"}, "request": {"url": f"{url}/health"}}
    return look(load(**{"url": f"{url}/metrics", "metrics": METRICS, "rises": [rise], **options}), world)


def test_a_service_that_counts_passes(service: Service, world: Outside) -> None:
    outcomes = judge(service, world, max_series=100)
    assert not broken(outcomes)
    assert len(outcomes) == 1 + 1 + 3 + 1
    assert not broken(judge(service, world)), "another run counts as well, as nothing is taken from memory"


def test_one_that_counts_late_passes(service: Service, world: Outside) -> None:
    def later() -> None:
        service.timers.append(threading.Timer(0.25, service.requests.labels("/health", "200").inc))
        service.timers[-1].start()

    service.count = later
    assert not broken(judge(service, world))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (lambda _: None, "is 0 after 0, expected at least 1 more"),
        (lambda service: service.requests.labels("/other", "200").inc(), "is 0 after 0"),
        (lambda service: service.requests.labels("/health", "200").inc(0.5), "is 0.5 after 0"),
    ],
)
def test_one_that_does_not_count_fails(
    service: Service, world: Outside, count: Callable[[Service], None], said: str
) -> None:
    service.count = lambda: count(service)
    assert said in broken(judge(service, world))[0]


def test_several_processes_that_count_for_themselves(service: Service, world: Outside) -> None:
    processes = itertools.cycle([Answer(body=b"api_requests_total 7\n"), Answer(body=b"api_requests_total 3\n")])

    def any_of_them(handler: BaseHTTPRequestHandler) -> None:
        next(processes)(handler)

    service.server.scripts["/metrics"] = any_of_them
    (bad,) = broken(judge(service, world, metrics={}, rises=[
        {"metric": "api_requests_total", "request": {"url": f"{service.server.url}/health"}}
    ]))  # fmt: skip
    assert "3 after 7: it fell" in bad


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"api_request_total": {}}, "api_request_total is not there"),
        ({"api_requests_total": {"type": "gauge"}}, "as counter, expected there as a gauge"),
        ({"api_requests_total": {"labels": ["endpoint", "code"]}}, "without the label code"),
        ({"api_requests_total": {"min": 2}}, "is there at 1, expected there at 2 or more"),
        ({"api_other_total": {"min": 1}}, "api_other_total is not there"),
    ],
)
def test_a_metric_that_is_another_one_fails(
    service: Service, world: Outside, metrics: dict[str, Any], said: str
) -> None:
    assert said in broken(judge(service, world, metrics=metrics))[0]


def test_a_metric_without_a_sample_has_unknown_labels(service: Service, world: Outside) -> None:
    assert "without a sample yet" in broken(judge(service, world, rises=[]))[0]
    assert not broken(judge(service, world, rises=[], metrics={"api_requests_total": {"type": "counter"}}))


def test_what_an_earlier_item_did_is_counted(service: Service, world: Outside) -> None:
    service.requests.labels("/session", "200").inc(2)
    assert not broken(judge(service, world, rises=[], metrics={"api_requests_total": {"min": 2}}))
    service.requests.labels("/session", "500").inc(float("nan"))
    assert "at nan" in broken(judge(service, world, rises=[], metrics={"api_requests_total": {"min": 2}}))[0]


def test_too_many_series_fail(service: Service, world: Outside) -> None:
    for number in range(50):
        service.requests.labels(f"/session/{number}", "200").inc()
    assert "the number of series is" in broken(judge(service, world, max_series=50))[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(body=b"<html>metrics</html>"), "broken: line 1"),
        (Answer(status=404), "broken: the status is 404"),
        (Answer(status=401, body=b"up 1"), "broken: the status is 401"),
        (Answer(body=b"api_requests_total{endpoint=x} 1"), "broken: line 1"),
        (Answer(body=b""), "api_requests_total is not there"),
    ],
)
def test_a_page_that_is_none_fails(service: Service, world: Outside, answer: Answer, said: str) -> None:
    service.server.scripts["/metrics"] = answer
    bad = [outcome for outcome in judge(service, world) if not outcome.ok]
    assert any(said in outcome.message for outcome in bad)
    assert all(outcome.reason in {Reason.MISMATCH, Reason.MISSING} for outcome in bad)


def test_a_token_is_sent_with_the_page_alone(service: Service, world: Outside) -> None:
    judge(service, world, headers={"Authorization": "Bearer x"})
    sent = {asked.path for asked in service.server.asked if "authorization" in asked.headers}
    assert sent == {"/metrics"}


def test_a_page_beyond_the_bound_tells_nothing(service: Service, world: Outside) -> None:
    service.server.scripts["/metrics"] = Answer(body=b"# x\n" * 300_000)
    with pytest.raises(CannotTell, match="read to its end"):
        judge(service, world, rises=[])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing would be checked"),
        ({"metrics": {"api-requests": {}}}, "no name of a metric"),
        ({"metrics": {"up": {"labels": ["a-b"]}}}, "no name of a label"),
        ({"metrics": {"up": {}}, "rises": [{"metric": "up", "request": {}}]}, "no `url`"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(url="https://a.example/metrics", **options)


def test_the_plan_tells_what_is_sent() -> None:
    post = {"method": "POST", "url": "https://a.example/pay"}
    check = load(url="https://a.example/metrics", rises=[{"metric": "up", "request": post}])
    assert list(check.looks_at()) == ["GET https://a.example/metrics", "POST https://a.example/pay"]
    assert check.effect is Effect.WRITE
