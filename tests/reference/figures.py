"""The samples of a service's /metrics."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(client: httpx.Client, **headers: str) -> Figures:
    """Every sample by its name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def rises(before: Figures, after: Figures) -> dict[str, float]:
    """How much each counter rose, as it is written in Prometheus."""
    return {
        name + "".join(f" {value}" for _, value in labels): value - before.get((name, labels), 0)
        for (name, labels), value in after.items()
        if name.endswith("_total") and value != before.get((name, labels), 0) and not name.startswith("process")
    }
