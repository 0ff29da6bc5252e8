"""Hosts that receive the mail of a domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.dns_mx import DnsMx
from readiness.api import CannotTell, Reason
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside

ZONE = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
good MX 10 mx1
good MX 10 mx2
good MX 10 mx1
six MX 0 mx6
away CNAME good
null MX 0 .
both MX 0 .
both MX 10 mx1
web A 192.0.2.1
gone MX 10 nowhere
bare MX 10 typeless
typeless TXT "x"
alias MX 10 www
www CNAME mx1
loop MX 10 loopback
private MX 10 inside
shared MX 10 carrier
local MX 10 six-local
literal MX 10 192.0.2.1.
half MX 10 mx1
half MX 20 nowhere
send MX 10 feedback-smtp.eu-west-1.amazonses.com.
pm-bounces.wrong MX 10 mx1
send.wrong MX 10 mx1
pm-bounces CNAME pm.mtasv.net.
em1 CNAME u1.wl.sendgrid.net.
em2 MX 10 mx.sendgrid.net.
ses MX 10 feedback-smtp.eu-west-1.amazonses.com.
mx1 A 192.0.2.25
mx2 A 198.51.100.25
mx2 AAAA 2001:db8::25
mx6 AAAA 2001:db8::26
loopback A 127.0.0.1
inside A 192.0.2.25
inside A 10.1.2.3
carrier A 100.64.0.1
six-local AAAA fe80::1
"""
SES = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
feedback-smtp.eu-west-1 A 192.0.2.77
"""

PROVIDERS = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
pm.mtasv MX 10 inbound.postmark
u1.wl.sendgrid MX 10 mx.sendgrid
inbound.postmark A 192.0.2.78
mx.sendgrid A 192.0.2.79
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "test.") as running:
        running.set_zone(SES, "amazonses.com")
        running.set_zone(PROVIDERS, "net.")
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    ("options", "outcomes"),
    [
        ({"domain": "good.test"}, 3),
        ({"domain": "six.test"}, 2),
        ({"domain": "away.test"}, 3),
        ({"domain": "null.test", "receives": False}, 1),
        ({"domain": "ses.test", "hosts": ("amazonses.com",)}, 2),
        ({"domain": "test", "provider": "resend"}, 2),
        ({"domain": "test", "provider": "postmark"}, 2),
        ({"domain": "good.test", "provider": "mailgun"}, 3),
        ({"domain": "test", "provider": "sendgrid", "return_path": "em1.test"}, 2),
        ({"domain": "test", "provider": "sendgrid", "return_path": "em2.test"}, 2),
        ({"domain": "test", "return_path": "good.test"}, 3),
        ({"domain": "good.test", "hosts": ("other.test", "test.")}, 3),
    ],
)
def test_pass(world: Outside, options: dict[str, Any], outcomes: int) -> None:
    seen = look(DnsMx(**options), world)
    assert not broken(seen)
    assert len(seen) == outcomes
    assert all(outcome.evidence for outcome in seen)


@pytest.mark.parametrize(
    ("options", "said", "reason"),
    [
        ({"domain": "nowhere.test"}, "does not exist", Reason.MISSING),
        ({"domain": "web.test"}, "has no MX record", Reason.MISSING),
        ({"domain": "null.test"}, "receives no mail", Reason.MISMATCH),
        ({"domain": "both.test"}, "contradicts", Reason.MISMATCH),
        ({"domain": "good.test", "receives": False}, "must have a null MX", Reason.MISMATCH),
        ({"domain": "gone.test"}, "nowhere.test of gone.test does not exist", Reason.MISMATCH),
        ({"domain": "half.test"}, "nowhere.test of half.test does not exist", Reason.MISMATCH),
        ({"domain": "bare.test"}, "has no address", Reason.MISMATCH),
        ({"domain": "alias.test"}, "is an alias of mx1.test", Reason.MISMATCH),
        ({"domain": "loop.test"}, "127.0.0.1, a loopback address", Reason.MISMATCH),
        ({"domain": "private.test"}, "10.1.2.3, a private address", Reason.MISMATCH),
        ({"domain": "shared.test"}, "100.64.0.1, a private address", Reason.MISMATCH),
        ({"domain": "local.test"}, "a link-local address", Reason.MISMATCH),
        ({"domain": "literal.test"}, "is an IP address", Reason.MISMATCH),
        ({"domain": "wrong.test", "provider": "resend"}, "is not in amazonses.com", Reason.MISMATCH),
        ({"domain": "wrong.test", "provider": "postmark"}, "CNAME has to end in pm.mtasv.net", Reason.MISMATCH),
        ({"domain": "gone.test", "provider": "postmark"}, "pm-bounces.gone.test does not exist", Reason.MISSING),
        ({"domain": "six.test", "hosts": ("amazonses.com",)}, "is not in amazonses.com", Reason.MISMATCH),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str, reason: Reason) -> None:
    bad = [outcome for outcome in look(DnsMx(**options), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [reason]
    assert said in bad[0].message


@pytest.mark.parametrize("name", ["good.test", "mx1.test", "mx2.test"])
@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT, DnsFault.GARBAGE])
def test_error(server: DnsSandbox, world: Outside, name: str, fault: DnsFault) -> None:
    server.fault(name, fault)
    with pytest.raises(CannotTell):
        look(DnsMx(domain="good.test"), world, timeout=0.4)


@pytest.mark.parametrize(
    "options",
    [
        {"provider": "sendgrid"},
        {"return_path": "a@b.test"},
        {"domain": "mailto:x"},
        {"hosts": ("",)},
        {"hosts": ("x.test",), "receives": False},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsMx(**{"domain": "good.test", **options})


def test_says_what_it_looks_at() -> None:
    assert list(DnsMx(domain="good.test").looks_at()) == ["MX good.test"]
