"""Queries to responses: the wire format, refusals, truncation, faults and the log. No sockets here."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from readiness.sandbox.zone import Answer, Outside, look_up, parse

UDP_PLAIN = 512
"""Bytes of a UDP answer without EDNS (RFC 1035 2.3.4)."""
UDP_MOST = 1232
"""Bytes that we send over UDP at most, and announce with EDNS (DNS flag day 2020)."""
HEADER = 12
ELSEWHERE = dns.name.from_text("elsewhere.invalid")
TRANSFERS = (dns.rdatatype.AXFR, dns.rdatatype.IXFR)


class DnsFault(StrEnum):
    """How a name misbehaves."""

    TIMEOUT = "timeout"
    """No answer, over UDP and over TCP."""
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TRUNCATE = "truncate"
    """UDP answers are empty with TC set, so that the client has to ask again over TCP."""
    TRUNCATE_ALWAYS = "truncate_always"
    """TC is set over TCP too, so that there is no whole answer."""
    GARBAGE = "garbage"
    """Bytes that are no DNS message."""
    CUT = "cut"
    """The right answer, of which the second half is missing; nothing says so."""
    WRONG_ID = "wrong_id"
    """The right answer to a question that was never asked: its id is another one."""
    WRONG_QUESTION = "wrong_question"
    """The answer to a question about another name."""
    WRONG_ANSWER = "wrong_answer"
    """Records of another name, in answer to the right question."""


_RCODES: Mapping[DnsFault | None, dns.rcode.Rcode] = {
    DnsFault.SERVFAIL: dns.rcode.SERVFAIL,
    DnsFault.REFUSED: dns.rcode.REFUSED,
}


@dataclass(frozen=True, kw_only=True)
class DnsQuery:
    """A question that was asked, and what became of it."""

    name: str
    """Absolute, in lower case, with the final dot."""
    rdtype: str
    transport: str
    """``udp`` or ``tcp``."""
    outcome: str
    """The response code in lower case, or the fault."""


class Nameserver:
    """Zones, the faults of their names, and what was asked; safe for many threads."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._zones: Mapping[dns.name.Name, dns.zone.Zone] = {}
        self._faults: dict[tuple[dns.name.Name, str | None], DnsFault] = {}
        self._delays: dict[dns.name.Name, float] = {}
        self._queries: list[DnsQuery] = []
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def set_zone(self, text: str, origin: str) -> None:
        """Replace the zone of that origin, or add it. Raises ConfigError and keeps the old one."""
        zone = parse(text, origin)
        with self._lock:
            self._zones = {**self._zones, zone.origin or dns.name.root: zone}

    def fault(self, name: str, fault: DnsFault, rdtype: str | None) -> None:
        """Let a name misbehave, for one record type or for all."""
        with self._lock:
            self._faults[dns.name.from_text(name), rdtype and rdtype.upper()] = fault

    def delay(self, name: str, seconds: float) -> None:
        """Let every answer about a name wait."""
        with self._lock:
            self._delays[dns.name.from_text(name)] = seconds

    def heal(self, name: str) -> None:
        """Take back every fault and the delay of a name."""
        healed = dns.name.from_text(name)
        with self._lock:
            self._faults = {key: fault for key, fault in self._faults.items() if key[0] != healed}
            self._delays.pop(healed, None)

    @property
    def is_slow(self) -> bool:
        """Whether an answer may wait, so that each needs a thread of its own."""
        return bool(self._delays)

    def stop(self) -> None:
        """Let no answer wait any longer."""
        self._stopped.set()

    def queries(self) -> tuple[DnsQuery, ...]:
        """Every question so far, in order."""
        with self._lock:
            return tuple(self._queries)

    def respond(self, packet: bytes, *, tcp: bool) -> bytes | None:
        """Answer one message, or None where nothing is to be sent."""
        if len(packet) < HEADER or packet[2] & 0x80:  # too short for a header, or itself a response
            return None
        try:
            query = dns.message.from_wire(packet)
        except (dns.exception.DNSException, ValueError):
            return _header_only(packet, dns.rcode.FORMERR)
        refusal = _refusal(query)
        if refusal is not None:
            return _message(query, Answer(rcode=refusal, authoritative=False)).to_wire()
        return self._answer(query, tcp=tcp)

    def _answer(self, query: dns.message.Message, *, tcp: bool) -> bytes | None:
        question = query.question[0]
        rdtype = dns.rdatatype.to_text(question.rdtype)
        with self._lock:
            fault = self._faults.get((question.name, rdtype)) or self._faults.get((question.name, None))
            zones, delay = self._zones, self._delays.get(question.name, 0)
        answer = look_up(zones.values(), question.name, question.rdtype, self._outside)
        outcome = fault or dns.rcode.to_text(answer.rcode).lower()
        asked = question.name.to_text().lower()
        entry = DnsQuery(name=asked, rdtype=rdtype, transport="tcp" if tcp else "udp", outcome=outcome)
        with self._lock:
            self._queries.append(entry)
        if delay and self._stopped.wait(delay):
            return None
        return _wire(query, answer, fault, tcp=tcp)


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode | None:
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    if query.edns > 0:
        return dns.rcode.BADVERS
    question = query.question[0]
    if question.rdclass != dns.rdataclass.IN or question.rdtype in TRANSFERS:
        return dns.rcode.REFUSED
    return None


def _wire(query: dns.message.Message, answer: Answer, fault: DnsFault | None, *, tcp: bool) -> bytes | None:
    if fault is DnsFault.TIMEOUT:
        return None
    if fault is DnsFault.TRUNCATE_ALWAYS or (fault is DnsFault.TRUNCATE and not tcp):
        empty = _message(query, Answer())
        empty.flags |= dns.flags.TC
        return empty.to_wire()
    if fault in _RCODES:
        answer = Answer(rcode=_RCODES[fault], authoritative=False)
    if fault is DnsFault.WRONG_ANSWER:
        answer = Answer(answer=[dns.rrset.from_text(ELSEWHERE, 60, "IN", "TXT", '"v=spf1 +all"')])
    room = min(max(query.payload, UDP_PLAIN), UDP_MOST) if query.edns >= 0 else UDP_PLAIN
    packet = _message(query, answer).to_wire(max_size=65535 if tcp else room, prefer_truncation=not tcp)
    return _spoiled(packet, fault)


def _spoiled(packet: bytes, fault: DnsFault | None) -> bytes:
    """What a server sends that does not speak the protocol, or speaks to somebody else."""
    match fault:
        case DnsFault.GARBAGE:
            return b"HTTP/1.1 400 Bad Request\r\n\r\n"
        case DnsFault.CUT:
            return packet[: HEADER + (len(packet) - HEADER) // 2]
        case DnsFault.WRONG_ID:
            return bytes([packet[0] ^ 0xFF]) + packet[1:]
        case DnsFault.WRONG_QUESTION:
            other = dns.message.from_wire(packet)
            other.question = [dns.rrset.RRset(ELSEWHERE, dns.rdataclass.IN, other.question[0].rdtype)]
            return other.to_wire()
        case _:
            return packet


def _message(query: dns.message.Message, answer: Answer) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=UDP_MOST)
    response.set_rcode(answer.rcode)
    response.answer = answer.answer
    response.authority = answer.authority
    if answer.authoritative:
        response.flags |= dns.flags.AA
    return response


def _header_only(packet: bytes, rcode: dns.rcode.Rcode) -> bytes:
    response = dns.message.Message(id=int.from_bytes(packet[:2], "big"))
    response.flags |= dns.flags.QR
    response.set_rcode(rcode)
    return response.to_wire()
