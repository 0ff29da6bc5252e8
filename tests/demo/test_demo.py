"""The demo as a person runs it: a process of its own, with everything real on loopback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest

from readiness.checklist.load import load
from readiness.checklist.model import Item
from readiness.commands.check import Limits, observe
from readiness.commands.session import Options, open_session
from readiness.demo.breaks import BREAKS
from readiness.demo.play import play
from readiness.demo.stage import Stage, name_server, set_stage
from readiness.report.model import Report
from readiness.sandbox.sentry import SentrySandbox
from readiness.sandbox.smtp import SmtpSandbox
from readiness.sandbox.stripe import StripeSandbox
from tests.postgres import Cluster

COMMAND = [sys.executable, "-m", "readiness", "demo"]
WAIT = 280.0
ESCAPE = "\x1b"
STILL = ("python.", "repo.", "env.", "dns.")
"""Kinds that look at nothing of what the play runs."""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=WAIT, check=False)


def report_of(folder: Path, environment: str = "development") -> dict[str, object]:
    found = list((folder / "reports" / environment).glob("*/report.json"))
    assert len(found) == 1
    report: dict[str, object] = json.loads(found[0].read_text("utf-8"))
    return report


def test_is_ready_and_leaves_a_report_without_any_key(tmp_path: Path) -> None:
    done = run(tmp_path, "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().splitlines()[-1].startswith("READY")
    assert ESCAPE not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    report = report_of(tmp_path)
    assert report["verdict"]["state"] == "ready"  # type: ignore[index]  # parsed JSON
    assert report["verdict"]["counts"]["fail"] == 0  # type: ignore[index]
    assert report["verdict"]["counts"]["error"] == 0  # type: ignore[index]
    written = done.stdout + done.stderr + json.dumps(report)
    assert not re.search(
        r"\b[sr]k_(test|live)_[0-9A-Za-z]{8,}|\bwhsec_[0-9A-Za-z]{8,}|\bkamiyo_mcp_[0-9a-f]{8,}", written
    )


@pytest.mark.parametrize("name", ["test-key-in-production", "endpoint-misses-an-event"])
def test_a_break_is_caught_at_its_item(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--break", name)
    assert done.returncode == 1, done.stdout + done.stderr
    environment = "production" if "production" in name else "development"
    results = {result["id"]: result for result in report_of(tmp_path, environment)["results"]}  # type: ignore[attr-defined]
    assert results[BREAKS[name].item]["state"] == "fail"
    assert f"FAIL {BREAKS[name].item} " in done.stdout
    assert "NOT READY" in done.stdout.rstrip().splitlines()[-1] or "NOT READY: " in done.stdout


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_every_break_turns_its_item_red(name: str, tmp_path: Path) -> None:
    """In this process, and with the questions alone that the item needs."""
    wanted = BREAKS[name].item
    with set_stage() as stage:
        BREAKS[name].apply(stage)
        entries = {entry.id: entry.item for entry in load(stage.checklist).entries}
        only = tuple(with_needs(entries, wanted))
        still = all(str(entries[name].check).startswith(STILL) for name in only)
        report = still_checked(stage, tmp_path, only) if still else checked(stage, tmp_path, only)
    states = {result.id: result.state.value for result in report.results}
    assert states[wanted] == "fail"


def test_the_service_is_ready_on_postgresql_too(postgres: Cluster, tmp_path: Path) -> None:
    with set_stage() as stage, postgres.database() as name:
        stage.env["DATABASE_URL"] = f"postgresql+asyncpg://{postgres.address}/{name}"
        report = checked(stage, tmp_path)
        assert int(postgres.run("SELECT count(*) FROM mcp_tokens", name)) > 0
    told = [result for result in report.results if result.state.value in {"fail", "error"}]
    assert report.verdict.exit_code == 0, told
    counts = report.verdict.counts
    assert (counts["fail"], counts["error"], counts["skipped"]) == (0, 0, 0)


def checked(stage: Stage, reports: Path, only: tuple[str, ...] = ()) -> Report:
    """What the checklist says of the stage while everything runs."""
    with play(stage, stage.env) as playing:
        return still_checked(
            stage, reports, only, variables=playing.variables, process={"ALLOWED_ORIGINS": playing.service.url}
        )


def still_checked(
    stage: Stage,
    reports: Path,
    only: tuple[str, ...],
    variables: Mapping[str, str] = MappingProxyType({}),
    process: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """What it says of files, variables and records."""
    with name_server(stage) as dns:
        options = Options(
            checklist=stage.checklist,
            environment=stage.environment,
            only=only,
            allow=("write", "traffic", "exec"),
            variables=tuple(f"{name}={value}" for name, value in {**variables, **stage.variables}.items()),
            nameserver=dns.address,
            process={"PATH": os.environ["PATH"], **stage.env, **process},
        )
        return observe(open_session(options), options, Limits(), reports)


def with_needs(items: Mapping[str, Item], item: str) -> Iterator[str]:
    """The item, and what has to hold before it is looked at."""
    yield item
    for name in items[item].needs or ():
        yield from with_needs(items, name)


def test_an_unknown_break_names_the_nearest(tmp_path: Path) -> None:
    done = run(tmp_path, "--break", "spf-mising")
    assert done.returncode == 2
    assert "did you mean `spf-missing`?" in done.stderr


def test_lists_every_break(tmp_path: Path) -> None:
    done = run(tmp_path, "--list-breaks")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(BREAKS)


@contextmanager
def kept(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    command = [*COMMAND, "--keep"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        places: dict[str, str] = {}
        while "log" not in places:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            name, _, value = line.strip().partition("=")
            places[name] = value
        try:
            yield process, places
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=WAIT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_keep_says_where_everything_is_and_stops_all_of_it(tmp_path: Path, number: signal.Signals) -> None:
    with kept(tmp_path) as (process, places):
        assert {"api", "web", "stripe", "dns", "pid"} <= places.keys()
        assert int(places["pid"]) == process.pid
        assert httpx.get(f"{places['api']}/api/billing/checkout-health", trust_env=False).json()["status"] == "healthy"
        assert httpx.get(f"{places['web']}/pricing", trust_env=False).status_code == 200
        assert httpx.get(f"{places['stripe']}/v1/account", trust_env=False).status_code == 401
        process.send_signal(number)
        said = process.communicate(timeout=WAIT)
    assert process.returncode == 0, said
    with pytest.raises(httpx.ConnectError):
        httpx.get(places["api"], trust_env=False)
    with pytest.raises(ProcessLookupError):
        os.kill(int(places["service_pid"]), 0)
    assert not Path(places["checklist"]).exists()


def ask_for_ever(url: str) -> None:
    while True:  # pytest's own time limit bounds it
        httpx.get(f"{url}/health", trust_env=False, timeout=WAIT)


def test_the_service_does_not_outlive_a_demo_that_was_killed(tmp_path: Path) -> None:
    with kept(tmp_path) as (process, places):
        process.kill()
        process.wait(WAIT)
        with pytest.raises(httpx.TransportError):
            ask_for_ever(places["api"])


def test_a_break_that_does_not_fit_the_source_any_more_says_so(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "main.py").write_text("nothing", "utf-8")
    with StripeSandbox() as stripe, SmtpSandbox() as mail, SentrySandbox() as sentry:
        stage = Stage(folder=tmp_path, stripe=stripe, mail=mail, sentry=sentry)
        with pytest.raises(ValueError, match=r"main\.py does not hold 'something'"):
            stage.edit("main.py", "something", "else")
        with pytest.raises(ValueError, match="the zone does not hold"):
            stage.edit_zone("v=spf7", "")
