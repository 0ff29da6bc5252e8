"""What a name server said, as evidence: the question, the resolver, the records as they are, TTL and alias."""

from __future__ import annotations

from readiness.api import DnsAnswer, Evidence
from readiness.mail.tags import decoded

_NOTHING = {"nxdomain": "the name does not exist", "nodata": "the name has no such record"}


def dns_evidence(rdtype: str, name: str, answer: DnsAnswer, *, secret: bool = False) -> Evidence:
    """One answer; `secret` keeps its records out."""
    records = [decoded(record) for record in answer.records] or [_NOTHING.get(answer.status, answer.status)]
    lines = ["(a private key)"] if secret else records
    if is_alias(name, answer):
        lines = [*lines, f"(alias of {answer.canonical})"]
    if answer.records:
        lines = [*lines, f"(TTL {answer.ttl})"]
    return Evidence.of(f"{rdtype} {name} @{answer.server}", "\n".join(lines))


def is_alias(name: str, answer: DnsAnswer) -> bool:
    """Whether a CNAME led away from the name."""
    return answer.canonical.rstrip(".").lower() not in ("", name.rstrip(".").lower())
