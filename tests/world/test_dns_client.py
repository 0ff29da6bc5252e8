"""The client for name servers, against a real server on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import dns.message
import dns.rrset
import pytest

from readiness.api import CannotTell, Reason
from readiness.sandbox.dns import DnsFault, DnsSandbox, Outside
from readiness.world.dns import DnsClient, parse_nameserver
from tests.ports import free_port

LONG = "".join(f'"{"x" * 250}{number}" ' for number in range(8))
ZONE = f"""
$TTL 300
@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
@ TXT "v=spf1 " "-all"
@ TXT "another"
@ MX 10 mail
@ A 192.0.2.1
alias CNAME target
target TXT "at the target"
dangling CNAME nowhere
away CNAME target.other.test.
one CNAME two
two CNAME one
long TXT {LONG}
xn--bcher-kva TXT "umlaut"
sub NS ns.elsewhere.test.
"""


@pytest.fixture
def server() -> Iterator[DnsSandbox]:
    with DnsSandbox(ZONE, "example.") as running:
        yield running


@pytest.fixture
def client(server: DnsSandbox) -> DnsClient:
    return DnsClient(nameserver=server.address, lifetime=20)


def test_strings_are_joined_and_records_sorted(server: DnsSandbox, client: DnsClient) -> None:
    answer = client.query("example", "TXT")
    assert (answer.status, answer.records) == ("ok", (b"another", b"v=spf1 -all"))
    assert (answer.ttl, answer.server, answer.canonical) == (300, server.address, "example")


def test_other_types_in_presentation_form(client: DnsClient) -> None:
    assert client.query("example.", "mx").records == (b"10 mail.example.",)
    assert client.query("alias.example", "CNAME").records == (b"target.example.",)


def test_what_is_not_there_is_a_fact(client: DnsClient) -> None:
    assert client.query("nowhere.example", "TXT").status == "nxdomain"
    assert client.query("ns.example", "TXT").status == "nodata"
    assert client.query("ns.example", "TXT").records == ()


def test_aliases_are_followed(client: DnsClient) -> None:
    answer = client.query("alias.example", "TXT")
    assert (answer.records, answer.canonical) == ((b"at the target",), "target.example")
    dangling = client.query("dangling.example", "TXT")
    assert (dangling.status, dangling.canonical) == ("nxdomain", "nowhere.example")


def test_an_alias_out_of_the_zone_is_asked_for() -> None:
    with DnsSandbox(ZONE, "example.", outside=Outside.REFUSED) as server:
        client = DnsClient(nameserver=server.address)
        with pytest.raises(CannotTell, match="REFUSED"):
            client.query("away.example", "TXT")
        asked = [query.name for query in server.queries]
    assert asked[-1] == "target.other.test."


def test_a_circle_of_aliases_ends(client: DnsClient) -> None:
    with pytest.raises(CannotTell):
        client.query("one.example", "TXT")


def test_long_answers_come_over_tcp(server: DnsSandbox, client: DnsClient) -> None:
    assert len(client.query("long.example", "TXT").records[0]) == 8 * 251
    server.fault("example", DnsFault.TRUNCATE)
    assert client.query("example", "TXT").status == "ok"
    assert {query.transport for query in server.queries} == {"udp", "tcp"}


def test_international_names(client: DnsClient) -> None:
    assert client.query("bücher.example", "TXT").records == (b"umlaut",)


def test_equal_questions_are_asked_once(server: DnsSandbox, client: DnsClient) -> None:
    for name in ("example", "Example.", "EXAMPLE"):
        client.query(name, "TXT")
    client.attempt(5.0, fresh=False).query("example", "txt")
    assert len(server.queries) == 1
    client.attempt(5.0, fresh=True).query("example", "TXT")
    assert len(server.queries) == 2


@pytest.mark.parametrize(("fault", "word"), [(DnsFault.SERVFAIL, "SERVFAIL"), (DnsFault.REFUSED, "REFUSED")])
def test_a_server_that_fails_tells_nothing(server: DnsSandbox, client: DnsClient, fault: DnsFault, word: str) -> None:
    server.fault("example", fault)
    with pytest.raises(CannotTell, match=word) as error:
        client.query("example", "TXT")
    assert error.value.reason is Reason.UNAVAILABLE
    server.heal("example")
    assert client.query("example", "TXT").status == "ok"


def test_silence_is_a_timeout_after_a_repetition(server: DnsSandbox) -> None:
    server.fault("example", DnsFault.TIMEOUT)
    started = time.monotonic()
    with pytest.raises(CannotTell, match="within") as error:
        DnsClient(nameserver=server.address, lifetime=0.6).query("example", "TXT")
    assert error.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 15
    assert len(server.queries) >= 2


def test_the_attempt_ends_before_the_lifetime(server: DnsSandbox, client: DnsClient) -> None:
    server.fault("example", DnsFault.TIMEOUT)
    started = time.monotonic()
    with pytest.raises(CannotTell):
        client.attempt(0.3, fresh=True).query("example", "TXT")
    assert time.monotonic() - started < 15


def test_nobody_at_the_address() -> None:
    with pytest.raises(CannotTell):
        DnsClient(nameserver=f"127.0.0.1:{free_port()}", lifetime=0.5).query("example", "TXT")


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example", ("a" * 60 + ".") * 5 + "example"])
def test_illegal_names(client: DnsClient, name: str) -> None:
    with pytest.raises(CannotTell, match="no legal domain name"):
        client.query(name, "TXT")


def answering(make: bytes | None, *, referral: bool = False) -> tuple[socket.socket, threading.Thread]:
    """A server that answers one question with these bytes, or with a referral."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))

    def answer() -> None:
        question, peer = listener.recvfrom(4096)
        message = dns.message.make_response(dns.message.from_wire(question))
        if referral:
            message.authority.append(dns.rrset.from_text("example.", 60, "IN", "NS", "ns.example."))
        listener.sendto(make or message.to_wire(), peer)

    thread = threading.Thread(target=answer)
    thread.start()
    return listener, thread


def test_a_referral_is_no_fact_about_the_name() -> None:
    listener, thread = answering(None, referral=True)
    with listener, pytest.raises(CannotTell, match="refers to other servers"):
        DnsClient(nameserver=f"127.0.0.1:{listener.getsockname()[1]}").query("x.example", "TXT")
    thread.join()


def test_rubbish_is_no_answer() -> None:
    listener, thread = answering(b"\x00\x01rubbish")
    with listener, pytest.raises(CannotTell):
        DnsClient(nameserver=f"127.0.0.1:{listener.getsockname()[1]}", lifetime=0.5).query("x.example", "TXT")
    thread.join()


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("9.9.9.9", ("9.9.9.9", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("::1", ("::1", 53)),
        ("[::1]", ("::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_name_servers_are_read(text: str, parsed: tuple[str, int]) -> None:
    assert parse_nameserver(text) == parsed


@pytest.mark.parametrize("text", ["dns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:x", ""])
def test_wrong_name_servers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no name server"):
        DnsClient(nameserver=text)


@pytest.mark.parametrize(
    "fault",
    [fault for fault in DnsFault if fault is not DnsFault.TRUNCATE],
)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_no_hostile_answer_is_a_fact(fault: DnsFault, transport: str) -> None:
    name = "long.example" if transport == "tcp" else "example"  # a long record comes over TCP
    with DnsSandbox(ZONE, "example.") as server:
        server.fault(name, fault)
        with pytest.raises(CannotTell) as error:
            DnsClient(nameserver=server.address, lifetime=0.4).query(name, "TXT")
        assert server.address in error.value.message or "could not be asked" in error.value.message
        assert server.queries


def test_a_slow_answer_is_waited_for_and_holds_nobody_up(server: DnsSandbox, client: DnsClient) -> None:
    server.delay("example", 3)
    began = time.monotonic()
    waiting = threading.Thread(target=client.query, args=("example", "TXT"))
    waiting.start()
    client.query("ns.example", "A")
    assert time.monotonic() - began < 3
    waiting.join()
    assert time.monotonic() - began >= 3
    assert client.query("example", "TXT").status == "ok"


def test_an_answer_that_comes_too_late_is_a_timeout(server: DnsSandbox) -> None:
    server.delay("example", 30)
    with pytest.raises(CannotTell) as error:
        DnsClient(nameserver=server.address, lifetime=0.3).query("example", "TXT")
    assert error.value.reason is Reason.TIMEOUT


def test_sixty_kilobytes_and_bytes_that_are_no_text() -> None:
    strings = " ".join(f'"{"x" * 255}"' for _ in range(240))
    zone = f'{ZONE}\nhuge TXT {strings}\nbytes TXT "\\000\\255\\195\\164"\n'
    with DnsSandbox(zone, "example.") as server:
        client = DnsClient(nameserver=server.address)
        assert [len(record) for record in client.query("huge.example", "TXT").records] == [240 * 255]
        assert client.query("bytes.example", "TXT").records == (b"\x00\xff\xc3\xa4",)


def test_search_lists_are_never_used(server: DnsSandbox, client: DnsClient) -> None:
    assert client.query("ns", "A").status == "nxdomain"
    assert [query.name for query in server.queries] == ["ns."]
