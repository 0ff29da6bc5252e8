"""What people said, for tests: entries of attestations.yaml and waivers.yaml as data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from readiness.people.model import fingerprint
from readiness.report.model import Result
from tests.engine import Folder

SOME_SHA = "0" * 64


def ago(**span: float) -> str:
    """A moment so long before now, or with negative numbers after it."""
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%SZ}"


def day(days: int) -> str:
    """The day so many days from today, in UTC."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def said(folder: Folder, item: str = "a", environment: str | None = None, **changes: Any) -> dict[str, Any]:
    """An attestation that holds for the checklist as it is now, with changes; None leaves a field out."""
    plan = folder.session(environment=environment).plan
    step = plan.step(item)
    assert step is not None, item
    entry = {
        "item": item,
        "environment": plan.environment,
        "state": "pass",
        "by": "ann@example.test",
        "at": ago(hours=1),
        "fingerprint": fingerprint(step.item),
        **changes,
    }
    return {name: value for name, value in entry.items() if value is not None}


def waiver(**changes: Any) -> dict[str, Any]:
    """A waiver of the item `a`, with changes."""
    entry = {
        "id": "w",
        "item": "a",
        "environments": ["default"],
        "reason": "the cure is in review",
        "requested_by": "ann@example.test",
        "approved_by": "bob@example.test",
        "expires": day(30),
        **changes,
    }
    return {name: value for name, value in entry.items() if value is not None}


def attest(folder: Folder, *entries: dict[str, Any]) -> None:
    """Write attestations.yaml."""
    folder.write("attestations.yaml", yaml.safe_dump({"version": 1, "attestations": list(entries)}, sort_keys=False))


def waive(folder: Folder, *entries: dict[str, Any]) -> None:
    """Write waivers.yaml."""
    folder.write("waivers.yaml", yaml.safe_dump({"version": 1, "waivers": list(entries)}, sort_keys=False))


def result_of(folder: Folder, item: str = "a", **options: Any) -> Result:
    """What a run makes of one item."""
    return next(result for result in folder.observe(**options).results if result.id == item)
