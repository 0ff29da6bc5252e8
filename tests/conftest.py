"""What every test shares.

With READINESS_REQUIRE_ALL=1 a skipped test is a failed one. On a developer's machine a missing
browser or interpreter skips a test. Where everything is meant to be there (.ci/run), a skip would be
a test that silently no longer runs.

A key that was made at run time does not become part of a test's name: names are printed, and the
workers of pytest-xdist have to agree on them.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.engine import Folder

REQUIRE_ALL = "READINESS_REQUIRE_ALL"
ONCE = ("demo", "mutants", "reference", "reference_web")
"""Folders with tests of whole services, for one Python alone: the others run what is left by ``-m "not slow"``."""
RANDOM = re.compile(r"(?![a-z+/_-]+(?![\w+/-]))(?![A-Z+/_-]+(?![\w+/-]))[\w+/-]{12,}={0,2}", re.ASCII)
"""A run of letters and digits, or of base64 of either alphabet, that is no word in small or in capital letters."""


# What else the machine does fails no test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Let what the tests start hear Ctrl-C: a shell starts its background jobs with SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders that one Python tries are slow, whole; the slow begin first, or one worker would end alone."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in ONCE:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_make_parametrize_id(val: object) -> str | None:
    """The value without its random part; None leaves the name to pytest."""
    if isinstance(val, bytes):
        return f"{len(val)} bytes"
    masked = RANDOM.sub("*", val) if isinstance(val, str) else None
    return masked if masked != val else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _forbidden_skip(report):
        report.outcome = "failed"
        report.longrepr = _sentence(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if _forbidden_skip(report):
        report.outcome = "failed"
        report.longrepr = _sentence(report)
    return report


def _forbidden_skip(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """An expected failure is reported as skipped too, and is none."""
    return os.environ.get(REQUIRE_ALL) == "1" and report.skipped and not hasattr(report, "wasxfail")


def _sentence(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    return f"{reason}\n{REQUIRE_ALL}=1 does not allow a skip: install what is missing (scripts/setup)."


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    """A project in a temporary folder, with check kinds that do what a checklist tells them."""
    from tests.engine import Folder

    made = Folder(tmp_path, capsys)
    made.kinds()
    return made
