"""The body of an answer: bounded in time, and in size before and after decompression."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator


def timely(chunks: Iterator[bytes], moment: float) -> Iterator[bytes]:
    """The chunks, as long as there is time: a stream of quick small ones never meets a socket's timeout."""
    import httpcore

    for chunk in chunks:
        if time.monotonic() > moment:
            raise httpcore.ReadTimeout("the time is over")
        yield chunk


def read(chunks: Iterator[bytes], limit: int) -> tuple[bytes, bool]:
    """The body up to the limit, and whether there was more."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), True
    return bytes(body), False


def gunzip(chunks: Iterator[bytes], limit: int) -> tuple[bytes, bool]:
    """The same of a compressed body, of which never more than the limit is unpacked."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    body = bytearray()
    packed = False
    for chunk in chunks:
        packed = True
        body += unpack.decompress(chunk, limit + 1 - len(body))
        if len(body) > limit:
            return bytes(body[:limit]), True
    if packed and not unpack.eof:
        raise zlib.error("the gzip stream ends early")
    return bytes(body), False
