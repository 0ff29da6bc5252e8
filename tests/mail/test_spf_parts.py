"""The parts of the SPF evaluator: grammar, macros, names, selection, hints."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.mail.spf.identity import Identity
from readiness.mail.spf.macros import (
    BadMacro,
    parse_domain_spec,
    parse_explanation,
    parse_macro_string,
)
from readiness.mail.spf.mistakes import almost, hint
from readiness.mail.spf.names import from_answer, to_ascii, to_question, truncate
from readiness.mail.spf.records import select
from readiness.mail.spf.senders import Sender
from readiness.mail.spf.syntax import Mechanism, parse

FOUR = Identity.of("192.0.2.3", "email.example.com", "strong-bad@email.example.com", "mx.example.com", "me")
SIX = Identity.of("2001:db8::cb01", "email.example.com", "strong-bad@email.example.com", "mx.example.com", "me")


def expand(text: str, identity: Identity = FOUR) -> str:
    values = {"d": "email.example.com", "p": "mx.example.org"}
    return parse_explanation(text).expand(lambda letter: values.get(letter) or identity.value(letter))


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%{D2R}", "example.email"),
        ("%{p} %{h} %{c} %{r}", "mx.example.org mx.example.com 192.0.2.3 me"),
        ("%%%_%-", "% %20"),
        ("%{s-}", "strong.bad@email.example.com"),
        ("%{d128}", "email.example.com"),
        ("%{d00002}", "example.com"),
        (f"%{{d{'9' * 5000}}}", "email.example.com"),
    ],
)
def test_the_examples_of_section_7(text: str, expanded: str) -> None:
    assert expand(text) == expanded


def test_ipv6_is_spelled_in_nibbles() -> None:
    nibbles = "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2"
    assert expand("%{ir}.%{v}._spf.%{d2}", SIX) == f"{nibbles}.ip6._spf.example.com"
    assert expand("%{c}", SIX) == "2001:db8::cb01"


def test_the_time_is_a_number() -> None:
    assert int(expand("%{t}")) > 1_700_000_000


@pytest.mark.parametrize(
    "text", ["%", "%a", "%(d)", "%{", "%{}", "%{d", "%{x}", "%{d0}", "%{d2x}", "%{dr2}", "\x00", "a b"]
)
def test_what_is_no_macro_string(text: str) -> None:
    with pytest.raises(BadMacro):
        parse_macro_string(text)


@pytest.mark.parametrize(
    "text",
    ["a.example", "a.example.", "%{d}", "x%{d}", "_x.%{d2}.com", "a/b:c.xn--p1ai", "x%%", ".com", "a.1-2", "a..b"],
)
def test_what_is_a_domain(text: str) -> None:
    assert parse_domain_spec(text).text == text


@pytest.mark.parametrize(
    "text", ["", "com", "com.", "a.123", "a.-b", "a.b-", "%{d}com", "a.b_c", "a.example/24", "a.", ".", "%{c}"]
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(BadMacro):
        parse_domain_spec(text)


@pytest.mark.parametrize(
    ("term", "mechanism", "qualifier", "lengths"),
    [
        ("a", Mechanism.A, "+", (32, 128)),
        ("-A/24", Mechanism.A, "-", (24, 128)),
        ("~mx//64", Mechanism.MX, "~", (32, 64)),
        ("?mx:b.example/0//0", Mechanism.MX, "?", (0, 0)),
        ("a:%{d}/8", Mechanism.A, "+", (8, 128)),
        ("PTR", Mechanism.PTR, "+", (32, 128)),
        ("exists:%{i}.b.example", Mechanism.EXISTS, "+", (32, 128)),
    ],
)
def test_directives(term: str, mechanism: Mechanism, qualifier: str, lengths: tuple[int, int]) -> None:
    record = parse(f"v=spf1 {term}")
    (directive,) = record.directives
    assert record.faults == ()
    assert (directive.mechanism, directive.qualifier, directive.lengths) == (mechanism, qualifier, lengths)


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("moo", "no such mechanism"),
        ("++a", "no such mechanism"),
        ("all:x.example", "takes nothing behind it"),
        ("include", "needs a domain"),
        ("exists/24", "takes no '/24'"),
        ("ptr/24", "takes no '/24'"),
        ("a/33", "from 0 to 32"),
        ("a/024", "from 0 to 32"),
        ("a//129", "from 0 to 128"),
        ("a/24/64", "after two slashes"),
        ("ip4", "needs an address"),
        ("ip4:192.0.2.1/", "no prefix length"),
        ("ip4:192.0.2.01", "no IPv4 address"),
        ("ip6:2001:db8::/129", "from 0 to 128"),
        ("ip6:fe80::1%eth0", "no IPv6 address"),
        ("redirect=", "the domain is missing"),
        ("exp=x", "no full domain name"),
        ("x=%{y}", "is no macro"),
        ("redirect=a.example redirect=a.example", "more than once"),
        ("Exp=a.example eXp=b.example", "more than once"),
        # what people write
        ("ip4:192.0.2.1:25", "a port has no meaning"),
        ("ip4:192.0.2", "all four numbers"),
        ("ipv4:192.0.2.1", "called ip4"),
        ("a:192.0.2.1", "needs the mechanism ip4"),
        ("192.0.2.1", "needs the mechanism ip4"),
        ("ip6:192.0.2.1", "IPv6 addresses with ip6"),
        ("redirect:a.example", "takes `=` instead"),
        ("mx,", "not by commas"),
        ('"a', "quotation mark"),
        ("a\tmx", "control character"),
        ("include:a.exampleip4:192.0.2.1", "in front of 'ip4:192.0.2.1'"),
        ("-al", "called all"),
    ],
)
def test_faults(term: str, why: str) -> None:
    record = parse(f"v=spf1 a {term} -all")
    assert [fault for fault in record.faults if why in str(fault)], record.faults
    assert [directive.text for directive in record.directives][-1] == "-all"


@pytest.mark.parametrize("term", ["ra=x", "moo.x-y_z=", "v=spf1", "x=%{d}", "redirect=a.example"])
def test_modifiers(term: str) -> None:
    assert parse(f"v=spf1 {term} {term.partition('=')[0]}1= -all").faults == ()


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (b"v=spf1", True),
        (b"V=SPF1 -all", True),
        (b"v=spf1 ", True),
        (b"v=spf1 \xff", True),
        (b"v=spf10", False),
        (b"v=spf1\t-all", False),
        (b" v=spf1", False),
        (b"v=spf1\n", False),
        (b"", False),
    ],
)
def test_selection(record: bytes, found: bool) -> None:
    assert bool(select([record, b"x"]).found) is found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v=spf1-all", "a blank is missing"),
        ("v=spf1;-all", "a blank is missing"),
        ("v=spf1include:a.example", "a blank is missing"),
        ("v=spf1\t-all", "by a tab"),
        ("v=spf2 -all", "exactly v=spf1"),
        ("v=spf1.0 -all", "exactly v=spf1"),
        ("v=spf -all", "exactly v=spf1"),
        ("v=spfl -all", "exactly v=spf1"),
        ("v=sfp1 include:a.example -all", "exactly v=spf1"),
        ("v = spf1 -all", "exactly v=spf1"),
        ("spf1 a -all", "not begin with v=spf1"),
        ("spf2.0/pra -all", "Sender ID"),
        ("\u201cv=spf1 -all\u201d", "quotation mark"),
        ("\ufeffv=spf1 -all", "begins with a blank"),
        ("TXT v=spf1 -all", "at its very beginning"),
        ("include:a.example ~all", "not begin with v=spf1"),
        ("ip4:192.0.2.1 -all", "not begin with v=spf1"),
    ],
)
def test_what_was_meant_to_be_a_record(text: str, why: str) -> None:
    assert why in (almost(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "google-site-verification=abc",
        "MS=ms12345678",
        "v=DMARC1; p=none",
        "v=DKIM1; k=rsa; p=abc",
        "v=BIMI1; l=https://a.example/logo.svg",
        "docusign=05958488-4752-4ef2-95eb-aa7ba8a3bd0e",
        "stripe-verification=1234",
        "apple-domain=x",
        "all",
        "",
    ],
)
def test_what_was_not(text: str) -> None:
    assert almost(text) is None
    assert hint("include:spf.a.example") is None


@pytest.mark.parametrize(
    "name", ["a.b", "a_b.c", "foo:bar/baz.example", "white space.b", "\x00.b", "\u00fc.b", "a\\b.c", 'a"b.c']
)
def test_questions_survive_the_way_to_the_dns_and_back(name: str) -> None:
    import dns.name

    asked = to_question(name)
    assert asked is not None
    wire = dns.name.from_text(asked)
    assert wire.labels[:-1] == tuple(label.encode() for label in name.split("."))
    assert from_answer(wire.to_text().encode()) == name


@pytest.mark.parametrize("name", ["", ".", "a..b", ".a", f"{'x' * 64}.b", ".".join(["x" * 63] * 4)])
def test_what_cannot_be_asked(name: str) -> None:
    assert to_question(name) is None


@given(st.text(max_size=400))
def test_truncation_keeps_the_right_side(name: str) -> None:
    short = truncate(name)
    assert name.endswith(short)
    assert len(short.encode("utf-8", "surrogatepass")) <= 253 or "." not in name[-253:]


def test_truncation_drops_whole_labels() -> None:
    name = ".".join(["abcdefg"] * 40)
    assert truncate(name) == ".".join(["abcdefg"] * 31)


def test_international_names() -> None:
    assert to_ascii("B\u00fccher.example.") == "xn--bcher-kva.example"
    assert to_ascii("_spf.b\u00fccher.example") == "_spf.xn--bcher-kva.example"
    assert to_ascii("\ud800.example") is None


def test_a_network_is_probed_where_results_can_change() -> None:
    host = Sender(ip="192.0.2.0/24")
    inner = [ipaddress.ip_network("192.0.2.64/26"), ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::/0")]
    found = [str(ip) for ip in host.probes(inner)]
    assert found == ["192.0.2.0", "192.0.2.63", "192.0.2.64", "192.0.2.127", "192.0.2.128", "192.0.2.255"]
    assert [str(ip) for ip in Sender(ip="2001:db8::1").probes(inner)] == ["2001:db8::1"]
