"""Servers that misbehave: what goes over the wire for each fault."""

from __future__ import annotations

import socket
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import pytest

from readiness.sandbox.dns import DnsFault, DnsSandbox
from tests.sandbox.conftest import ZONE
from tests.threads import no_thread_stays

NAME = "mail.example.test"


def raw(nameserver: DnsSandbox) -> tuple[bytes, bytes]:
    """A question, and the bytes that come back over UDP."""
    query = dns.message.make_query(NAME, "A").to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", nameserver.port))
        client.send(query)
        return query, client.recv(4096)


def test_garbage_is_no_message(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.GARBAGE)
    with pytest.raises(dns.exception.DNSException):
        dns.message.from_wire(raw(nameserver)[1])


def test_a_cut_answer_ends_in_its_middle(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.CUT)
    query, answer = raw(nameserver)
    assert answer[:2] == query[:2]
    with pytest.raises(dns.exception.DNSException):
        dns.message.from_wire(answer)


def test_a_wrong_id(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.WRONG_ID)
    query, answer = raw(nameserver)
    assert answer[:2] != query[:2]
    assert dns.message.from_wire(answer).answer


def test_the_answer_to_another_question(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.WRONG_QUESTION)
    query, answer = raw(nameserver)
    assert answer[:2] == query[:2]
    assert dns.message.from_wire(answer).question[0].name.to_text() == "elsewhere.invalid."


def test_records_that_nobody_asked_for(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.WRONG_ANSWER)
    query, answer = (dns.message.from_wire(wire) for wire in raw(nameserver))
    assert query.is_response(answer)
    assert answer.answer[0].name.to_text() == "elsewhere.invalid."


def test_truncation_over_tcp_too(nameserver: DnsSandbox) -> None:
    nameserver.fault(NAME, DnsFault.TRUNCATE_ALWAYS)
    query = dns.message.make_query(NAME, "A")
    answer = dns.query.tcp(query, "127.0.0.1", port=nameserver.port, timeout=5)
    assert answer.flags & dns.flags.TC


def test_every_fault_is_logged(nameserver: DnsSandbox) -> None:
    query = dns.message.make_query(NAME, "A").to_wire()
    for fault in DnsFault:
        nameserver.fault(NAME, fault)
        with socket.create_connection(("127.0.0.1", nameserver.port), timeout=5) as client:
            client.sendall(len(query).to_bytes(2, "big") + query)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
    assert [query.outcome for query in nameserver.queries] == list(DnsFault)


def test_a_delay_is_taken_back(nameserver: DnsSandbox) -> None:
    nameserver.delay(NAME, 0.2)
    began = time.monotonic()
    raw(nameserver)
    assert time.monotonic() - began >= 0.2
    nameserver.delay(NAME, 30)
    nameserver.heal(NAME)
    nameserver.delay("other.example.test", 30)
    began = time.monotonic()
    raw(nameserver)
    assert time.monotonic() - began < 20


def test_closing_waits_for_no_delay() -> None:
    with no_thread_stays(), DnsSandbox(ZONE, "example.test") as nameserver:
        nameserver.delay(NAME, 30)
        query = dns.message.make_query(NAME, "A")
        for ask in (dns.query.udp, dns.query.tcp):
            with pytest.raises(dns.exception.Timeout):
                ask(query, "127.0.0.1", port=nameserver.port, timeout=0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 20
