"""Domain names as SPF meets them: international, in any case, with any character that a macro brings."""

from __future__ import annotations

import re

from readiness.dnspython import lean

MAX_LABEL = 63
MAX_NAME = 253
"""Octets of a name as it is written, without the final dot (RFC 1035 2.3.4)."""
ESCAPED = re.compile(rb"\\(?:(\d{3})|(.))", re.DOTALL)
PLAIN = frozenset(b"!#%&'*+,-/0123456789:<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~")
"""What a master file takes as it is (RFC 1035 5.1); the rest is written ``\\DDD``."""


def to_ascii(domain: str) -> str | None:
    """The domain in A-labels (RFC 5891), without its final dot; None where it has no such form."""
    bare = domain.removesuffix(".")
    if bare.isascii():
        return bare
    lean()
    import dns.exception
    import dns.name

    try:
        name = dns.name.from_text(bare, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError):
        return None
    return name.to_text(omit_final_dot=True)


def to_question(name: str) -> str | None:
    """The presentation form of a name, whatever its characters; None where no query can be made of it.

    Labels have 1 to 63 octets, the whole has 253 at most. Only dots separate labels.
    """
    labels = [label.encode("utf-8", "surrogatepass") for label in name.split(".")]
    if any(not 0 < len(label) <= MAX_LABEL for label in labels) or sum(map(len, labels)) + len(labels) - 1 > MAX_NAME:
        return None
    return ".".join("".join(chr(byte) if byte in PLAIN else f"\\{byte:03}" for byte in label) for label in labels)


def from_answer(name: bytes) -> str:
    """A name out of an answer: without escapes and final dot, in lower case."""
    octets = ESCAPED.sub(lambda found: bytes([int(found[1]) & 255]) if found[1] else found[2], name.lower())
    return octets.decode("utf-8", "replace").removesuffix(".")


def truncate(name: str) -> str:
    """The name without the labels on its left that are too many for 253 octets (RFC 7208 7.3)."""
    octets = name.encode("utf-8", "surrogatepass")
    dot = -1 if len(octets) <= MAX_NAME else octets.find(b".", len(octets) - MAX_NAME - 1)
    return octets[dot + 1 :].decode("utf-8", "surrogatepass")
