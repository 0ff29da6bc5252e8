"""One DMARC policy record: what it asks for, and what receivers cannot read in it (RFC 9989 4.7 and 4.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from readiness.light import dataclass
from readiness.mail.dmarc.uris import ReportUri, read_uris
from readiness.mail.tags import Problem, Tags, decoded, pasted, quoted, read_tags, without_pasted

_START = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_KNOWN = frozenset({"v", "p", "sp", "np", "t", "psd", "adkim", "aspf", "rua", "ruf", "fo"})
_REMOVED = frozenset({"pct", "rf", "ri"})
_VALUES = {
    "p": ("none", "quarantine", "reject"),
    "sp": ("none", "quarantine", "reject"),
    "np": ("none", "quarantine", "reject"),
    "t": ("y", "n"),
    "psd": ("y", "n", "u"),
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
}


class Policy(StrEnum):
    """What receivers are asked to do with mail that fails, from weak to strong."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def strength(self) -> int:
        """0 to 2, to be compared."""
        return list(Policy).index(self)

    @property
    def lowered(self) -> Policy:
        """One level below: what ``t=y`` makes of it."""
        return list(Policy)[max(self.strength - 1, 0)]


class Alignment(StrEnum):
    """How an authenticated domain has to match the From domain."""

    RELAXED = "r"
    """Both have the same organizational domain."""
    STRICT = "s"
    """They are identical."""


@dataclass(frozen=True, kw_only=True)
class DmarcRecord:
    """A record that begins with ``v=DMARC1``; an invalid value counts as its default."""

    text: str
    p: Policy | None
    """None: not there, or invalid."""
    sp: Policy | None
    """For subdomains that exist."""
    np: Policy | None
    """For subdomains that do not exist."""
    testing: bool
    """``t=y``: one level less than the policy says."""
    psd: str
    """``y``: a public suffix; ``n``: an organizational domain; ``u``: to be found out."""
    adkim: Alignment
    aspf: Alignment
    rua: tuple[ReportUri, ...]
    """Where aggregate reports go, the invalid ones included."""
    ruf: tuple[ReportUri, ...]
    tags: tuple[tuple[str, str], ...]
    """All tags in order; names in small letters."""
    spoiled: bool
    """No ``p``, or an invalid ``p``, ``sp`` or ``np``: receivers take ``p=none``, or nothing without a ``rua``."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Whether receivers do anything with it (RFC 9989 4.10.1)."""
        return not self.spoiled or any(uri.valid for uri in self.rua)

    @property
    def policy(self) -> Policy | None:
        """For the domain itself, as published."""
        return self._published(self.p)

    @property
    def subdomain_policy(self) -> Policy | None:
        """For subdomains that exist, as published."""
        return self._published(self.sp or self.p)

    @property
    def nonexistent_policy(self) -> Policy | None:
        """For subdomains that do not exist, as published."""
        return self._published(self.np or self.sp or self.p)

    def effective(self, policy: Policy | None) -> Policy | None:
        """A published policy as receivers apply it."""
        return policy.lowered if policy and self.testing else policy

    def _published(self, policy: Policy | None) -> Policy | None:
        if not self.applies:
            return None
        return Policy.NONE if self.spoiled else policy


def is_record(text: str) -> bool:
    """Whether receivers take it for a DMARC record at all: the version is first, and exact."""
    return bool(_START.match(text))


def read_record(record: str | bytes) -> DmarcRecord:
    """Read a record. Raises ValueError for a text that is none; see :func:`is_record`."""
    text = decoded(record)
    if not is_record(text):
        raise ValueError(f"{quoted(text)} is no DMARC record: it does not begin with v=DMARC1;")
    tags = read_tags(text, fold=True)
    wrong = [*_wrong_values(tags)]
    policies = {name: _policy(tags.get(name)) for name in ("p", "sp", "np")}
    rua, ruf = read_uris(tags.get("rua")), read_uris(tags.get("ruf"))
    spoiled = policies["p"] is None or any(tags.get(name) is not None and policies[name] is None for name in policies)
    stray = pasted(text)
    return DmarcRecord(
        text=text,
        **policies,
        testing=_lower(tags, "t") == "y",
        psd=_lower(tags, "psd") if _lower(tags, "psd") in ("y", "n") else "u",
        adkim=Alignment.STRICT if _lower(tags, "adkim") == "s" else Alignment.RELAXED,
        aspf=Alignment.STRICT if _lower(tags, "aspf") == "s" else Alignment.RELAXED,
        rua=rua,
        ruf=ruf,
        tags=tags.pairs,
        spoiled=spoiled,
        problems=(*([stray] if stray else []), *tags.problems, *wrong, *_bad_uris(tags, rua, ruf)),
        notes=tuple(_notes(tags, (*rua, *ruf))),
    )


def _lower(tags: Tags, name: str) -> str:
    return (tags.get(name) or "").lower()


def _policy(value: str | None) -> Policy | None:
    return Policy(value.lower()) if value and value.lower() in list(Policy) else None


def _wrong_values(tags: Tags) -> Iterator[Problem]:
    if tags.get("p") is None:
        yield Problem(code="no_policy", message="p= is not there: receivers take p=none, or ignore the record")
    for name, allowed in _VALUES.items():
        value = tags.get(name)
        if value is not None and value.lower() not in allowed:
            message = f"{name}={quoted(value)[1:-1]} is not one of {', '.join(allowed)}"
            yield Problem(code="invalid_value", message=message)
    options = tags.get("fo")
    if options is not None and not _is_failure_options(options):
        yield Problem(code="invalid_value", message=f"fo={quoted(options)[1:-1]} is no list of 0 or 1, d, s")


def _is_failure_options(value: str) -> bool:
    options = [option.strip() for option in value.lower().split(":")]
    return len(set(options)) == len(options) and set(options) <= set("01ds") and not {"0", "1"} <= set(options)


def _bad_uris(tags: Tags, rua: tuple[ReportUri, ...], ruf: tuple[ReportUri, ...]) -> Iterator[Problem]:
    for name, uris in (("rua", rua), ("ruf", ruf)):
        if tags.get(name) is not None and not uris:
            yield Problem(code="report_uri", message=f"{name}= is empty")
        for uri in uris:
            if uri.fault:
                yield Problem(code="report_uri", message=f"{name}={quoted(uri.text)[1:-1]}: {uri.fault}")


def _notes(tags: Tags, uris: tuple[ReportUri, ...]) -> Iterator[str]:
    for name in dict.fromkeys(tags.names):
        if name in _REMOVED:
            yield f"{name}= was removed by RFC 9989: receivers of today ignore it, older ones may not"
        elif name not in _KNOWN:
            yield f"{quoted(name)[1:-1]}= is unknown, and ignored"
    if tags.get("p") is not None and tags.names[1:2] != ("p",):
        yield "p= does not follow v= at once, which receivers by the older RFC 7489 expect"
    if tags.get("fo") is not None and tags.get("ruf") is None:
        yield "fo= does nothing without ruf="
    for uri in uris:
        if uri.valid and uri.note:
            yield f"{quoted(uri.text)[1:-1]}: {uri.note}"


def near_miss(text: str) -> Problem | None:
    """Why a text that wants to be a DMARC record is none; None where it is one, or has nothing to do with DMARC."""
    meant = without_pasted(text).strip().replace("\u00a0", " ")
    version = re.match(r"v\s*=\s*dmarc\s*1", meant, re.IGNORECASE)
    if is_record(text) or not (version or _is_like(meant)):
        return None
    return Problem(code="version", message=f"{quoted(text)} is void: {_why(text, version and version[0])}")


def _is_like(meant: str) -> bool:
    return "dmarc1" in meant.lower() or bool(re.match(r"p\s*=\s*(none|quarantine|reject)\b", meant, re.IGNORECASE))


def _why(text: str, version: str | None) -> str:
    if version is None:
        return "it has to begin with v=DMARC1;"
    if pasted(text):
        return "quotes or backslashes of a zone file are part of it"
    if "DMARC1" not in version:
        return "the version is written DMARC1, in capital letters"
    if not text.isascii():
        return "it holds characters beyond ASCII, copied from a web page"
    if text[:1] in " \t":
        return "a space stands before v=DMARC1"
    return "a semicolon has to follow v=DMARC1"
