"""SPF against pyspf: both agree on random worlds, or the RFC says why not.

READINESS_SPF_FUZZ sets the number of worlds; each has five records or more.
"""

from __future__ import annotations

import os

from tests.mail.spf_fuzz import Tally

WORLDS = int(os.environ.get("READINESS_SPF_FUZZ", "6000"))


def test_every_difference_to_pyspf_is_explained() -> None:
    tally = Tally()
    for seed in range(WORLDS):
        tally.add(seed)
    assert tally.unexplained == []
    assert tally.records >= 5 * WORLDS
    assert set(tally.results) == {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
