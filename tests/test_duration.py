"""Durations carry a unit, and nothing else is one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.duration import SECONDS, parse_duration, say_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("10s", 10), ("2m", 120), ("1h", 3600), ("90d", 7_776_000), ("1.5s", 1.5), ("0.001s", 0.001)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    ["5", 5, 5.0, True, None, "", "s", "5 s", " 5s", "5s ", "5S", "5min", "1m30s", "-5s", "1e3s", "\u0665s",
     "0s", "0.0ms",
     "5\n",
     "5s\n", ["5s"], "1M", "1w", "inf", "9999999999s"],
)  # fmt: skip
def test_no_durations(value: object) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(value)


@given(st.integers(1, 999_999_999), st.sampled_from(sorted(SECONDS)))
def test_every_number_with_a_unit(number: int, unit: str) -> None:
    assert parse_duration(f"{number}{unit}") == pytest.approx(number * SECONDS[unit])


@given(st.text())
def test_only_value_errors(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) > 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (0.26, "0.3 s"), (9.94, "9.9 s"), (9.96, "10 s"), (12, "12 s"), (59.6, "1 min 0 s"),
     (125, "2 min 5 s")],
)  # fmt: skip
def test_for_people(seconds: float, words: str) -> None:
    assert say_duration(seconds) == words


@given(st.floats(0, 1e7))
def test_never_sixty_seconds(seconds: float) -> None:
    assert "60 s" not in say_duration(seconds)
