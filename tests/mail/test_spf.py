"""check_host() as a library: what it takes, what it gives, and that nothing in the DNS makes it crash."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import dns.resolver
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.api import DnsAnswer
from readiness.mail.spf import Limits, Result, SpfResult, check_host
from readiness.mail.spf.findings import Demands
from readiness.mail.spf.lint import lint_record
from readiness.mail.spf.lint_tree import lint_tree
from readiness.mail.spf.tree import grow
from readiness.sandbox.dns import DnsFault, DnsSandbox
from readiness.world.dns import DnsClient
from tests.mail.spf_cases import World
from tests.mail.spf_differences import DIFFERENCES
from tests.mail.spf_fuzz import explain, ours, theirs

ZONE = """
$TTL 300
@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60
@ NS ns
shop TXT "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.shop.example. -all"
why.shop TXT "%{i} is no host of %{d}, says %{r}"
xn--bcher-kva TXT "v=spf1 ip4:192.0.2.1 -all"
user TXT "v=spf1 exists:%{l}._%{o}.example ?all"
jim._user.example TXT "not asked for"
jim._user.example A 127.0.0.2
postmaster._user.example A 127.0.0.2
loop CNAME loop2
loop2 CNAME loop
ptrloop TXT "v=spf1 ptr:loop.example -all"
inject TXT "v=spf1 exp=text.inject.example -all"
text.inject TXT "hello %{l}"
named TXT "v=spf1 exists:%{p}.%{p}.none.example ptr -all exp=why.named.example"
why.named TXT "%{p}"
void TXT "v=spf1 a:gone1.example a:gone2.example a:gone3.example -all"
eleven TXT "v=spf1 a a a a a a a a a a a -all"
eleven A 198.51.100.1
spaces TXT "v=spf1 a:host%_name.example -all"
host\\032name A 192.0.2.1
"""


@pytest.fixture(scope="module")
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "example.") as running:
        running.fault("broken.example", DnsFault.SERVFAIL)
        running.fault("7.2.0.192.in-addr.arpa", DnsFault.SERVFAIL)
        yield running


@pytest.fixture
def resolver(server: DnsSandbox) -> DnsClient:
    return DnsClient(nameserver=server.address)


@pytest.mark.parametrize(
    ("ip", "result"),
    [
        ("192.0.2.1", "pass"),
        ("198.51.100.1", "fail"),
        ("2001:db8::1", "pass"),
        ("2001:DB8:0:0::1", "pass"),
        ("::ffff:192.0.2.1", "pass"),
        ("::ffff:198.51.100.1", "fail"),
        (ipaddress.IPv4Address("192.0.2.1"), "pass"),
        (ipaddress.IPv6Address("::ffff:c000:201"), "pass"),
        (ipaddress.IPv6Address("fe80::1"), "fail"),
    ],
)
def test_addresses(resolver: DnsClient, ip: Any, result: str) -> None:
    assert check_host(ip, "shop.example", "user@shop.example", "mail.shop.example", resolver).result == result


@pytest.mark.parametrize(
    ("domain", "sender", "helo", "result"),
    [
        ("shop.example", "user@shop.example", "mail.shop.example", "pass"),
        ("SHOP.Example.", "user@SHOP.EXAMPLE.", "MAIL", "pass"),
        ("shop.example", "", "mail.shop.example", "pass"),
        ("shop.example", "shop.example", "", "pass"),
        ("", "user@shop.example", "", "pass"),
        ("", "", "shop.example", "pass"),
        ("b\u00fccher.example", "user@b\u00fccher.example", "", "pass"),
        ("B\u00dcCHER.example.", "", "", "pass"),
        ("nowhere.example", "user@nowhere.example", "", "none"),
        ("example", "user@example", "", "none"),
        ("", "", "", "none"),
        ("a..example", "", "", "none"),
        ("\ud800.example", "", "", "none"),
        ("[192.0.2.1]", "", "", "none"),
        (f"{'x' * 64}.example", "", "", "none"),
        ("broken.example", "", "", "temperror"),
        ("loop.example", "", "", "temperror"),
        ("user.example", "jim@user.example", "", "pass"),
        ("user.example", "@user.example", "", "pass"),
        ("user.example", "user.example", "", "pass"),
        ("user.example", "joe@user.example", "", "neutral"),
        ("user.example", '"odd@jim"@user.example', "", "neutral"),
        ("ptrloop.example", "", "", "fail"),
        ("void.example", "", "", "permerror"),
        ("eleven.example", "", "", "permerror"),
        ("spaces.example", "", "", "pass"),
    ],
)
def test_names(resolver: DnsClient, domain: str, sender: str, helo: str, result: str) -> None:
    assert check_host("192.0.2.1", domain, sender, helo, resolver).result == result


def test_no_address_is_a_mistake_of_the_caller(resolver: DnsClient) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        check_host("mail.shop.example", "shop.example", "", "", resolver)


def test_what_comes_back(resolver: DnsClient) -> None:
    found = check_host("198.51.100.1", "shop.example", "u@shop.example", "h", resolver, receiver="mx.test")
    assert found == SpfResult(
        Result.FAIL, "198.51.100.1 is no host of shop.example, says mx.test", 0, 0, matched="-all"
    )
    limited = check_host("192.0.2.1", "void.example", "", "", resolver)
    assert (limited.result, limited.lookups, limited.void_lookups) == ("permerror", 3, 3)
    assert "more than 2 DNS lookups find nothing" in limited.problem
    raised = check_host("192.0.2.1", "void.example", "", "", resolver, limits=Limits(void_lookups=5))
    assert (raised.result, raised.void_lookups) == ("fail", 3)


def test_a_reverse_zone_out_of_reach_is_no_trouble(resolver: DnsClient) -> None:
    found = check_host("192.0.2.7", "named.example", "u@named.example", "", resolver)
    assert (found.result, found.explanation, found.problem) == ("fail", "unknown", "")


def test_the_end_of_time_is_no_result(resolver: DnsClient) -> None:
    found = check_host("192.0.2.1", "shop.example", "", "", resolver, limits=Limits(seconds=-1))
    assert (found.result, found.problem) == ("temperror", "the evaluation took longer than -1 s")


@pytest.mark.parametrize("local", ["line\r\nRCPT TO:<x>", "\u00fc", "\x1b[1m"])
def test_an_explanation_is_plain_text(resolver: DnsClient, local: str) -> None:
    found = check_host("192.0.2.1", "inject.example", f"{local}@inject.example", "", resolver)
    assert (found.result, found.explanation) == ("fail", "")


def answer(record: bytes) -> Any:
    """A resolver for which every name has that record, and one address."""

    def ask(name: str, rdtype: str) -> DnsAnswer:
        records = {
            "TXT": record,
            "A": b"192.0.2.1",
            "AAAA": b"2001:db8::1",
            "MX": b"10 a.b.",
            "PTR": b"a.b.",
            "SPF": b"",
        }
        return DnsAnswer(status="ok", records=(records[rdtype],), ttl=1, server="x", canonical=name)

    return ask


WORDS = st.sampled_from(
    [
        "v=spf1",
        "a",
        "mx",
        "ptr",
        "include:",
        "exists:",
        "ip4:",
        "ip6:",
        "all",
        "redirect=",
        "exp=",
        "%{",
        "}",
        "%%",
        "%_",
    ]
)
LETTERS = st.text(
    st.characters(codec="utf-8") | st.sampled_from('%{}/:.-+~? \x00\t\\"0123456789slodiphcrtv'), max_size=20
)
RECORDS = st.lists(WORDS | LETTERS, max_size=30).map(lambda parts: "v=spf1 " + "".join(parts))
NAMES = st.text(st.characters(), max_size=40) | st.sampled_from(["a.b", "user@a.b", "x" * 70 + ".b", "a.b."])


@settings(max_examples=400)
@given(RECORDS, NAMES, NAMES, NAMES, st.ip_addresses())
def test_no_record_and_no_name_makes_it_crash(
    record: str, domain: str, sender: str, helo: str, ip: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    ask = answer(record.encode("utf-8", "surrogatepass"))
    for name in (domain, "a.b"):
        found = check_host(ip, name, sender, helo, ask)
        assert found.result in set(Result)
        assert found.explanation.isascii()


@settings(max_examples=200)
@given(RECORDS | st.binary(max_size=80).map(lambda octets: octets.decode("latin-1")))
def test_no_record_makes_the_rules_crash(record: str) -> None:
    tree = grow("a.b", answer(record.encode("utf-8", "surrogatepass")))
    findings = [*lint_record(tree, Demands()), *lint_tree(tree, Demands(includes=("c.d",), complete=True))]
    assert findings
    assert all(finding.message and finding.expected for finding in findings)


@pytest.mark.parametrize(
    "record",
    [
        b"v=spf1 " + b"a" * 65_000,
        b"v=spf1 " + b"a " * 32_000,
        b"v=spf1 " + b"ip4:192.0.2.1 " * 4_600 + b"-all",
        b"v=spf1 a:" + b"%{s}" * 16_000 + b".b -all",
        b"v=spf1 a:" + b"%{l9999999999999999999999r-}" * 2_000 + b" -all",
        b"v=spf1 a" + b"/1" * 32_000,
        b"v=spf1 exists:" + b"a." * 32_000 + b"1",
        b"v=spf1 ip4:" + b":" * 65_000,
        b"v=spf1 ip6:" + b"1" * 65_000,
        b"v" + b" " * 65_000,
        b"include:" * 8_000,
        b"include:a " * 6_500,
        b"v=spf1 " + b"include:a.b " * 5_000,
        b"v=spf1 " + bytes(65_000),
    ],
    ids=lambda record: record[:20].decode(),
)
def test_a_record_of_64_kib_takes_no_time(record: bytes) -> None:
    ask = answer(record)
    sender = "x" * 1_000 + "@a.b"
    assert check_host("192.0.2.1", "a.b", sender, "", ask).result in set(Result)
    tree = grow("a.b", ask)
    assert list(lint_record(tree, Demands()))
    assert list(lint_tree(tree, Demands()))


def world(record: bytes) -> World:
    zone: dict[tuple[str, str], tuple[object, ...] | None] = {("a.example", "TXT"): (record,)}
    zone |= {("h.example", "A"): ("192.0.2.9",), ("o.example", "A"): ("198.51.100.1",)}
    zone |= {("9.2.0.192.in-addr.arpa", "PTR"): ("h.example", "slow.example")}
    zone |= {("slow.example", "A"): None, ("long.example", "TXT"): (b"x" * 200 + b"." + b"y" * 200,)}
    return World(zone=zone, ip="192.0.2.9", sender="u@a.example", helo="h.example")


EXAMPLES = (
    b"v=spf1 Redirect=nowhere.example",
    b"v=spf1 -exists:%{d0}.example ~all",
    b"v=spf1 x=\x7f -all",
    b"v=spf1 x=1 x=2 -all",
    b"v=spf1 -ip4:192.0.2.9 include:a.example -all",
    b"v=spf1 ?exists -all",
    b"v=spf1 -ip4:192.0.2.9 a:%{p}.example -all",
    b"v=spf1 ptr:none.example ~all",
    b"v=spf1 " + b"a:o.example " * 9 + b"a:h.example redirect=h.example",
    b"v=spf1 exp=long.example -all",
)


@pytest.mark.parametrize(
    ("record", "difference"),
    [*zip(EXAMPLES, DIFFERENCES, strict=True)],
    ids=[difference.what for difference in DIFFERENCES],
)
def test_every_listed_difference_to_pyspf_is_one(record: bytes, difference: Any) -> None:
    assert ours(world(record)) != theirs(world(record))
    assert difference.what in explain(world(record))


def test_a_resolver_of_dnspython_as_it_is(server: DnsSandbox) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    assert check_host("192.0.2.1", "shop.example", "u@shop.example", "h", resolver).result == "pass"
    assert check_host("192.0.2.1", "broken.example", "u@broken.example", "h", resolver).result == "temperror"
