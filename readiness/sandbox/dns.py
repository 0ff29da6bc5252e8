"""A DNS server for ordinary zone files: UDP and TCP on one free loopback port, with faults and a query log."""

from __future__ import annotations

import contextlib
import importlib.resources
import re
import socket
import socketserver
import struct
import threading
from pathlib import Path
from typing import Any, Self, cast

from readiness.errors import UsageError
from readiness.sandbox.listener import LOOPBACK, Listener, Loop
from readiness.sandbox.nameserver import DnsFault, DnsQuery, Nameserver
from readiness.sandbox.zone import Outside

__all__ = ["DnsFault", "DnsQuery", "DnsSandbox", "Outside", "demo_zone", "load_zone"]

PORT_TRIES = 20


class DnsSandbox:
    """Serves zones on 127.0.0.1 while the context is open.

    `outside` says what becomes of names that no zone covers: the sandbox is a whole world by
    default, so that they do not exist. Raises ConfigError for a zone that is not valid.
    """

    def __init__(self, zone_text: str, origin: str, *, outside: Outside = Outside.NXDOMAIN) -> None:
        self._origin = origin
        self._nameserver = Nameserver(outside)
        self._nameserver.set_zone(zone_text, origin)
        self._tcp: _Tcp | None = None
        self._loops: list[Loop] = []

    def __enter__(self) -> Self:
        self._tcp, self._udp = _bind(self._nameserver)
        self._loops = [Loop(self._tcp, "sandbox-dns-tcp"), Loop(self._udp, "sandbox-dns-udp")]
        for loop in self._loops:
            loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._nameserver.stop()
        for loop in self._loops:
            loop.stop()
        self._listener.hang_up()
        self._udp.join()

    @property
    def address(self) -> str:
        """``127.0.0.1:port``, the same port for UDP and TCP."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def port(self) -> int:
        """The port of both transports."""
        return self._listener.port

    @property
    def queries(self) -> tuple[DnsQuery, ...]:
        """Every question so far, in order."""
        return self._nameserver.queries()

    def set_zone(self, text: str, origin: str | None = None) -> None:
        """Replace a zone or add one, while it runs; the first zone without `origin`.

        Raises ConfigError and keeps the old zone where the text is not valid.
        """
        self._nameserver.set_zone(text, origin or self._origin)

    def fault(self, name: str, fault: DnsFault, rdtype: str | None = None) -> None:
        """Let a name misbehave from now on, for one record type or for all."""
        self._nameserver.fault(name, fault, rdtype)

    def delay(self, name: str, seconds: float) -> None:
        """Let every answer about a name wait from now on; others are not held up."""
        self._nameserver.delay(name, seconds)

    def heal(self, name: str) -> None:
        """Take back every fault and the delay of a name."""
        self._nameserver.heal(name)

    @property
    def _listener(self) -> _Tcp:
        if self._tcp is None:
            raise RuntimeError("the DNS sandbox is not started; use it as a context manager")
        return self._tcp


def load_zone(path: Path) -> tuple[str, str]:
    """The text of a zone file and its origin: its first $ORIGIN, else the name of the file.

    Raises UsageError where the file cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the zone file {path} cannot be read: {error}") from error
    origin = re.search(r"^\$ORIGIN[ \t]+(\S+)", text, re.MULTILINE)
    return text, origin[1] if origin else path.name.removesuffix(".zone")


def demo_zone() -> str:
    """The zone file of the demo domain, kamiyo.ai."""
    return (importlib.resources.files("readiness.sandbox") / "zones" / "kamiyo.ai.zone").read_text("utf-8")


class _Tcp(Listener):
    def __init__(self, nameserver: Nameserver) -> None:
        self.nameserver = nameserver
        super().__init__(_TcpHandler)


class _TcpHandler(socketserver.StreamRequestHandler):
    """Messages after two bytes of length, as many as the client likes (RFC 7766)."""

    def handle(self) -> None:
        nameserver = cast("_Tcp", self.server).nameserver
        while len(head := self.rfile.read(2)) == 2:  # noqa: PLR2004 - the length field of RFC 1035 4.2.2
            size = int.from_bytes(head, "big")
            packet = self.rfile.read(size)
            if len(packet) < size:
                return
            response = nameserver.respond(packet, tcp=True)
            if response is not None:
                self.wfile.write(struct.pack("!H", len(response)) + response)


class _Udp(socketserver.UDPServer):
    max_packet_size = 65535

    def __init__(self, nameserver: Nameserver, port: int) -> None:
        self.nameserver = nameserver
        self._waiting: list[threading.Thread] = []
        super().__init__((LOOPBACK, port), _UdpHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer at once, or in a thread where an answer may have to wait."""
        if not self.nameserver.is_slow:
            super().process_request(request, client_address)
            return
        thread = threading.Thread(target=self.finish_request, args=(request, client_address), daemon=True)
        self._waiting = [*(known for known in self._waiting if known.is_alive()), thread]
        thread.start()

    def join(self) -> None:
        """Wait for the threads; call it after the loop and the name server have stopped."""
        for thread in self._waiting:
            thread.join()


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        packet, own = cast("tuple[bytes, socket.socket]", self.request)
        response = cast("_Udp", self.server).nameserver.respond(packet, tcp=False)
        if response is not None:
            with contextlib.suppress(OSError):  # the client closed its port: nobody waits
                own.sendto(response, self.client_address)


def _bind(nameserver: Nameserver) -> tuple[_Tcp, _Udp]:
    """Both transports on the same free port."""
    for _ in range(PORT_TRIES):
        tcp = _Tcp(nameserver)
        try:
            return tcp, _Udp(nameserver, tcp.port)
        except OSError:  # another program has this port for UDP
            tcp.server_close()
    raise OSError(f"no port of {LOOPBACK} is free for both UDP and TCP after {PORT_TRIES} tries")
