"""What every test shares: with READINESS_REQUIRE_ALL=1 a skipped test is a failed one.

On a developer's machine a missing browser or interpreter skips a test. Where everything is meant
to be there (.ci/run), a skip would be a test that silently no longer runs.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

REQUIRE_ALL = "READINESS_REQUIRE_ALL"


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
