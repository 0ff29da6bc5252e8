"""The test suite of RFC 7208 (tests/data/spf), as zones for a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dns.name
import yaml

from readiness.sandbox.dns import DnsFault, DnsSandbox

SUITE = Path(__file__).parents[1] / "data" / "spf" / "rfc7208-tests.yml"
TYPES = ("A", "AAAA", "MX", "PTR", "TXT", "SPF")
HEAD = "$TTL 300\n. SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n. NS ns.invalid.\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One test of the suite."""

    scenario: int
    id: str
    host: str
    helo: str
    mailfrom: str
    results: tuple[str, ...]
    explanation: str | None

    @property
    def domain(self) -> str:
        return self.mailfrom.rpartition("@")[2] or self.helo


@cache
def scenarios() -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(SUITE.read_bytes()) if document]


def cases() -> Iterator[Case]:
    for number, scenario in enumerate(scenarios()):
        for name, test in scenario["tests"].items():
            results = test["result"]
            yield Case(
                scenario=number,
                id=name,
                host=test["host"],
                helo=test["helo"],
                mailfrom=test["mailfrom"],
                results=(results,) if isinstance(results, str) else tuple(results),
                explanation=test.get("explanation"),
            )


def serve(number: int) -> DnsSandbox:
    """A server with the names of one scenario; the caller opens it."""
    zone = scenarios()[number]["zonedata"]
    server = DnsSandbox(HEAD + "".join(line for name, data in zone.items() for line in _lines(name, data)), ".")
    for name, data in zone.items():
        if "TIMEOUT" in data:
            there = {rdtype for rdtype, _ in _records(data)}
            for rdtype in TYPES:
                if rdtype not in there:
                    server.fault(_owner(name), DnsFault.TIMEOUT, rdtype)
    return server


def _lines(name: str, data: list[Any]) -> Iterator[str]:
    for rdtype, value in _records(data):
        yield f"{_owner(name)} {'TYPE99' if rdtype == 'SPF' else rdtype} {_value(rdtype, value)}\n"


def _records(data: list[Any]) -> list[tuple[str, Any]]:
    """The records of a name; what it has of type SPF it has of type TXT too, unless it says otherwise."""
    pairs = [pair for entry in data if isinstance(entry, dict) for pair in entry.items()]
    own = any(rdtype == "TXT" for rdtype, _ in pairs)
    twins = [] if own else [("TXT", value) for rdtype, value in pairs if rdtype == "SPF"]
    return [(rdtype, value) for rdtype, value in [*pairs, *twins] if value != "NONE"]


def _value(rdtype: str, value: Any) -> str:
    if rdtype == "MX":
        return f"{value[0]} {_owner(value[1])}"
    if rdtype in ("PTR", "CNAME"):
        return _owner(value)
    if rdtype not in ("TXT", "SPF"):
        return str(value)
    strings = [value] if isinstance(value, str) else value or [""]
    wire = [string.encode() for string in strings]
    if rdtype == "SPF":  # RFC 3597, for dnspython no longer has the type
        data = b"".join(bytes([len(one)]) + one for one in wire)
        return f"\\# {len(data)} {data.hex()}"
    return " ".join('"' + "".join(f"\\{byte:03}" for byte in one) + '"' for one in wire)


def _owner(name: str) -> str:
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return dns.name.Name([*labels, b""]).to_text()
