"""DMARC policies of a domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.dns_dmarc import DnsDmarc
from readiness.api import CannotTell, Reason
from readiness.mail.dmarc import Policy
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside

ZONE = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
_dmarc.shop.test TXT "v=DMARC1; p=quarantine; sp=reject; rua=mailto:dmarc@shop.test"
_dmarc.strict.test TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
_dmarc.none.test TXT "v=DMARC1; p=none; rua=mailto:d@agreed.test,mailto:d@silent.test"
none.test._report._dmarc.agreed.test TXT "v=DMARC1"
_dmarc.testing.test TXT "v=DMARC1; p=reject; t=y"
_dmarc.weak.test TXT "v=DMARC1; p=reject; np=none"
_dmarc.twice.test TXT "v=DMARC1; p=reject"
_dmarc.twice.test TXT "v=DMARC1; p=none"
_dmarc.lower.test TXT "v=dmarc1; p=reject"
_dmarc.space.test TXT "v=DMARC1 p=none"
_dmarc.nopolicy.test TXT "v=DMARC1; rua=mailto:d@nopolicy.test"
_dmarc.typo.test TXT "v=DMARC1; p=rejct"
_dmarc.address.test TXT "v=DMARC1; p=none; rua=d@address.test"
apex.test TXT "v=DMARC1; p=none"
_dmarc.org.test TXT "v=DMARC1; p=none"
_dmarc.own.org.test TXT "v=DMARC1; p=none"
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, ".") as running:
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"domain": "shop.test"}, "valid DMARC record"),
        ({"domain": "shop.test", "minimum": Policy.QUARANTINE}, "is quarantine"),
        ({"domain": "mail.shop.test", "minimum": Policy.REJECT}, "inherited from shop.test"),
        ({"domain": "shop.test", "subdomain_minimum": Policy.REJECT}, "sp: reject, np: reject"),
        ({"domain": "shop.test", "rua": "required"}, "reports go to mailto:dmarc@shop.test"),
        ({"domain": "shop.test", "dkim_domains": ("mail.shop.test",)}, "DKIM d=mail.shop.test is aligned"),
        ({"domain": "shop.test", "dkim_domains": ("esp.test",), "return_path": "b.shop.test"}, "esp.test is not"),
        ({"domain": "shop.test", "provider": "postmark"}, "the return path pm-bounces.shop.test is aligned"),
        ({"domain": "strict.test", "provider": "postmark"}, "d=strict.test is aligned"),
        ({"domain": "testing.test", "minimum": Policy.QUARANTINE}, "t=y lowers it"),
    ],
)
def test_pass(world: Outside, options: dict[str, Any], said: str) -> None:
    outcomes = look(DnsDmarc(**options), world)
    assert not broken(outcomes)
    assert said in " | ".join(outcome.message for outcome in outcomes)
    assert all(outcome.evidence for outcome in outcomes)


@pytest.mark.parametrize(
    ("options", "said", "reason"),
    [
        ({"domain": "nobody.test"}, "there is no DMARC record", Reason.MISSING),
        ({"domain": "apex.test"}, "has to begin with _dmarc.", Reason.MISSING),
        ({"domain": "twice.test"}, "2 DMARC records", Reason.MISSING),
        ({"domain": "lower.test"}, "capital letters", Reason.MISSING),
        ({"domain": "space.test"}, "semicolon", Reason.MISSING),
        ({"domain": "nopolicy.test"}, "p= is not there", Reason.MISMATCH),
        ({"domain": "address.test"}, "write mailto:", Reason.MISMATCH),
        ({"domain": "none.test"}, "none.test._report._dmarc.silent.test", Reason.MISMATCH),
        (
            {"domain": "shop.test", "minimum": Policy.REJECT},
            "is quarantine, needed is at least reject",
            Reason.MISMATCH,
        ),
        ({"domain": "testing.test", "minimum": Policy.REJECT}, "published is reject, but t=y", Reason.MISMATCH),
        ({"domain": "weak.test", "subdomain_minimum": Policy.QUARANTINE}, "np: none", Reason.MISMATCH),
        ({"domain": "strict.test", "rua": "required"}, "no aggregate reports", Reason.MISSING),
        ({"domain": "strict.test", "return_path": "mail.strict.test"}, "cannot pass DMARC", Reason.MISMATCH),
        ({"domain": "shop.test", "dkim_domains": ("sendgrid.net",)}, "cannot pass DMARC", Reason.MISMATCH),
        (
            {"domain": "shop.test", "dkim_domains": ("shop.test",), "return_path": "esp.test", "aligned": "all"},
            "the return path esp.test is not aligned",
            Reason.MISMATCH,
        ),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str, reason: Reason) -> None:
    bad = [outcome for outcome in look(DnsDmarc(**options), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [reason]
    assert said in bad[0].message


def test_a_policy_that_receivers_cannot_read_is_none(world: Outside) -> None:
    bad = broken(look(DnsDmarc(domain="typo.test"), world))
    assert [message.split(":")[0] for message in bad] == [
        "DMARC of typo.test",
        "receivers apply no policy at all to this record",
    ]


@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT, DnsFault.WRONG_QUESTION])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"domain": "shop.test"}, "_dmarc.shop.test"),
        ({"domain": "mail.shop.test"}, "_dmarc.shop.test"),
        ({"domain": "none.test"}, "none.test._report._dmarc.agreed.test"),
        ({"domain": "own.org.test", "dkim_domains": ("x.org.test",)}, "_dmarc.org.test"),
    ],
)
def test_error(server: DnsSandbox, world: Outside, options: dict[str, Any], name: str, fault: DnsFault) -> None:
    server.fault(name, fault)
    with pytest.raises(CannotTell):
        look(DnsDmarc(**options), world, timeout=0.4)


def test_a_hint_that_cannot_be_had_hides_no_failure(server: DnsSandbox, world: Outside) -> None:
    server.fault("nobody.test", DnsFault.SERVFAIL)
    assert broken(look(DnsDmarc(domain="nobody.test"), world))


@pytest.mark.parametrize("options", [{"domain": "https://x"}, {"dkim_domains": ("a b",)}, {"return_path": "a@b.test"}])
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no domain name"):
        DnsDmarc(**{"domain": "shop.test", **options})


def test_says_what_it_looks_at() -> None:
    assert list(DnsDmarc(domain="shop.test").looks_at()) == ["TXT _dmarc.shop.test"]
