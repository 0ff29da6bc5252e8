"""The default checklist keeps the promises of its own comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.checklist.load import load
from readiness.checklist.model import Checklist, Entry
from readiness.commands.session import Options, open_session
from readiness.plan import Plan

CHECKLIST = Path(__file__).resolve().parent.parent / "checklist.yaml"
ENVIRONMENTS = ("development", "staging", "production")
CREATE = "/api/billing/create-checkout-session"


@pytest.fixture(scope="module")
def checklist() -> Checklist:
    return load(CHECKLIST)


def planned(environment: str) -> Plan:
    allow = ("write", "exec")
    return open_session(Options(checklist=CHECKLIST, environment=environment, allow=allow, process={})).plan


def leaves(checklist: Checklist) -> Iterator[Entry]:
    return (entry for entry in checklist.entries if not entry.item.items)


def rows(plan: Plan) -> Iterator[tuple[str, Any, Any]]:
    """Id, request and expectation of every http probe of a plan."""
    for step in plan.steps:
        if step.check is not None and step.check.id == "http":
            check: Any = step.check
            yield from ((step.id, request, expect) for _, request, expect in check.table())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_can_be_planned(environment: str) -> None:
    assert len(planned(environment).steps) > 300


def test_the_gate_of_production_is_release() -> None:
    assert planned("production").gate_name == "release"


def test_each_check_says_how_to_cure_what_it_finds(checklist: Checklist) -> None:
    assert [entry.id for entry in leaves(checklist) if entry.item.check and not entry.item.fix] == []


def test_each_question_to_a_person_can_be_acted_on(checklist: Checklist) -> None:
    asked = [entry for entry in leaves(checklist) if entry.item.manual]
    vague = [entry.id for entry in asked if len(entry.item.manual or "") < 60]
    unruled = [entry.id for entry in asked if not (entry.item.by and entry.item.evidence and entry.item.valid_for)]
    assert (vague, unruled) == ([], [])


def test_each_question_is_put_to_a_role_that_exists(checklist: Checklist) -> None:
    assert {entry.item.by for entry in leaves(checklist) if entry.item.manual} <= set(checklist.header.roles)


def test_nothing_is_created_in_production() -> None:
    made = [name for name, request, expect in rows(planned("production")) if _creates(request, expect)]
    assert made == []
    assert any(_creates(request, expect) for _, request, expect in rows(planned("development")))


def _creates(request: Any, expect: Any) -> bool:
    return bool(request.method == "POST" and request.url.endswith(CREATE) and expect.status == 200)


def test_probes_stay_with_our_own_hosts() -> None:
    for environment in ENVIRONMENTS:
        hosts = {request.url.split("/")[2] for _, request, _ in rows(planned(environment))}
        assert all(host.startswith("127.0.0.1") or host.endswith("kamiyo.ai") for host in hosts)


def test_what_the_document_says_besides_its_boxes_is_kept(checklist: Checklist) -> None:
    header = checklist.header
    assert header.document is not None
    assert (header.document.version, header.document.status) == ("1.0", "Pre-Production Testing")
    assert [(entry.version, entry.date) for entry in header.document.history] == [("1.0", "2025-10-28")]
    assert [note.seed for note in header.notes] == [("N.1",), ("N.2",), ("N.3",), ("N.4",)]
    assert len(header.contacts) == 3
