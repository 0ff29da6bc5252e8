"""SPF of a return path: evaluated for declared senders, and read as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.dns_spf import DnsSpf
from readiness.api import CannotTell, Outcome, Reason
from readiness.mail.providers import Provider
from readiness.mail.spf.senders import Sender
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world import Outside
from tests.wire import broken, look, outside

LONG = " ".join(f'"ip4:198.51.100.{number} "' for number in range(30))
ZONE = f"""
$TTL 300
@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
; correct
good TXT "v=spf1 ip4:192.0.2.0/28 include:_spf.mailer.test -all"
good TXT "site-verification=1"
good MX 10 mx.good
mx.good A 192.0.2.25
mx.good AAAA 2001:db8::25
em1.good CNAME u1.wl.mailer.test.
em4.good CNAME u1.wl.sendgrid.net.
em3.good CNAME gone.mailer.test.
u1.wl.mailer TXT "v=spf1 ip4:203.0.113.0/24 ptr ptr -all"
send.good TXT "v=spf1 include:amazonses.com ~all"
send.good MX 10 feedback-smtp.eu-west-1.amazonses.com.
_spf.mailer TXT "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:5::/48 ?all"
capital TXT "V=SPF1 IP4:192.0.2.1 -ALL"
split TXT "v=spf1 include:_spf.mai" "ler.test -all"
hosts TXT "v=spf1 a:mx.good.test mx:good.test a -all"
hosts A 192.0.2.80
redirected TXT "v=spf1 redirect=_policy.redirected.test"
_policy.redirected TXT "v=spf1 ip4:192.0.2.1 ~all"
macro TXT "v=spf1 exists:%{{i}}._ok.macro.test include:%{{ir}}._spf.mailer.test -all"
192.0.2.9._ok.macro A 127.0.0.2
reports TXT "v=spf1 ip4:192.0.2.1 ra=postmaster -all"
xn--bcher-kva TXT "v=spf1 ip4:192.0.2.1 -all"
ten TXT "v=spf1 a a:mx.good.test mx:good.test include:five.test include:_spf.mailer.test -all"
ten A 192.0.2.1
five TXT "v=spf1 a:mx.good.test a:ns.test a:hosts.test a:ten.test mx:good.test ~all"
voids TXT "v=spf1 a:gone1.test a:gone2.test ip4:192.0.2.1 -all"
; missing or not one
nothing A 192.0.2.1
other TXT "site-verification=1"
twice TXT "v=spf1 ip4:192.0.2.1 -all"
twice TXT "v=spf1 include:_spf.mailer.test -all"
nonascii TXT "v=spf1 ip4:192.0.2.1 \\233all"
old TYPE99 \\# 12 0b763d73706631202d616c6c
glued TXT "v=spf1-all"
version2 TXT "v=spf2 -all"
bare TXT "spf1 ip4:192.0.2.1 -all"
quoted TXT "\\"v=spf1 -all\\""
blank TXT " v=spf1 -all"
doubled.test.doubled TXT "v=spf1 -all"
doubled A 192.0.2.1
under A 192.0.2.1
_spf.under TXT "v=spf1 -all"
; wrong inside
lost TXT "v=spf1 include:_spf.mailer.test" "ip4:192.0.2.1 -all"
lostname TXT "v=spf1 include:_spf.mailer.test" "-all"
unreached TXT "v=spf1 ip4:192.0.2.0/24 -all ipv4:198.51.100.1"
open TXT "v=spf1 ip4:192.0.2.1 +all"
plain TXT "v=spf1 all"
neutral TXT "v=spf1 ip4:192.0.2.1 ?all"
endless TXT "v=spf1 ip4:192.0.2.1"
soft TXT "v=spf1 ip4:192.0.2.1 ~all"
behind TXT "v=spf1 ip4:192.0.2.1 -all include:_spf.mailer.test"
useless TXT "v=spf1 ip4:192.0.2.1 -all redirect=good.test"
equals TXT "v=spf1 ip4:192.0.2.1 include=_spf.mailer.test -all"
ptr TXT "v=spf1 ptr:good.test -all"
pmacro TXT "v=spf1 exists:%{{p}}.good.test -all"
duplicate TXT "v=spf1 include:_spf.mailer.test +INCLUDE:_spf.mailer.test -all"
long TXT "v=spf1 " {LONG} "-all"
eleven TXT "v=spf1 a mx:good.test include:ten.test -all"
eleven A 192.0.2.1
deep TXT "v=spf1 include:five.test include:five.test include:_spf.mailer.test -all"
gone TXT "v=spf1 include:nowhere.test -all"
without TXT "v=spf1 include:other.test -all"
broken TXT "v=spf1 include:unreached.test -all"
redirectgone TXT "v=spf1 redirect=nowhere.test"
circle TXT "v=spf1 include:circle2.test -all"
circle2 TXT "v=spf1 include:circle.test -all"
void TXT "v=spf1 a:gone1.test mx:gone2.test exists:gone3.test -all"
wide TXT "v=spf1 ip4:32.0.0.0/7 -all"
wide6 TXT "v=spf1 ip6:2000::/3 -all"
halves TXT "v=spf1 ip4:32.0.0.0/9 ip4:33.0.0.0/9 ip4:34.0.0.0/9 -all"
byname TXT "v=spf1 a:mx.good.test/4 -all"
includesopen TXT "v=spf1 include:open.test -all"
wildcard TXT "v=spf1 exists:%{{i}}._any.test -all"
*._any A 127.0.0.2
manymx TXT "v=spf1 mx -all"
{"".join(f"manymx MX 10 mx{number}.good" + chr(10) for number in range(11))}
except TXT "v=spf1 -ip4:192.0.2.66 ip4:192.0.2.0/24 -all"
helo TXT "v=spf1 a:%{{h}} -all"
local TXT "v=spf1 exists:%{{l}}._users.test -all"
bounce._users A 127.0.0.2
notopen TXT "v=spf1 ip4:192.0.2.1 -include:open.test ?include:wide.test ~all"
slow TXT "v=spf1 include:timeout.test -all"
slowhost TXT "v=spf1 a:timeout.test ip4:192.0.2.1 -all"
slowopen TXT "v=spf1 include:timeout.test +all"
slowmacro TXT "v=spf1 exists:%{{i}}.timeout.test -all"
"""
SES = """$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
@ TXT "v=spf1 ip4:199.255.192.0/22 -all"
"""
SENDGRID = """$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
u1.wl TXT "v=spf1 ip4:203.0.113.0/24 ptr ptr -all"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "test.") as running:
        running.set_zone(SES, "amazonses.com.")
        running.set_zone(SENDGRID, "sendgrid.net.")
        for name in ("timeout.test", "203.0.113.9.timeout.test"):
            running.fault(name, DnsFault.SERVFAIL)
        yield running


@pytest.fixture
def world(server: DnsSandbox, tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path, nameserver=server.address) as made:
        yield made


@pytest.mark.parametrize(
    "options",
    [
        {"domain": "good.test"},
        {"domain": "GOOD.test."},
        {"domain": "good.test", "senders": ("192.0.2.1", "192.0.2.0/28", "203.0.113.0/24", "2001:db8:5::/48")},
        {"domain": "good.test", "senders": (Sender(ip="::ffff:192.0.2.1"),)},
        {"domain": "good.test", "includes": ("_spf.mailer.test",), "require_all": "-all"},
        {"domain": "good.test", "spf_include": "_SPF.mailer.test."},
        {"domain": "good.test", "return_path": "em1.good.test", "senders": ("203.0.113.7",)},
        {"domain": "good.test", "provider": "sendgrid", "return_path": "em4.good.test", "senders": ("203.0.113.7",)},
        {"domain": "good.test", "provider": "sendgrid", "return_path": "good.test"},
        {"domain": "good.test", "provider": "resend", "senders": ("199.255.192.5",)},
        {"domain": "good.test", "provider": "ses", "return_path": "send.good.test"},
        {"domain": "capital.test", "senders": ("192.0.2.1",)},
        {"domain": "split.test", "senders": ("203.0.113.1",)},
        {"domain": "hosts.test", "senders": ("192.0.2.25", "2001:db8::25", "192.0.2.80"), "includes": ()},
        {"domain": "redirected.test", "senders": ("192.0.2.1",)},
        {"domain": "macro.test", "senders": ("192.0.2.9",), "allow": ("width",)},
        {"domain": "reports.test"},
        {"domain": "b\u00fccher.test", "senders": ("192.0.2.1",)},
        {"domain": "ten.test"},
        {"domain": "voids.test", "senders": ("192.0.2.1",)},
        {"domain": "soft.test"},
        {"domain": "notopen.test"},
        {"domain": "helo.test", "senders": (Sender(ip="192.0.2.25", helo="mx.good.test"),)},
        {"domain": "local.test", "senders": (Sender(ip="192.0.2.1", sender="bounce@local.test"),)},
        {"domain": "except.test", "senders": ("192.0.2.0/26",)},
        {"domain": "ptr.test", "allow": ("ptr",)},
        {"domain": "eleven.test", "max_lookups": 20},
        {"domain": "void.test", "max_void": 3},
        {"domain": "long.test", "max_bytes": 1232},
    ],
)
def test_pass(world: Outside, options: dict[str, Any]) -> None:
    outcomes = look(DnsSpf(**options), world)
    assert broken(outcomes) == []
    assert len(outcomes) >= 5
    assert all(outcome.evidence and outcome.expected and outcome.observed for outcome in outcomes)


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("nowhere.test", "no SPF record: publish"),
        ("nothing.test", "no SPF record"),
        ("other.test", "no SPF record"),
        ("sub.good.test", "good.test has a record, but names below it do not inherit it"),
        ("old.test", "is of type SPF (99)"),
        ("glued.test", "a blank is missing after v=spf1"),
        ("version2.test", "the version has to be exactly v=spf1"),
        ("bare.test", "does not begin with v=spf1"),
        ("quoted.test", "begins with a quotation mark"),
        ("blank.test", "begins with a blank"),
        ("em3.good.test", "it is an alias of gone.mailer.test, which does not exist"),
        ("doubled.test", "stands at doubled.test.doubled.test"),
        ("under.test", "stands at _spf.under.test"),
    ],
)
def test_no_record(world: Outside, domain: str, said: str) -> None:
    (outcome,) = look(DnsSpf(domain=domain, senders=("192.0.2.1",)), world)
    assert (outcome.ok, outcome.reason) == (False, Reason.MISSING)
    assert said in outcome.message


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("twice.test", "has 2 SPF records"),
        ("nonascii.test", "a character outside ASCII"),
        ("lost.test", "a blank is missing in front of 'ip4:192.0.2.1'"),
        ("lostname.test", "a blank is missing in front of '-all'"),
        ("unreached.test", "the mechanism is called ip4"),
        ("open.test", "`+all`: everybody"),
        ("plain.test", "`+all`: everybody"),
        ("neutral.test", "`?all`"),
        ("endless.test", "does not end in `all`"),
        ("behind.test", "`-all` decides before include:_spf.mailer.test"),
        ("useless.test", "`-all` decides before redirect=good.test"),
        ("equals.test", "include= is no mechanism"),
        ("ptr.test", "ptr:good.test"),
        ("pmacro.test", "exists:%{p}.good.test"),
        ("duplicate.test", "terms more than once: include:_spf.mailer.test"),
        ("long.test", "more than 512 octets"),
        (
            "eleven.test",
            "of at most 10 DNS lookups, and receivers stop after 10 (permerror); of these include:ten.test 11",
        ),
        ("deep.test", "causes 13 of at most 10"),
        ("gone.test", "include:nowhere.test: nowhere.test does not exist"),
        ("without.test", "include:other.test: other.test has no SPF record"),
        ("broken.test", "unreached.test has a syntax error"),
        ("redirectgone.test", "redirect=nowhere.test: nowhere.test does not exist"),
        ("circle.test", "circle.test -> circle2.test -> circle.test never ends"),
        ("void.test", "3 DNS lookups of the SPF record of void.test find nothing"),
        ("wide.test", "a large part of the internet"),
        ("wide6.test", "a large part of the internet"),
        ("halves.test", "a large part of the internet"),
        ("byname.test", "a large part of the internet"),
        ("includesopen.test", "lets everybody send: `include:open.test`"),
        ("wildcard.test", "lets everybody send: `exists:%{i}._any.test`"),
        ("manymx.test", "has 11 MX records"),
    ],
)
def test_fail(world: Outside, domain: str, said: str) -> None:
    messages = broken(look(DnsSpf(domain=domain), world))
    assert any(said in message for message in messages), messages
    assert len(messages) <= 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"domain": "soft.test", "require_all": "-all"}, "ends in `~all`; end it in -all"),
        ({"domain": "good.test", "senders": ("192.0.2.99",)}, "from 192.0.2.99 is fail: `-all` decides"),
        ({"domain": "soft.test", "senders": ("192.0.2.99",)}, "from 192.0.2.99 is softfail"),
        ({"domain": "endless.test", "senders": ("192.0.2.99",)}, "is neutral: nothing in the record matches it"),
        ({"domain": "good.test", "senders": ("192.0.2.0/27",)}, "from 192.0.2.16 is fail"),
        ({"domain": "except.test", "senders": ("192.0.2.0/24",)}, "from 192.0.2.66 is fail: `-ip4:192.0.2.66` decides"),
        ({"domain": "good.test", "senders": ("2001:db8::1",)}, "from 2001:db8::1 is fail"),
        ({"domain": "helo.test", "senders": (Sender(ip="192.0.2.25", helo="ns.test"),)}, "is fail"),
        ({"domain": "good.test", "includes": ()}, "include:_spf.mailer.test, which is not declared"),
        ({"domain": "good.test", "includes": ("spf.other.test",)}, "does not include spf.other.test"),
        ({"domain": "good.test", "provider": "mailgun"}, "does not include mailgun.org: add include:mailgun.org"),
        (
            {"domain": "good.test", "provider": "sendgrid", "return_path": "em1.good.test"},
            "em1.good.test is an alias of u1.wl.mailer.test, which is not in sendgrid.net",
        ),
        ({"domain": "good.test", "provider": "postmark"}, "publish the provider's CNAME to pm.mtasv.net"),
    ],
)
def test_fail_of_options(world: Outside, options: dict[str, Any], said: str) -> None:
    messages = broken(look(DnsSpf(**options), world))
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize("domain", ["timeout.test", "slow.test", "slowhost.test", "slowmacro.test"])
def test_error(world: Outside, domain: str) -> None:
    with pytest.raises(CannotTell, match=r"timeout\.test"):
        look(DnsSpf(domain=domain, senders=("203.0.113.9",)), world)


def test_hints_that_cannot_be_told_change_nothing(server: DnsSandbox, world: Outside) -> None:
    server.fault("_spf.other.test", DnsFault.SERVFAIL)
    (outcome,) = look(DnsSpf(domain="other.test"), world)
    assert (outcome.ok, outcome.reason) == (False, Reason.MISSING)


def test_a_timeout_is_an_error(tmp_path: Path) -> None:
    with DnsSandbox(ZONE, "test.") as server, outside(tmp_path, nameserver=server.address) as world:
        server.fault("timeout.test", DnsFault.TIMEOUT)
        with pytest.raises(CannotTell) as error:
            look(DnsSpf(domain="slow.test"), world, timeout=0.4)
    assert error.value.reason is Reason.TIMEOUT


def test_what_is_known_is_told_before_what_is_not(world: Outside) -> None:
    seen: list[Outcome] = []
    with pytest.raises(CannotTell):
        seen.extend(DnsSpf(domain="slowopen.test").run(world.attempt(10, fresh=False)))
    assert any("everybody" in message for message in broken(seen))


@pytest.mark.parametrize(
    "options",
    [
        {"domain": "https://good.test"},
        {"domain": "user@good.test"},
        {"domain": "good.test", "return_path": "bounce@good.test"},
        {"domain": "good.test", "provider": "sendgrid"},
        {"domain": "good.test", "provider": "ses"},
        {"domain": "good.test", "senders": ("mail.good.test",)},
        {"domain": "good.test", "senders": ("192.0.2.300",)},
        {"domain": "good.test", "includes": ("include:x.test",)},
        {"domain": "good.test", "max_lookups": -1},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsSpf(**options)


def test_says_what_it_looks_at() -> None:
    assert list(DnsSpf(domain="kamiyo.ai", provider=Provider.POSTMARK).looks_at()) == ["TXT pm-bounces.kamiyo.ai"]


def test_evidence_shows_record_resolver_and_ttl(world: Outside, server: DnsSandbox) -> None:
    first = look(DnsSpf(domain="good.test"), world)[0]
    assert first.evidence[0].source == f"TXT good.test @{server.address}"
    assert "v=spf1 ip4:192.0.2.0/28 include:_spf.mailer.test -all" in first.evidence[0].seen
    assert "TTL 300" in first.evidence[0].seen
