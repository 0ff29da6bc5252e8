"""Which record applies: the tree walk of RFC 9989 4.10, its examples, and resolvers that fail."""

from __future__ import annotations

from collections.abc import Iterator

import dns.resolver
import pytest

from readiness.api import CannotTell
from readiness.mail.dmarc import (
    Alignment,
    Discovery,
    destinations,
    discover,
    is_aligned,
    misplaced,
    organizational_domain,
)
from readiness.sandbox.dns import DnsFault, DnsSandbox, Outside
from readiness.world.dns import DnsClient

HEAD = "$TTL 60\n@ SOA ns.invalid. root.invalid. 1 60 60 60 60\n@ NS ns.invalid.\n"
RECORDS = """
_dmarc.example.com TXT "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:d@example.com"
example.com A 192.0.2.1
mail.example.com A 192.0.2.2
_dmarc.signing.example.com TXT "v=DMARC1; p=none"
_dmarc.bank.example TXT "v=DMARC1; p=reject; psd=y"
_dmarc.giant.bank.example TXT "v=DMARC1; p=none"
mega.bank.example A 192.0.2.3
_dmarc.unit.corp.test TXT "v=DMARC1; p=quarantine; psd=n; adkim=s"
_dmarc.corp.test TXT "v=DMARC1; p=none"
_dmarc.testing.test TXT "v=DMARC1; p=reject; t=y"
_dmarc.twice.test TXT "v=DMARC1; p=reject"
_dmarc.twice.test TXT "v=DMARC1; p=none"
_dmarc.beside.test TXT "v=DMARC1; p=reject"
_dmarc.beside.test TXT "v=spf1 -all"
_dmarc.lower.test TXT "v=dmarc1; p=reject"
_dmarc.miss.example.com TXT "v=DMARC1 p=none"
_dmarc.spoiled.test TXT "v=DMARC1; p=rejct"
_dmarc.alias.test CNAME _dmarc.example.com.
_dmarc.xn--bcher-kva.test TXT "v=DMARC1; p=reject"
_dmarc.long.test TXT "v=DMARC1; p=reject; " "rua=mailto:d@example.com"
apex.test TXT "v=DMARC1; p=none"
_dmarc.double.test.double.test TXT "v=DMARC1; p=none"
dmarc.plain.test TXT "v=DMARC1; p=none"
_dmarc.out.test TXT ( "v=DMARC1; p=none; rua=mailto:a@yes.test,mailto:b@no.test,mailto:c@wild.test,"
                      "mailto:d@away.test,mailto:e@sub.out.test,mailto:f@self.test" )
out.test._report._dmarc.yes.test TXT "v=DMARC1"
out.test._report._dmarc.no.test TXT "v=spf1 -all"
*._report._dmarc.wild.test TXT "v=DMARC1;"
out.test._report._dmarc.away.test TXT "v=DMARC1; rua=mailto:x@elsewhere.test"
out.test._report._dmarc.self.test TXT "v=DMARC1; rua=mailto:x@self.test"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(HEAD + RECORDS, ".") as running:
        yield running


@pytest.fixture(params=["ours", "dnspython"])
def resolver(request: pytest.FixtureRequest, server: DnsSandbox) -> DnsClient | dns.resolver.Resolver:
    if request.param == "ours":
        return DnsClient(nameserver=server.address)
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port = ["127.0.0.1"], server.port
    return made


def codes(found: Discovery) -> list[str]:
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("domain", "found_at", "organization", "policies"),
    [
        ("example.com", "example.com", "example.com", ("reject", "reject")),
        ("Example.COM.", "example.com", "example.com", ("reject", "reject")),
        ("mail.example.com", "example.com", "example.com", ("quarantine", "quarantine")),
        ("nothing.example.com", "example.com", "example.com", ("none", "none")),
        ("signing.example.com", "signing.example.com", "example.com", ("none", "none")),
        ("a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com", "example.com", ("none", "none")),
        ("giant.bank.example", "giant.bank.example", "giant.bank.example", ("none", "none")),
        ("mail.giant.bank.example", "giant.bank.example", "giant.bank.example", ("none", "none")),
        ("mega.bank.example", "bank.example", "mega.bank.example", ("reject", "reject")),
        ("bank.example", "bank.example", "bank.example", ("reject", "reject")),
        ("x.unit.corp.test", "unit.corp.test", "unit.corp.test", ("quarantine", "quarantine")),
        ("other.corp.test", "corp.test", "corp.test", ("none", "none")),
        ("testing.test", "testing.test", "testing.test", ("reject", "quarantine")),
        ("beside.test", "beside.test", "beside.test", ("reject", "reject")),
        ("alias.test", "alias.test", "alias.test", ("reject", "reject")),
        ("bücher.test", "xn--bcher-kva.test", "xn--bcher-kva.test", ("reject", "reject")),
        ("long.test", "long.test", "long.test", ("reject", "reject")),
    ],
)
def test_what_applies(
    resolver: DnsClient, domain: str, found_at: str, organization: str, policies: tuple[str, str]
) -> None:
    found = discover(domain, resolver)
    assert (found.found_at, found.organizational_domain) == (found_at, organization)
    assert (found.policy, found.effective_policy) == policies
    assert found.inherited == (found.domain != found_at)
    assert found.problems == ()
    assert len(found.queries) <= 8


def test_policies_of_names_below(resolver: DnsClient) -> None:
    found = discover("example.com", resolver)
    assert (found.subdomain_policy, found.nonexistent_policy) == ("quarantine", "none")
    # its own record is no organization's, so that names below it take the organization's
    found = discover("signing.example.com", resolver)
    assert (found.subdomain_policy, found.nonexistent_policy) == ("quarantine", "none")
    found = discover("bank.example", resolver)
    assert (found.subdomain_policy, found.nonexistent_policy) == ("reject", "reject")
    found = discover("testing.test", resolver)
    assert (found.testing, found.subdomain_policy) == (True, "quarantine")


def test_the_eight_questions_of_the_rfc(server: DnsSandbox) -> None:
    found = discover("a.b.c.d.e.f.g.h.i.j.mail.example.org", DnsClient(nameserver=server.address))
    assert found.queries == (
        "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.org",
        "_dmarc.g.h.i.j.mail.example.org",
        "_dmarc.h.i.j.mail.example.org",
        "_dmarc.i.j.mail.example.org",
        "_dmarc.j.mail.example.org",
        "_dmarc.mail.example.org",
        "_dmarc.example.org",
        "_dmarc.org",
    )
    assert codes(found) == ["missing"]


def test_a_walk_stops_where_a_record_says_so(resolver: DnsClient) -> None:
    assert discover("mega.bank.example", resolver).queries[-1] == "_dmarc.bank.example"
    assert discover("x.unit.corp.test", resolver).queries[-1] == "_dmarc.unit.corp.test"


@pytest.mark.parametrize(
    ("domain", "code", "policy"),
    [
        ("nobody.test", ["missing"], None),
        ("twice.test", ["two_records", "missing"], None),
        ("lower.test", ["version", "missing"], None),
        ("miss.example.com", ["version"], "quarantine"),
        ("spoiled.test", ["invalid_value"], None),
    ],
)
def test_what_is_wrong(resolver: DnsClient, domain: str, code: list[str], policy: str | None) -> None:
    found = discover(domain, resolver)
    assert (codes(found), found.policy) == (code, policy)


@pytest.mark.parametrize("domain", ["", ".", "a..b", "x" * 64 + ".test"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="no domain name"):
        discover(domain, DnsClient(nameserver="127.0.0.1:1"))


def test_a_name_too_long_for_a_record_has_none(server: DnsSandbox) -> None:
    domain = ".".join(["x" * 60] * 4) + ".test"
    assert codes(discover(domain, DnsClient(nameserver=server.address))) == ["missing"]


@pytest.mark.parametrize(
    ("author", "identifier", "mode", "aligned"),
    [
        ("example.com", "example.com", Alignment.STRICT, True),
        ("example.com", "signing.example.com", Alignment.STRICT, False),
        ("example.com", "signing.example.com", Alignment.RELAXED, True),
        ("mail.example.com", "Example.com.", Alignment.RELAXED, True),
        ("example.com", "example.org", Alignment.RELAXED, False),
        ("giant.bank.example", "mail.giant.bank.example", Alignment.RELAXED, True),
        ("giant.bank.example", "mail.mega.bank.example", Alignment.RELAXED, False),
    ],
)
def test_alignment(resolver: DnsClient, author: str, identifier: str, mode: Alignment, aligned: bool) -> None:
    assert is_aligned(author, identifier, mode, resolver) is aligned


def test_who_agreed_to_receive_reports(resolver: DnsClient) -> None:
    found = discover("out.test", resolver)
    assert found.record
    assert [
        (one.uri.domain, one.external, one.authorized) for one in destinations(found.record, "out.test", resolver)
    ] == [
        ("yes.test", True, True),
        ("no.test", True, False),
        ("wild.test", True, True),
        ("away.test", True, False),
        ("sub.out.test", False, True),
        ("self.test", True, True),
    ]


@pytest.mark.parametrize(
    ("domain", "said"), [("apex.test", "_dmarc."), ("double.test", "second time"), ("plain.test", "underscore")]
)
def test_records_at_the_wrong_name(resolver: DnsClient, domain: str, said: str) -> None:
    (problem,) = misplaced(domain, resolver)
    assert said in str(problem)
    assert misplaced("example.com", resolver) == ()


@pytest.fixture
def failing() -> Iterator[DnsSandbox]:
    with DnsSandbox(HEAD + RECORDS, ".") as running:
        yield running


@pytest.mark.parametrize(
    ("domain", "broken"),
    [
        ("example.com", "_dmarc.example.com"),
        ("mail.example.com", "_dmarc.mail.example.com"),
        ("mail.example.com", "_dmarc.example.com"),
        ("nobody.test", "_dmarc.test"),
        ("x.signing.example.com", "_dmarc.example.com"),
        ("mail.example.com", "mail.example.com"),
    ],
)
@pytest.mark.parametrize("fault", [DnsFault.SERVFAIL, DnsFault.REFUSED])
def test_a_failure_that_matters_is_no_fact(failing: DnsSandbox, domain: str, broken: str, fault: DnsFault) -> None:
    failing.fault(broken, fault)
    with pytest.raises(CannotTell):
        discover(domain, DnsClient(nameserver=failing.address))


def test_a_failure_above_leaves_the_policy_known(failing: DnsSandbox) -> None:
    failing.fault("_dmarc.example.com", DnsFault.SERVFAIL)
    client = DnsClient(nameserver=failing.address)
    found = discover("signing.example.com", client)
    assert (found.policy, found.organizational_domain, found.problems) == ("none", None, ())
    with pytest.raises(CannotTell, match="organizational domain"):
        organizational_domain("signing.example.com", client)


def test_a_server_that_knows_its_own_zone_alone_is_enough() -> None:
    zone = HEAD + '_dmarc TXT "v=DMARC1; p=none"\nmail A 192.0.2.1\n'
    with DnsSandbox(zone, "shop.test", outside=Outside.REFUSED) as server:
        found = discover("mail.shop.test", DnsClient(nameserver=server.address))
    assert (found.found_at, found.organizational_domain, found.policy) == ("shop.test", "shop.test", "none")
