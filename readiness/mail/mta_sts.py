"""Transport security of incoming mail: MTA-STS (RFC 8461) and TLS reporting (RFC 8460)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readiness.light import dataclass
from readiness.mail.dmarc.uris import read_uris
from readiness.mail.tags import Problem, decoded, quoted, read_tags

MOST_AGE = 31_557_600
"""Seconds that a policy may be kept at most (RFC 8461 3.2)."""
DAY = 86_400
_STS = re.compile(r"v=STSv1[ \t]*;")
_RPT = re.compile(r"v=TLSRPTv1[ \t]*;")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_PATTERN = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def sts_problems(records: Iterable[str | bytes]) -> Iterator[Problem]:
    """What is wrong with the TXT records at ``_mta-sts.<domain>``; nothing where senders see MTA-STS."""
    text, problem = _only(records, _STS, "v=STSv1;")
    if problem:
        yield problem
        return
    tags = read_tags(text)
    yield from tags.problems
    if not _ID.fullmatch(tags.get("id") or ""):
        found = quoted(tags.get("id") or "")
        yield Problem(code="id", message=f"id={found[1:-1]} is not 1 to 32 letters and digits")


def tls_rpt_problems(records: Iterable[str | bytes]) -> Iterator[Problem]:
    """What is wrong with the TXT records at ``_smtp._tls.<domain>``."""
    text, problem = _only(records, _RPT, "v=TLSRPTv1;")
    if problem:
        yield problem
        return
    tags = read_tags(text)
    yield from tags.problems
    uris = read_uris(tags.get("rua"))
    if not uris:
        yield Problem(code="report_uri", message="rua= names no destination")
    for uri in uris:
        if uri.fault:
            yield Problem(code="report_uri", message=f"rua={quoted(uri.text)[1:-1]}: {uri.fault}")


def _only(records: Iterable[str | bytes], start: re.Pattern[str], begins: str) -> tuple[str, Problem | None]:
    """Exactly one record has to begin so; others at the name are ignored."""
    texts = [decoded(record) for record in records]
    meant = [text for text in texts if start.match(text)]
    if len(meant) == 1:
        return meant[0], None
    if meant:
        return "", Problem(code="two_records", message=f"{len(meant)} records begin with {begins}: leave one")
    if not texts:
        return "", Problem(code="missing", message="there is no TXT record")
    return "", Problem(code="version", message=f"{quoted(texts[0])} does not begin with {begins}")


@dataclass(frozen=True, kw_only=True)
class StsPolicy:
    """A policy file, as ``/.well-known/mta-sts.txt`` has it."""

    mode: str | None
    """``enforce``, ``testing`` or ``none``."""
    mx: tuple[str, ...]
    """Patterns of the hosts that may receive mail: ``mx1.kamiyo.ai``, ``*.kamiyo.ai``."""
    max_age: int | None
    """Seconds that senders keep it."""
    problems: tuple[Problem, ...]

    def covers(self, host: str) -> bool:
        """Whether a host may receive mail; ``*`` stands for one label (RFC 8461 4.1)."""
        name = host.rstrip(".").lower()
        return any(
            name == pattern or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])
            for pattern in self.mx
        )


def read_policy(body: str | bytes) -> StsPolicy:
    """Read a policy file; nothing is raised."""
    lines = [line.strip() for line in decoded(body).splitlines() if line.strip()]
    pairs = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    fields = dict(reversed(pairs))  # of a field that is there twice the first counts (RFC 8461 3.2)
    age = fields.get("max_age", "")
    mode = fields.get("mode")
    mx = tuple(value.lower().rstrip(".") for name, value in pairs if name == "mx")
    return StsPolicy(
        mode=mode if mode in ("enforce", "testing", "none") else None,
        mx=mx,
        max_age=int(age) if re.fullmatch(r"[0-9]{1,10}", age) else None,
        problems=tuple(_policy_problems(fields, mx)),
    )


def _policy_problems(fields: dict[str, str], mx: tuple[str, ...]) -> Iterator[Problem]:
    if fields.get("version") != "STSv1":
        yield Problem(code="version", message="the line version: STSv1 is not there")
    if fields.get("mode") not in ("enforce", "testing", "none"):
        yield Problem(code="mode", message="the line mode: is none of enforce, testing, none")
    age = fields.get("max_age", "")
    if not re.fullmatch(r"[0-9]{1,10}", age) or int(age) > MOST_AGE:
        yield Problem(code="max_age", message=f"the line max_age: is no number of seconds up to {MOST_AGE}")
    if not mx and fields.get("mode") != "none":
        yield Problem(code="mx", message="no line mx: names a host")
    for pattern in mx:
        if not _PATTERN.fullmatch(pattern):
            yield Problem(code="mx", message=f"mx: {quoted(pattern)[1:-1]} is no name of a host, with or without *.")


def uncovered(policy: StsPolicy, hosts: Iterable[str]) -> tuple[str, ...]:
    """The MX hosts that senders must not use under this policy."""
    return tuple(host for host in hosts if not policy.covers(host))
