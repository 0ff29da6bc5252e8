"""The text format of Prometheus: what the format's page says, and what the reference library writes and reads."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from readiness.prometheus.text import parse

EXAMPLE = r"""# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf",} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
"""


def test_the_example_of_the_format() -> None:
    found = parse(EXAMPLE)
    assert len(found.samples) == 9
    (ok,) = found.of("http_requests_total", {"code": "200"})
    assert (ok.value, ok.labels) == (1027, {"method": "post", "code": "200"})
    (file,) = found.of("msdos_file_access_time_seconds")
    assert file.labels == {"path": "C:\\DIR\\FILE.TXT", "error": 'Cannot find file:\n"FILE.TXT"'}
    assert math.isinf(found.of("something_weird")[0].value)
    assert found.type_of("http_request_duration_seconds_bucket") == "histogram"
    assert found.type_of("http_requests_total") == "counter"
    assert found.type_of("something_weird") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>", "line 1: `<html>` does not begin"),
        ("up", "has no value"),
        ("up one", "has no value, but `one`"),
        ("up 1_000", "has no value"),
        ("up 0x1p3", "has no value"),
        ("up 1 2 3", "no timestamp"),
        ("up 1 soon", "no timestamp"),
        ('up{a="1"} 1\nup{a="1"} 2', "line 2: up with these labels was there before"),
        ('up{a="1",a="2"} 1', "label a is there twice"),
        ('up{a="1"', "end of them"),
        ("up{a=1} 1", "neither a label"),
        ('up{1a="1"} 1', "neither a label"),
        ('up{a="1" b="2"} 1', "neither a label"),
        (r'up{a="\t"} 1', "no escape"),
        ("# TYPE up meter", "no name and type"),
        ("# TYPE up", "no name and type"),
        ("# TYPE up gauge\n# TYPE up gauge", "line 2: the type of up was told before"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="line") as error:
        parse(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# just a word", "#", "# TYPED up gauge", "up 1\r\n", "\tup\t{ } NaN", "# EOF"]
)
def test_what_is_allowed(text: str) -> None:
    assert len(parse(text).samples) == ("up" in text and not text.startswith("#"))


values = st.floats() | st.integers(-(10**20), 10**20).map(float)
names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
labels = st.dictionaries(
    st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,6}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"])),
    max_size=3,
)


def written(name: str, found: dict[str, str], value: float) -> str:
    def escape(text: str) -> str:
        return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")

    inside = ",".join(f'{key}="{escape(text)}"' for key, text in found.items())
    return f"{name}{{{inside}}} {value!r}"


@settings(max_examples=100)
@given(st.lists(st.tuples(names, labels, values), max_size=5, unique_by=lambda part: part[0]))
def test_what_is_written_is_read(parts: list[tuple[str, dict[str, str], float]]) -> None:
    found = parse("\n".join(written(*part) for part in parts))
    seen = [(sample.name, sample.labels, repr(sample.value)) for sample in found.samples]
    assert seen == [(name, inside, repr(value)) for name, inside, value in parts]


pieces = st.sampled_from(
    ["up", "{", "}", '"', "=", ",", "\\", "\n", " ", "# TYPE ", "counter", "1", "NaN", "a", "# ", "\r", "é"]
)


@settings(max_examples=300)
@given(st.text() | st.lists(pieces, max_size=20).map("".join))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        parse(text)


def registry() -> CollectorRegistry:
    """One of each metric of the reference library."""
    found = CollectorRegistry()
    counter = Counter("api_requests", "Requests", ["endpoint", "status"], registry=found)
    counter.labels('/a"b\\c\nd', "200").inc(3)
    Gauge("in_flight", "Now", registry=found).set(-0.5)
    Histogram("seconds", "Time", ["le_"], registry=found).labels("x").observe(0.3)
    Summary("bytes", "Size", registry=found).observe(10)
    Info("build", "Build", registry=found).info({"version": "1.0"})
    return found


@pytest.mark.parametrize("write", [generate_latest, openmetrics.generate_latest])
def test_the_reference_library_is_understood(write: Any) -> None:
    text = write(registry()).decode()
    found = parse(text)
    (sample,) = found.of("api_requests_total", {"status": "200"})
    assert (sample.value, sample.labels["endpoint"]) == (3.0, '/a"b\\c\nd')
    assert found.type_of("api_requests_total") == "counter"
    assert found.type_of("seconds_bucket") == "histogram"


def test_both_readers_agree() -> None:
    text = generate_latest(registry()).decode()
    theirs = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    ours = {(sample.name, *sorted(sample.labels.items())): sample.value for sample in parse(text).samples}
    assert ours == theirs
