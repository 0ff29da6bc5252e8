"""The text-based exposition format of Prometheus (0.0.4), and of OpenMetrics where it goes beyond that.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
TYPES = frozenset(
    {"counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram"}
)
SUFFIXES = ("_total", "_bucket", "_sum", "_count", "_created", "_info", "_gcount", "_gsum")
"""What samples of one metric add to its name."""
_LABEL = re.compile(rf'\s*({LABEL.pattern})\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|(?=\}}))')
_VALUE = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)", re.IGNORECASE
)
_TIMESTAMP = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CLOSING = re.compile(r"\s*\}")
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One value at the time of the scrape."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(kw_only=True)
class Exposition:
    """All that a service exposes."""

    samples: list[Sample] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    """By the name of the metric."""
    known: set[tuple[str, frozenset[tuple[str, str]]]] = field(default_factory=set)
    """Names and labels of the samples, each of which is there once."""

    def of(self, name: str, labels: Mapping[str, str] | None = None) -> list[Sample]:
        """The samples of this very name that have these labels, among others."""
        wanted = (labels or {}).items()
        return [sample for sample in self.samples if sample.name == name and wanted <= sample.labels.items()]

    def type_of(self, name: str) -> str | None:
        """The type of the metric that samples of this name belong to, or None where nothing is said."""
        return self.types.get(self.metric_of(name))

    def metric_of(self, name: str) -> str:
        """The metric that samples of this name belong to: ``seconds`` for ``seconds_bucket``."""
        bases = (name, *(name.removesuffix(suffix) for suffix in SUFFIXES))
        return next((base for base in bases if base in self.types), name)


def parse(text: str) -> Exposition:
    """Raises ValueError with the number of the line that is wrong."""
    found = Exposition()
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            _read(line.strip(" \t\r"), found)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return found


def _read(line: str, found: Exposition) -> None:
    """Take up a line: a sample, a comment, or nothing."""
    if line and not line.startswith("#"):
        sample = _sample(line)
        key = (sample.name, frozenset(sample.labels.items()))
        if key in found.known:
            raise ValueError(f"{sample.name} with these labels was there before")
        found.known.add(key)
        found.samples.append(sample)
        return
    words = line.split(None, 3)
    if words[:2] == ["#", "TYPE"]:
        _note_type(words[2:], found)


def _note_type(words: list[str], found: Exposition) -> None:
    name, kind = (*words, "", "")[:2]
    if not NAME.fullmatch(name) or kind not in TYPES:
        raise ValueError(f"`{' '.join(words)[:80]}` is no name and type of a metric")
    if name in found.types:
        raise ValueError(f"the type of {name} was told before")
    found.types[name] = kind


def _sample(line: str) -> Sample:
    match = NAME.match(line)
    if not match:
        raise ValueError(f"`{line[:80]}` does not begin with the name of a metric")
    labels, rest = _labels(line[match.end() :].lstrip(" \t"))
    words = rest.partition(" # {")[0].split()  # an exemplar of OpenMetrics
    if not words or not _VALUE.fullmatch(words[0]):
        raise ValueError(f"{match[0]} has no value, but `{rest[:40]}`")
    if len(words) > 2 or (len(words) == 2 and not _TIMESTAMP.fullmatch(words[1])):  # noqa: PLR2004 - value and timestamp
        raise ValueError(f"{match[0]} has `{' '.join(words[1:])[:40]}` behind its value, which is no timestamp")
    return Sample(name=match[0], labels=labels, value=float(words[0]))


def _labels(text: str) -> tuple[Mapping[str, str], str]:
    """The labels in braces, and what follows them."""
    if not text.startswith("{"):
        return {}, text
    found: dict[str, str] = {}
    position = 1
    while match := _LABEL.match(text, position):
        position = match.end()
        if match[1] in found:
            raise ValueError(f"the label {match[1]} is there twice")
        found[match[1]] = re.sub(r"\\.", lambda escape: _unescaped(escape[0]), match[2])
    closing = _CLOSING.match(text, position)
    if not closing:
        raise ValueError(f"`{text[position : position + 40]}` is neither a label nor the end of them")
    return found, text[closing.end() :]


def _unescaped(escape: str) -> str:
    if escape not in _ESCAPES:
        raise ValueError(f"`{escape}` is no escape in the value of a label")
    return _ESCAPES[escape]
