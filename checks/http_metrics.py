"""The kind `http.metrics`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from readiness.api import Effect, HttpRequest, Outcome, Reads, World
from readiness.expect.exchange import Exchange
from readiness.expect.metrics import Metric, Rise, exposed
from readiness.expect.request import Request, effect_of, lines_of
from readiness.prometheus.text import LABEL, NAME


@dataclass(frozen=True, kw_only=True)
class HttpMetrics:
    """The service exposes its metrics to Prometheus, and its counters count.

    The page at `url` must be in the text format (0.0.4 or OpenMetrics), which is read strictly:
    Prometheus drops a whole scrape for one broken line. Each metric of `metrics` is there with its
    type and labels. For each of `rises` the page is read, the request sent, and the page read again,
    as long as a second, since many services count after they have answered. A counter that has no
    sample yet counts as 0. A counter that falls is told as such: several processes behind one
    address that each count for themselves look like this.
    """

    id: ClassVar = "http.metrics"
    reads: ClassVar = frozenset({Reads.NETWORK})

    url: str
    """Where the metrics are: ``http://127.0.0.1:8000/metrics``."""
    headers: Mapping[str, str | None] | None = None
    """What the page wants to be asked with, such as a token."""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    """What must be there, by the name of the samples or of the metric."""
    rises: tuple[Rise, ...] = ()
    """Counters that must count."""
    max_series: int | None = None
    """Samples that the page may have at most; a label that takes whole addresses or ids has no end."""

    def __post_init__(self) -> None:
        if not self.metrics and not self.rises and self.max_series is None:
            raise ValueError("neither `metrics`, `rises` nor `max_series` is given, so nothing would be checked")
        for name in (*self.metrics, *(rise.metric for rise in self.rises)):
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a metric")
        for label in (label for metric in self.metrics.values() for label in metric.labels):
            if not LABEL.fullmatch(label):
                raise ValueError(f"{label!r} is no name of a label")
        self._sent()

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        return effect_of(self._sent())

    def looks_at(self) -> Iterator[str]:
        """The page, and each request."""
        yield from lines_of(self._sent())

    def run(self, world: World) -> Iterator[Outcome]:
        """Make the counters rise, then read the page: some metrics have no sample before."""
        asked = self._sent()[0]
        yield from (rise.judge(world, asked) for rise in self.rises)
        page = Exchange.of(world, asked)
        try:
            found = exposed(page)
        except ValueError as error:
            yield page.say("the page", ok=False, expected="in the format of Prometheus", observed=f"broken: {error}")
            return
        yield page.say("the page", ok=True, expected="in the format of Prometheus", observed="in that format")
        yield from (metric.judge(page, found, name) for name, metric in self.metrics.items())
        if self.max_series is not None:
            count, most = len(found.samples), self.max_series
            yield page.say("the number of series", ok=count <= most, expected=f"at most {most}", observed=str(count))

    def _sent(self) -> tuple[HttpRequest, ...]:
        page = replace(Request(url=self.url, headers=self.headers).build(), fresh=True)
        return (page, *(rise.request.build() for rise in self.rises))
