"""SPF against pyspf: both agree on random worlds, or the RFC says why not.

READINESS_SPF_FUZZ sets the number of worlds; each has five records or more.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mail.spf_differences import DIFFERENCES
from tests.mail.spf_fuzz import Tally, main

WORLDS = int(os.environ.get("READINESS_SPF_FUZZ", "2000"))
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def test_every_difference_to_pyspf_is_explained() -> None:
    tally = Tally()
    for seed in range(WORLDS):
        tally.add(seed)
    assert tally.unexplained == []
    assert tally.records >= 5 * WORLDS
    assert set(tally.results) == {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}


def test_the_page_lists_the_differences() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "spf.md").read_text("utf-8")
    rows = [f"| {one.what} | {one.section} |" for one in DIFFERENCES]
    assert [row for row in rows if row not in page] == []


def test_the_command_tells_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(300, 0)
    told = capsys.readouterr().out
    assert told.startswith("300 worlds, ")
    assert " are explained, 0 are not" in told
