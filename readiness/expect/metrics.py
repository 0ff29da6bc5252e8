"""What a service's metrics must be like, and whether its counters count."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from readiness.api import HttpRequest, Outcome, Reason, World
from readiness.expect.exchange import Exchange
from readiness.expect.request import Request
from readiness.prometheus.text import Exposition, parse

LOOKS, PAUSE = 10, 0.1
"""How often, and after how many seconds each, a counter is looked at again: some count after they have answered."""
FINE = 200


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a metric must be like."""

    type: Literal["counter", "gauge", "histogram", "summary"] | None = None
    """What its TYPE line says."""
    labels: tuple[str, ...] = ()
    """Names of labels that every one of its samples has."""
    min: float | None = None
    """What its samples add up to at least: a counter of what an earlier item has done must not be at 0."""

    def judge(self, page: Exchange, found: Exposition, name: str) -> Outcome:
        """One outcome; `name` is that of the samples, or of the metric that they belong to."""
        labelled = f" with the labels {', '.join(self.labels)}" if self.labels else ""
        least = "" if self.min is None else f" at {self.min:g} or more"
        expected = f"there{f' as a {self.type}' if self.type else ''}{labelled}{least}"
        samples = [sample for sample in found.samples if name in {sample.name, found.metric_of(sample.name)}]
        kind = found.type_of(name)
        if not samples and kind is None:
            return page.say(name, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
        lacking = [label for label in self.labels if any(label not in sample.labels for sample in samples)]
        wrong = [f"without the label {label}" for label in lacking]
        if self.labels and not samples:
            wrong.append("without a sample yet, so that its labels are unknown")
        if self.type and kind != self.type:
            wrong.append(f"as {kind or 'untyped'}")
        total = sum(sample.value for sample in samples)
        if self.min is not None and not total >= self.min:  # NaN is not enough either
            wrong.append(f"at {total:g}")
        observed = f"there {', '.join(wrong)}" if wrong else f"there with {len(samples)} samples"
        return page.say(name, ok=not wrong, expected=expected, observed=observed)


@dataclass(frozen=True, kw_only=True)
class Rise:
    """A counter that a request makes rise."""

    metric: str
    """Name of the samples: ``api_requests_total``."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that the samples have, among others; all that have them are added up."""
    request: Request
    """What makes it rise."""
    by: float = 1.0
    """At least by so much; others may ask at the same time."""

    def judge(self, world: World, page: HttpRequest) -> Outcome:
        """Read the page, send the request, and read the page again until the counter has moved."""
        what = self.metric + "".join(f" {name}={value}" for name, value in self.labels.items())
        expected = f"at least {self.by:g} more after the request"
        try:
            before = self._total(Exchange.of(world, page))
            Exchange.of(world, replace(self.request.build(), fresh=True)).need_room()
            seen, after = self._moved(world, page, before)
        except ValueError as error:
            return Exchange.of(world, page).say(what, ok=False, expected=expected, observed=f"unknown: {error}")
        observed = f"{after:g} after {before:g}"
        if after < before:
            observed += ": it fell, as where several processes count for themselves"
        return seen.say(what, ok=after - before >= self.by, expected=expected, observed=observed)

    def _moved(self, world: World, page: HttpRequest, before: float) -> tuple[Exchange, float]:
        looks = 0
        while True:
            looks += 1
            seen = Exchange.of(world, page)
            after = self._total(seen)
            if looks == LOOKS or not before <= after < before + self.by:
                break
            time.sleep(PAUSE)
        return seen, after

    def _total(self, page: Exchange) -> float:
        """What is not counted yet is 0."""
        return sum(sample.value for sample in exposed(page).of(self.metric, self.labels))


def exposed(page: Exchange) -> Exposition:
    """The metrics of a page. Raises ValueError for what is none, CannotTell for one that was cut."""
    page.need_whole_body("read to its end")
    if page.response.status != FINE:
        raise ValueError(f"the status is {page.response.status}")
    return parse(page.text)
