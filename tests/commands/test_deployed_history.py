"""``readiness deployed`` and ``readiness history``: what went live when, and who had approved it by then."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.signoff.ledger import Kind
from tests.commands.signing_office import Office
from tests.engine import Done

SOON = timedelta(minutes=4)
"""Within what the clocks of two machines may differ."""


def deployed(office: Office, artifact: str = "shop:1", at: str = "now", *more: str) -> Done:
    return office.command("deployed", "--at", at, "--artifact", artifact, *more)


def rows(office: Office, *more: str) -> list[dict[str, Any]]:
    done = office.command("history", "--format", "json", *more)
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert data["schema"] == "readiness/history/v1"
    found: list[dict[str, Any]] = data["rows"]
    return found


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_a_deployment_is_recorded_after_its_approvals(office: Office) -> None:
    office.scene.signed()
    done = deployed(office, "shop@sha256:12", "now", "--by", "ops")
    assert done.code == 0, done.err
    assert "recorded: shop@sha256:12 to production on" in done.out
    assert "it was approved when it was deployed: alice@kamiyo.ai, carol@kamiyo.ai" in done.err
    entry = office.ledger.entries[-1]
    assert (entry.kind, entry.artifact, entry.by) == (Kind.DEPLOYED, "shop@sha256:12", "ops")
    assert entry.prev == (office.ledger.entries[-2].id,)
    (deployment,) = office.scene.verify().deployments
    assert deployment.artifact == "shop@sha256:12"


def test_what_was_not_approved_is_recorded_with_a_warning(office: Office) -> None:
    done = deployed(office)
    assert done.code == 0
    assert "WARNING: this was NOT approved on" in done.err
    assert "THRESHOLD: 0 of 1 approver signed" in done.err
    assert len(office.ledger.entries) == 1


def test_approved_a_moment_too_late(office: Office) -> None:
    before = stamp(datetime.now(UTC))
    office.scene.signed()
    done = deployed(office, "shop:1", before)
    assert "NOT approved" in done.err
    assert "carol@kamiyo.ai signed on" in done.err


def test_the_same_deployment_twice_is_told(office: Office) -> None:
    at = stamp(datetime.now(UTC))
    deployed(office, "shop:1", at)
    again = deployed(office, "shop:1", at)
    assert again.code == 0
    assert "already; nothing was written" in again.err
    assert len(office.ledger.entries) == 1


def test_another_commit_has_been_made_since(office: Office) -> None:
    office.scene.signed()
    office.scene.write("src/app.py", "print('next')\n")
    office.scene.commit("Next", by="dev")
    assert "it was approved when it was deployed" in deployed(office).err


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23T10:00:00", "with a zone"),
        ("yesterday", "with a zone"),
        ("2999-01-01T00:00:00Z", "is in the future"),
    ],
)
def test_times_that_are_none(office: Office, at: str, said: str) -> None:
    done = deployed(office, "shop:1", at)
    assert done.code == 2
    assert said in done.err
    assert not office.scene.ledger.exists()


def test_an_empty_artifact_and_another_environment(office: Office) -> None:
    assert deployed(office, " ").code == 2
    report = str(office.scene.report)
    done = office.command("deployed", report, "--at", "now", "--artifact", "shop:1", "--env", "staging")
    assert done.code == 2
    assert "is for production, not for staging" in done.err
    assert not office.scene.ledger.exists()


def test_a_broken_ledger_is_not_continued(office: Office) -> None:
    deployed(office)
    office.scene.ledger.write_bytes(office.scene.ledger.read_bytes() + b"<<<<<<< HEAD\n")
    before = office.state()
    done = deployed(office, "shop:2")
    assert done.code == 5
    assert "CHAIN" in done.err
    assert office.state() == before
    assert office.command("history").code == 5


def test_nothing_happened_yet(office: Office) -> None:
    assert office.command("history").out == "nothing was signed or deployed\n"
    assert rows(office) == []
    assert len(office.command("history", "-f", "csv").out.splitlines()) == 1


def test_a_row_for_each_deployment_and_each_report_that_waits(office: Office) -> None:
    office.scene.signed()
    deployed(office, "shop:1", "now", "--by", "ops")
    first = office.scene.facts["commit"]
    office.scene.write("src/app.py", "print('next')\n")
    office.scene.commit("One", by="dev")
    office.scene.write("src/app.py", "print('after next')\n")
    second = office.scene.commit("Two", by="dev")
    office.keep_and_check()
    assert office.sign("completer", "bob").code == 0
    went, waits = rows(office)
    assert (went["commit"], went["artifact"], went["deployed_by"]) == (first, "shop:1", "ops")
    assert (went["completed_by"], went["approved_by"]) == ("alice@kamiyo.ai", "carol@kamiyo.ai")
    assert went["completed_at"] < went["approved_at"] < went["deployed_at"]
    assert (went["approved_before_deployment"], went["verification"], went["gaps"]) == (True, "VALID", [])
    assert went["commits_since_previous"] is None
    assert (waits["commit"], waits["completed_by"], waits["approved_by"]) == (second, "bob@kamiyo.ai", None)
    assert (waits["deployed_at"], waits["approved_before_deployment"]) == (None, None)
    assert (waits["commits_since_previous"], waits["verification"]) == (2, "THRESHOLD")
    text = " ".join(office.command("history").out.split())
    assert "2 commits since the one before" in text
    assert "signed, not deployed" in text
    assert "completed by bob@kamiyo.ai" in text


def test_gaps_are_named(office: Office) -> None:
    deployed(office, "shop:1")
    office.scene.signed()
    (row,) = rows(office)
    assert row["approved_before_deployment"] is False
    assert row["approved_by"] == "carol@kamiyo.ai"
    assert "approved after it was deployed" in row["gaps"]


def test_never_approved(office: Office) -> None:
    office.sign("completer", "alice")
    deployed(office)
    (row,) = rows(office)
    assert row["gaps"][0] == "deployed without approval"
    assert row["verification"] == "THRESHOLD"
    assert "gap: deployed without approval" in office.command("history").out


def test_a_report_that_is_gone_is_a_gap(office: Office) -> None:
    office.scene.signed()
    deployed(office)
    shutil.rmtree(office.scene.report.parent)
    (row,) = rows(office)
    assert row["verification"] == "MISSING"
    assert row["approved_by"] == "carol@kamiyo.ai"
    assert "is missing" in row["gaps"][0]


def test_a_report_that_was_changed_is_a_gap(office: Office) -> None:
    office.scene.signed()
    deployed(office)
    bundle = office.scene.bundle
    bundle.write_bytes(bundle.read_bytes().splitlines(keepends=True)[0])
    (row,) = rows(office)
    assert row["verification"] == "CHAIN"
    assert row["approved_by"] is None
    assert "deployed without approval" in row["gaps"]


def test_filters(office: Office) -> None:
    deployed(office)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert len(rows(office, "--env", "production", "--since", today)) == 1
    assert rows(office, "--env", "staging") == []
    assert rows(office, "--since", stamp(datetime.now(UTC) + SOON)) == []
    for arguments in (["--since", "last week"], ["--format", "xml"], ["--reports", "nowhere"]):
        done = office.command("history", *arguments)
        assert done.code == 2, arguments
        assert "Traceback" not in done.err


@pytest.mark.parametrize("artifact", ["=1+1", "+1", "-1", "@x", "\t=1", '=cmd("x")', "a,b", 'a"b', "line\nbreak"])
def test_no_cell_is_a_formula_and_every_cell_stays_one(office: Office, artifact: str) -> None:
    deployed(office, "shop:1", "now", "--by", artifact)
    (row,) = csv.DictReader(io.StringIO(office.command("history", "-f", "csv").out))
    shown = " ".join(artifact.split())
    assert row["deployed_by"] == (f"'{shown}" if shown[0] in "=+-@" else shown)
    assert row["artifact"] == "shop:1"
    assert row["gaps"].startswith("deployed without approval; THRESHOLD: ")
