"""MTA-STS and TLS reporting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dns_mta_sts import DnsMtaSts
from readiness.api import CannotTell, Reason, Unreachable
from readiness.mail.mta_sts import read_policy, sts_problems, tls_rpt_problems
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import Answer, WebServer, broken, look, outside

ZONE = """
$TTL 300
@ SOA ns.invalid. root.invalid. 1 60 60 60 60
@ NS ns.invalid.
_mta-sts.good TXT "v=STSv1; id=20251028T000000;"
_mta-sts.good TXT "other"
mta-sts.good A 192.0.2.1
_smtp._tls.good TXT "v=TLSRPTv1; rua=mailto:tls@good.test,https://good.test/tls"
good MX 10 mx1.good.test.
good MX 10 b.mx.good.test.
_mta-sts.alone TXT "v=STSv1; id=1"
_smtp._tls.alone TXT "v=TLSRPTv1; rua=mailto:tls@good.test"
"""
POLICY = "version: STSv1\nmode: enforce\nmx: mx1.good.test\r\nmx: *.mx.good.test\nmax_age: 604800\n"


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "test.") as running:
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    "options", [{"domain": "good.test"}, {"domain": "nothing.test", "mta_sts": "optional", "tls_rpt": "optional"}]
)
def test_pass(world: Outside, options: dict[str, Any]) -> None:
    outcomes = look(DnsMtaSts(**options), world)
    assert len(outcomes) >= 2
    assert not broken(outcomes)
    assert all(outcome.evidence for outcome in outcomes)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"domain": "nothing.test", "tls_rpt": "optional"}, "_mta-sts.nothing.test"),
        ({"domain": "nothing.test", "mta_sts": "optional"}, "_smtp._tls.nothing.test"),
        ({"domain": "alone.test"}, "mta-sts.alone.test, the host of the policy, is wrong: has no address"),
    ],
)
def test_fail(world: Outside, options: dict[str, Any], said: str) -> None:
    bad = [outcome for outcome in look(DnsMtaSts(**options), world) if not outcome.ok]
    assert [outcome.reason for outcome in bad] == [Reason.MISSING]
    assert said in bad[0].message


@pytest.mark.parametrize(
    ("body", "options", "said"),
    [
        (POLICY, {}, None),
        (POLICY, {"mode": "enforce"}, None),
        (POLICY.replace("enforce", "testing"), {}, None),
        (POLICY.replace("enforce", "testing"), {"mode": "enforce"}, "has the mode testing"),
        (POLICY.replace("enforce", "none"), {}, "has the mode none"),
        (POLICY.replace("*.mx", "*.other"), {}, "does not cover b.mx.good.test"),
        (POLICY.replace("*.mx.good.test", "*.good.test"), {}, "does not cover b.mx.good.test"),
        (POLICY.replace("STSv1", "STSv2"), {}, "version: STSv1"),
        (POLICY.replace("enforce", "enforced"), {}, "mode:"),
        (POLICY.replace("604800", "forever"), {}, "max_age:"),
        (POLICY.replace("604800", "99999999"), {}, "max_age:"),
        (POLICY.replace("mx1.good.test", "a b"), {}, "no name of a host"),
        ("version: STSv1\nmode: enforce\nmax_age: 86400\n", {}, "no line mx:"),
        ("<html>", {}, "version: STSv1"),
    ],
)
def test_the_policy(world: Outside, body: str, options: dict[str, Any], said: str | None) -> None:
    with WebServer(scripts={"/mta-sts.txt": Answer(body=body.encode())}) as web:
        check = DnsMtaSts(domain="good.test", policy=True, policy_url=f"{web.url}/mta-sts.txt", **options)
        bad = broken(look(check, world))
        assert (said in " ".join(bad)) if said else not bad


def test_a_policy_behind_a_redirect_or_away_fails(world: Outside) -> None:
    with WebServer(scripts={"/mta-sts.txt": Answer(status=301, headers=(("Location", "/x"),))}) as web:
        check = DnsMtaSts(domain="good.test", policy=True, policy_url=f"{web.url}/mta-sts.txt")
        assert "answers 301" in " ".join(broken(look(check, world)))
    away = DnsMtaSts(domain="good.test", policy=True, policy_url="http://127.0.0.1:1/")
    with pytest.raises(Unreachable):
        look(away, world)


@pytest.mark.parametrize("name", ["_mta-sts.good.test", "_smtp._tls.good.test", "mta-sts.good.test"])
@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED, DnsFault.TIMEOUT])
def test_error(server: DnsSandbox, world: Outside, name: str, fault: DnsFault) -> None:
    server.fault(name, fault)
    with pytest.raises(CannotTell):
        look(DnsMtaSts(domain="good.test"), world, timeout=0.4)


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (["v=STSv1;id=1;"], None),
        (["v=STSv1 ; id = 1", "x"], None),
        ([], "missing"),
        (["v=STSv1"], "version"),
        (["v=STSv2; id=1"], "version"),
        (["v=stsv1; id=1"], "version"),
        (["v=STSv1; id=1", "v=STSv1; id=2"], "two_records"),
        (["v=STSv1; id=2025-10-28"], "id"),
        (["v=STSv1; id="], "id"),
        (["v=STSv1; x=1"], "id"),
        (["v=STSv1; id=" + "1" * 33], "id"),
        (["v=STSv1; id=1; id=2"], "duplicate_tag"),
    ],
)
def test_records_of_mta_sts(records: list[str], code: str | None) -> None:
    assert [problem.code for problem in sts_problems(records)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (["v=TLSRPTv1; rua=mailto:a@x.test"], None),
        (["v=TLSRPTv1;rua=https://x.test/r", "x"], None),
        ([], "missing"),
        (["v=TLSRPTv1"], "version"),
        (["v=TLSRPTv1; rua="], "report_uri"),
        (["v=TLSRPTv1; rua=a@x.test"], "report_uri"),
        (["v=TLSRPTv1; rua=mailto:a@x.test"] * 2, "two_records"),
    ],
)
def test_records_of_tls_reporting(records: list[str], code: str | None) -> None:
    assert [problem.code for problem in tls_rpt_problems(records)] == ([code] if code else [])


@given(st.one_of(st.text(), st.binary()))
def test_no_content_is_too_strange(content: str | bytes) -> None:
    read_policy(content)
    list(sts_problems([content]))
    list(tls_rpt_problems([content]))


@pytest.mark.parametrize(
    "options",
    [
        {"domain": "https://x"},
        {"mode": "enforce"},
        {"policy": True, "policy_url": "http://x.test/"},
        {"policy_url": "https://x"},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsMtaSts(**{"domain": "good.test", **options})


def test_says_what_it_looks_at() -> None:
    assert list(DnsMtaSts(domain="good.test", policy=True).looks_at())[-1].startswith("GET https://mta-sts.good.test/")
