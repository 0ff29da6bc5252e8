"""Dashboard and alerts ask for what /metrics has; the image and the examples are what the service needs."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import httpx
import pytest
import yaml

from tests.reference.service import REFERENCE

MONITORING = REFERENCE / "monitoring"
LANGUAGE = {"sum", "min", "max", "and", "rate", "increase", "histogram_quantile"}
"""Words of PromQL that are used."""
OF_PROMETHEUS = {"up"}
ADDED_WHEN_SCRAPED = {"job", "instance"}
LABELS = {
    "api_requests_total": {"endpoint", "status"},
    "api_request_duration_seconds_bucket": {"endpoint", "le"},
    "checkout_sessions_created_total": {"tier"},
    "webhook_events_total": {"type", "outcome"},
    "stripe_errors_total": {"operation", "status"},
    "mails_total": {"result"},
    "outbox_mails": {"status"},
}
"""Those of our own metrics that have some; the tests of the metrics prove them."""


def rules() -> list[dict[str, Any]]:
    """Every alert."""
    document = yaml.safe_load((MONITORING / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((MONITORING / "grafana" / "checkout.json").read_text())
    return document


def queries() -> list[str]:
    """Every expression of PromQL."""
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for rule in rules())]


def asked_for(query: str) -> dict[str, set[str]]:
    """The metrics of a query with the labels that it names."""
    plain = re.sub(r"\[[^\]]*\]", "", re.sub(r'"[^"]*"', '""', query))  # without texts and times
    grouped = {name for group in re.findall(r"\bby\s*\(([^)]*)\)", plain) for name in re.findall(r"\w+", group)}
    plain = re.sub(r"\bby\s*\([^)]*\)", "", plain)
    found: dict[str, set[str]] = {}
    for name, matchers in re.findall(r"([a-zA-Z_]\w*)\s*(\{[^}]*\})?", plain):
        if name not in LANGUAGE:
            found.setdefault(name, set(grouped)).update(re.findall(r"(\w+)\s*[=!]", matchers))
    return found


def served(client: httpx.Client) -> set[str]:
    """Names of samples, also of those without a sample so far."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)", client.get("/metrics").text, re.MULTILINE))
    return set(types) | {f"{name}_bucket" for name, kind in types.items() if kind == "histogram"}


@pytest.mark.parametrize("query", queries())
def test_what_a_query_asks_for_is_served(client: httpx.Client, query: str) -> None:
    assert query.count("(") == query.count(")")
    asked = asked_for(query)
    assert asked
    assert set(asked) - OF_PROMETHEUS <= served(client)
    for name, labels in asked.items():
        assert labels - ADDED_WHEN_SCRAPED <= LABELS.get(name, set()), name


def test_a_query_for_a_metric_that_is_not_there_would_be_seen() -> None:
    query = 'sum by (le) (rate(no_such_bucket{endpoint=~"/a.*", x!="sum(y)"}[5m])) / up > 2'
    assert asked_for(query) == {"no_such_bucket": {"le", "endpoint", "x"}, "up": {"le"}}


def test_the_dashboard_can_be_imported() -> None:
    found = dashboard()
    assert (found["uid"], found["title"], found["schemaVersion"] >= 39) == ("kamiyo-checkout", "KAMIYO checkout", True)
    panels = found["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) >= 10
    assert len({tuple(panel["gridPos"].values()) for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {"${datasource}"}
    assert [variable["name"] for variable in found["templating"]["list"]] == ["datasource"]


def test_the_dashboard_s_share_of_errors_is_what_the_alert_is_about() -> None:
    (share,) = (panel["targets"][0]["expr"] for panel in dashboard()["panels"] if "that are errors" in panel["title"])
    (alert,) = (rule["expr"] for rule in rules() if rule["alert"] == "CheckoutErrorRate")
    asked = r"api_requests_total({[^}]*})"
    assert re.findall(asked, share) == re.findall(asked, alert)[:2]


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    runbook = (REFERENCE / "docs" / "RUNBOOK.md").read_text()
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == "docs/RUNBOOK.md#alerts"
        assert f"`{rule['alert']}`" in runbook


def instructions() -> list[str]:
    """Those of the Dockerfile, each in one line."""
    text = re.sub(r"\\\n\s*", " ", (REFERENCE / "Dockerfile").read_text())
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_has_what_the_service_needs_and_no_rights() -> None:
    words = [line.split(" ", 1) for line in instructions()]
    assert [word for word, _ in words].count("FROM") == 2
    copied = {rest.split()[0] for word, rest in words if word == "COPY" and "--from" not in rest}
    needed = {path.name for path in REFERENCE.iterdir() if path.is_dir() and list(path.glob("**/*.py"))}
    assert copied == needed | {"config", "web", "alembic.ini", "requirements.txt"}
    assert all((REFERENCE / name).exists() for name in copied)
    last = instructions()[len(words) - 1 - [word for word, _ in reversed(words)].index("FROM") :]
    user = next(line for line in last if line.startswith("USER"))
    assert int(user.split()[1]) > 0
    assert any(line.startswith("HEALTHCHECK") and "/health" in line for line in last)
    command = next(line for line in last if line.startswith("CMD"))
    assert ast.literal_eval(command.removeprefix("CMD "))[:2] == ["uvicorn", "api.main:app"]
    assert last.index(user) < last.index(command)


def test_the_image_gets_no_secret() -> None:
    ignored = (REFERENCE / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {"**/.env*", "**/*.db*"} <= set(ignored)
    assert not any(re.search("KEY|SECRET|PASSWORD|TOKEN|DSN", line) for line in instructions())
