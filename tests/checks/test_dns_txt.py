"""TXT records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.dns_txt import DnsTxt
from readiness.api import CannotTell, Reason
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside

ZONE = """
$TTL 300
@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
@ TXT "v=spf1 include:" "sendgrid.net -all"
@ TXT "site-verification=abc"
twice TXT "v=spf1 -all"
twice TXT "V=SPF1 ~all"
_dmarc TXT "v=DMARC1; p=none"
broken TXT "bad \\255 byte"
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "example.") as running:
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    "options",
    [
        {"name": "example"},
        {"name": "example", "select": "(?i)^v=spf1", "exactly": 1},
        {
            "name": "example",
            "select": "(?i)^v=spf1",
            "must": ("include:sendgrid.net",),
            "must_not": (r"[+?]?all\b.*all",),
        },
        {"name": "example", "must": ("site-verification=abc",)},
        {"name": "example.", "at_least": 2},
        {"name": "_dmarc.example", "must": ("p=(none|quarantine|reject)",)},
        {"name": "example", "select": "^v=DKIM1", "exactly": 0},
        {"name": "nowhere.example", "exactly": 0},
        {"name": "nowhere.example", "at_least": 0, "must_not": ("anything",)},
        {"name": "broken.example", "must": ("byte",)},
    ],
)
def test_pass(world: Outside, options: dict[str, Any]) -> None:
    outcomes = look(DnsTxt(**options), world)
    assert outcomes
    assert not broken(outcomes)
    assert all(outcome.evidence for outcome in outcomes)


@pytest.mark.parametrize(
    ("options", "said", "reason"),
    [
        ({"name": "nowhere.example"}, "the name does not exist", Reason.MISSING),
        ({"name": "ns.example"}, "no TXT record at all", Reason.MISSING),
        ({"name": "ns.example", "must": ("x",)}, "no TXT record at all", Reason.MISSING),
        ({"name": "example", "select": "^v=DMARC1"}, "0 of 2 TXT records", Reason.MISMATCH),
        ({"name": "twice.example", "select": "(?i)^v=spf1", "exactly": 1}, "2 of 2 TXT records", Reason.MISMATCH),
        ({"name": "example", "must": ("mailgun",)}, "a record that matches mailgun", Reason.MISMATCH),
        ({"name": "_dmarc.example", "must_not": ("p=none",)}, "no record that matches p=none", Reason.MISMATCH),
        ({"name": "example", "exactly": 0}, "exactly 0", Reason.MISMATCH),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str, reason: Reason) -> None:
    bad = [outcome for outcome in look(DnsTxt(**options), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [reason]
    assert said in bad[0].message


@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT])
def test_error(server: DnsSandbox, world: Outside, fault: DnsFault) -> None:
    server.fault("example", fault)
    with pytest.raises(CannotTell):
        look(DnsTxt(name="example"), world, timeout=0.4)


@pytest.mark.parametrize(
    "options",
    [
        {"name": "https://example"},
        {"name": ""},
        {"name": "exa mple"},
        {"name": "example", "select": "("},
        {"name": "example", "must": ("(?=x)",)},
        {"name": "example", "must": ("",)},
        {"name": "example", "exactly": -1},
        {"name": "example", "at_least": 0},
        {"name": "example", "exactly": 0, "must": ("x",)},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsTxt(**options)


def test_says_what_it_looks_at() -> None:
    assert list(DnsTxt(name="_dmarc.example").looks_at()) == ["TXT _dmarc.example"]
