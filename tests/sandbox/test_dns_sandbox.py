from __future__ import annotations

import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.reversename
import pytest

from readiness.errors import ConfigError
from readiness.sandbox.dns import DnsFault, DnsSandbox, Outside
from tests.sandbox.conftest import ZONE
from tests.threads import no_thread_stays


def ask(
    nameserver: DnsSandbox, name: str, rdtype: str = "A", *, tcp: bool = False, edns: int = -1
) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, use_edns=edns)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, "127.0.0.1", port=nameserver.port, timeout=5)


def texts(answer: dns.message.Message) -> list[str]:
    return [line for rrset in answer.answer for line in rrset.to_text().splitlines()]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_record_is_answered_with_authority(nameserver: DnsSandbox, tcp: bool) -> None:
    answer = ask(nameserver, "mail.example.test", tcp=tcp)
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.flags & dns.flags.AA
    assert texts(answer) == ["mail.example.test. 600 IN A 192.0.2.25"]


def test_address_names_one_port_for_both_transports(nameserver: DnsSandbox) -> None:
    assert nameserver.address == f"127.0.0.1:{nameserver.port}"


def test_names_match_in_any_case_and_the_question_comes_back_as_it_was(nameserver: DnsSandbox) -> None:
    answer = ask(nameserver, "MaIl.eXample.TEST")
    assert answer.question[0].name.to_text() == "MaIl.eXample.TEST."
    assert len(answer.answer) == 1


def test_strings_of_a_txt_record_stay_apart(resolver: dns.resolver.Resolver) -> None:
    (record,) = resolver.resolve("example.test", "TXT")
    assert record.strings == (b"v=spf1 mx ", b"-all")


def test_cnames_are_followed_inside_the_zone(resolver: dns.resolver.Resolver) -> None:
    answer = resolver.resolve("www.example.test", "A")
    assert [record.address for record in answer] == ["192.0.2.25"]
    assert answer.canonical_name.to_text() == "mail.example.test."


def test_a_question_for_the_cname_itself_is_not_followed(nameserver: DnsSandbox) -> None:
    assert texts(ask(nameserver, "www.example.test", "CNAME")) == ["www.example.test. 600 IN CNAME pages.example.test."]


def test_a_cname_to_nothing_is_nxdomain_with_the_chain(nameserver: DnsSandbox) -> None:
    answer = ask(nameserver, "gone.example.test")
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert texts(answer) == ["gone.example.test. 600 IN CNAME nothing.example.test."]


def test_a_cname_loop_ends(nameserver: DnsSandbox) -> None:
    answer = ask(nameserver, "loop.example.test")
    assert len(texts(answer)) == 2


def test_no_such_name_and_no_such_type_differ_and_both_carry_the_soa(nameserver: DnsSandbox) -> None:
    missing = ask(nameserver, "nope.example.test")
    typeless = ask(nameserver, "mail.example.test", "TXT")
    assert (missing.rcode(), typeless.rcode()) == (dns.rcode.NXDOMAIN, dns.rcode.NOERROR)
    for answer in (missing, typeless):
        (soa,) = answer.authority
        assert (soa.rdtype, soa.ttl) == (dns.rdatatype.SOA, 60)
        assert not answer.answer


def test_the_real_resolver_tells_them_apart(resolver: dns.resolver.Resolver) -> None:
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("nope.example.test", "A")
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve("mail.example.test", "TXT")


def test_a_name_above_other_names_exists(nameserver: DnsSandbox) -> None:
    assert ask(nameserver, "below.example.test").rcode() == dns.rcode.NOERROR


def test_wildcards_cover_what_does_not_exist(nameserver: DnsSandbox) -> None:
    assert texts(ask(nameserver, "a.b.wild.example.test")) == ["a.b.wild.example.test. 600 IN A 192.0.2.9"]
    assert ask(nameserver, "x.wild.example.test", "MX").rcode() == dns.rcode.NOERROR
    assert texts(ask(nameserver, "host.wild.example.test")) == []
    assert texts(ask(nameserver, "wild.example.test")) == []


def test_below_a_zone_cut_there_is_a_referral(nameserver: DnsSandbox) -> None:
    answer = ask(nameserver, "host.sub.example.test")
    assert not answer.flags & dns.flags.AA
    assert answer.authority[0].rdtype == dns.rdatatype.NS


def test_any_gives_every_record_of_the_name(nameserver: DnsSandbox) -> None:
    assert {rrset.rdtype for rrset in ask(nameserver, "mail.example.test", "ANY").answer} == {
        dns.rdatatype.A,
        dns.rdatatype.AAAA,
    }


def test_other_names_do_not_exist_as_a_resolver_would_say(nameserver: DnsSandbox) -> None:
    answer = ask(nameserver, "host.elsewhere.test")
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert answer.authority[0].rdtype == dns.rdatatype.SOA


def test_other_names_are_refused_on_request() -> None:
    with DnsSandbox(ZONE, "example.test", outside=Outside.REFUSED) as nameserver:
        assert ask(nameserver, "host.elsewhere.test").rcode() == dns.rcode.REFUSED
        away = ask(nameserver, "away.example.test")
        assert (away.rcode(), len(away.answer)) == (dns.rcode.NOERROR, 1)


def test_a_second_zone_answers_and_ends_a_chain(nameserver: DnsSandbox) -> None:
    nameserver.set_zone(
        "@ 60 IN SOA ns root 1 1 1 1 1\n@ 60 IN NS ns\nns 60 IN A 192.0.2.1\nhost 60 IN A 192.0.2.2", "elsewhere.test"
    )
    assert texts(ask(nameserver, "away.example.test"))[-1] == "host.elsewhere.test. 60 IN A 192.0.2.2"
    assert ask(nameserver, "mail.example.test").answer


def test_the_zone_changes_while_it_runs(nameserver: DnsSandbox) -> None:
    nameserver.set_zone(ZONE.replace("192.0.2.25", "192.0.2.26"))
    assert texts(ask(nameserver, "mail.example.test")) == ["mail.example.test. 600 IN A 192.0.2.26"]


@pytest.mark.parametrize(
    "broken",
    [
        "no zone at all",
        ZONE.replace("@ IN SOA ns hostmaster 1 7200 3600 1209600 60", ""),
        ZONE + "\nx IN A 1.2.3\n",
        "",
    ],
    ids=["garbage", "no-soa", "bad-address", "empty"],
)
def test_a_broken_zone_is_refused_and_the_old_one_stays(nameserver: DnsSandbox, broken: str) -> None:
    with pytest.raises(ConfigError, match=r"zone example\.test cannot be read: \S"):
        nameserver.set_zone(broken)
    assert ask(nameserver, "mail.example.test").answer


def test_servfail_of_one_name(nameserver: DnsSandbox, resolver: dns.resolver.Resolver) -> None:
    nameserver.fault("mail.example.test", DnsFault.SERVFAIL)
    with pytest.raises(dns.resolver.NoNameservers):
        resolver.resolve("mail.example.test", "A")
    assert ask(nameserver, "ns.example.test").answer
    nameserver.heal("Mail.Example.Test")
    assert ask(nameserver, "mail.example.test").answer


def test_a_fault_of_one_type_leaves_the_others(nameserver: DnsSandbox) -> None:
    nameserver.fault("example.test", DnsFault.REFUSED, "txt")
    assert ask(nameserver, "example.test", "TXT").rcode() == dns.rcode.REFUSED
    assert ask(nameserver, "example.test", "MX").answer


@pytest.mark.parametrize("send", [dns.query.udp, dns.query.tcp])
def test_timeout_is_silence(nameserver: DnsSandbox, send: object) -> None:
    nameserver.fault("mail.example.test", DnsFault.TIMEOUT)
    query = dns.message.make_query("mail.example.test", "A")
    with pytest.raises(dns.exception.Timeout):
        send(query, "127.0.0.1", port=nameserver.port, timeout=0.2)  # type: ignore[operator]  # both have this form
    assert nameserver.queries[-1].outcome == "timeout"


def test_truncation_sends_the_client_to_tcp(nameserver: DnsSandbox, resolver: dns.resolver.Resolver) -> None:
    nameserver.fault("mail.example.test", DnsFault.TRUNCATE)
    assert ask(nameserver, "mail.example.test").flags & dns.flags.TC
    assert [record.address for record in resolver.resolve("mail.example.test", "A")] == ["192.0.2.25"]
    assert [query.transport for query in nameserver.queries] == ["udp", "udp", "tcp"]


def test_answers_fit_into_what_the_client_takes(nameserver: DnsSandbox) -> None:
    strings = " ".join(f'"{"x" * 200}{index}"' for index in range(4))
    nameserver.set_zone(f"{ZONE}\nlong IN TXT {strings}\nhuge IN TXT {strings} {strings}\n")
    plain = ask(nameserver, "long.example.test", "TXT")
    assert plain.flags & dns.flags.TC
    assert len(plain.to_wire()) <= 512
    edns = ask(nameserver, "long.example.test", "TXT", edns=0)
    assert not edns.flags & dns.flags.TC
    assert (edns.edns, len(edns.answer)) == (0, 1)
    assert ask(nameserver, "huge.example.test", "TXT", edns=0).flags & dns.flags.TC
    assert len(ask(nameserver, "huge.example.test", "TXT", tcp=True).answer) == 1


def test_queries_are_logged(nameserver: DnsSandbox) -> None:
    ask(nameserver, "Mail.example.test", "MX", tcp=True)
    ask(nameserver, "nope.example.test")
    first, second = nameserver.queries
    assert (first.name, first.rdtype, first.transport, first.outcome) == ("mail.example.test.", "MX", "tcp", "noerror")
    assert (second.transport, second.outcome) == ("udp", "nxdomain")


def test_other_classes_operations_and_transfers_are_refused(nameserver: DnsSandbox) -> None:
    def rcode(query: dns.message.Message) -> dns.rcode.Rcode:
        return dns.query.tcp(query, "127.0.0.1", port=nameserver.port, timeout=5, one_rr_per_rrset=True).rcode()

    assert rcode(dns.message.make_query("version.bind", "TXT", "CH")) == dns.rcode.REFUSED
    assert rcode(dns.message.make_query("example.test", "AXFR")) == dns.rcode.REFUSED
    notify = dns.message.make_query("example.test", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    assert rcode(notify) == dns.rcode.NOTIMP
    assert rcode(dns.message.make_query("example.test", "SOA", use_edns=1)) == dns.rcode.BADVERS


def test_garbage_is_a_format_error_or_silence_and_the_server_lives(nameserver: DnsSandbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", nameserver.port))
        client.send(b"")
        client.send(b"short")
        client.send(b"\x12\x34\x80" + b"\0" * 20)  # a response: answering it could go back and forth for ever
        client.send(b"\x12\x35\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xff\xff\xff")
        answer = dns.message.from_wire(client.recv(512))
    assert (answer.id, answer.rcode()) == (0x1235, dns.rcode.FORMERR)
    assert ask(nameserver, "mail.example.test").answer


def test_two_questions_over_one_tcp_connection(nameserver: DnsSandbox) -> None:
    wires = [dns.message.make_query(name, "A").to_wire() for name in ("mail.example.test", "ns.example.test")]
    with (
        socket.create_connection(("127.0.0.1", nameserver.port), timeout=5) as client,
        client.makefile("rb") as answers,
    ):
        client.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))
        for _ in wires:
            (size,) = struct.unpack("!H", answers.read(2))
            assert dns.message.from_wire(answers.read(size)).answer


def test_fifty_clients_at_once(nameserver: DnsSandbox) -> None:
    def once(number: int) -> int:
        return len(ask(nameserver, "mail.example.test", tcp=number % 2 == 0).answer)

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(once, range(200))) == [1] * 200
    assert len(nameserver.queries) == 200


def test_nothing_stays_behind() -> None:
    with no_thread_stays(), DnsSandbox(ZONE, "example.test") as nameserver:
        port = nameserver.port
        idle = socket.create_connection(("127.0.0.1", port), timeout=5)
        ask(nameserver, "mail.example.test", tcp=True)
    with idle:
        assert idle.recv(1) == b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", port))


def test_the_address_needs_a_running_server() -> None:
    with pytest.raises(RuntimeError, match="context manager"):
        _ = DnsSandbox(ZONE, "example.test").address
