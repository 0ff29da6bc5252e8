"""Ports for servers that cannot tell which one they were given, and ports where nobody listens."""

from __future__ import annotations

import random
import socket

NOT_HANDED_OUT = range(10_000, 32_000)
"""Below what Linux and macOS give to whoever asks for any port, as each outgoing connection does: there, somebody
else's connection could take the port before the server does."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens, over TCP and UDP."""
    for port in random.SystemRandom().sample(NOT_HANDED_OUT, 100):
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise OSError("no port is free")
