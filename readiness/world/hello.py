"""Does a server still take up TLS 1.0 or 1.1? The question, without the help of a library that knows better.

Debian's OpenSSL refuses to speak these versions itself, so the ClientHello (RFC 2246 7.4.1.2,
RFC 4346) is written here, and the first record of the answer read.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpcore

VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302}
HANDSHAKE, SERVER_HELLO = 22, 2
HEAD = 11
"""Bytes up to the version in a ServerHello: five of the record, four of the message, two of itself."""
SUITES = (0xC009, 0xC00A, 0xC013, 0xC014, 0x0033, 0x0039, 0x002F, 0x0035, 0x000A)
"""ECDHE, DHE and RSA with AES-CBC or 3DES and SHA-1: what these versions were spoken with."""
GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)
"""x25519, P-256, P-384, P-521."""


def takes_up(stream: httpcore.NetworkStream, host: str, version: str, moment: float) -> bool:
    """Whether the version is agreed on; an alert or the end of the connection is a refusal."""
    import httpcore

    number = VERSIONS[version]
    try:
        stream.write(client_hello(host, number), moment)
        answer = b""
        while len(answer) < HEAD and (chunk := stream.read(HEAD - len(answer), moment)):
            answer += chunk
    except (httpcore.ReadError, httpcore.WriteError):
        return False  # a reset is a refusal as well
    return _agreed(answer) == number


def _agreed(answer: bytes) -> int | None:
    """The version in a ServerHello."""
    if len(answer) < HEAD or answer[0] != HANDSHAKE or answer[5] != SERVER_HELLO:
        return None
    return int.from_bytes(answer[9:11])


def client_hello(host: str, version: int) -> bytes:
    """The record of a ClientHello that offers one version."""
    suites = b"".join(struct.pack("!H", suite) for suite in SUITES)
    extensions = _server_name(host) + _extension(10, _sized(b"".join(struct.pack("!H", group) for group in GROUPS)))
    extensions += _extension(11, b"\x01\x00")  # points are sent uncompressed
    hello = struct.pack("!H", version) + os.urandom(32) + b"\x00" + _sized(suites) + b"\x01\x00" + _sized(extensions)
    message = b"\x01" + len(hello).to_bytes(3) + hello
    return bytes([HANDSHAKE]) + struct.pack("!H", VERSIONS["TLSv1"]) + _sized(message)


def _server_name(host: str) -> bytes:
    """RFC 6066 3; an address is never told."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _extension(0, _sized(b"\x00" + _sized(host.encode("idna"))))
    return b""


def _extension(kind: int, data: bytes) -> bytes:
    return struct.pack("!H", kind) + _sized(data)


def _sized(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data
