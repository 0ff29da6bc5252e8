"""Where reports are sent: the lists of URIs in ``rua`` and ``ruf`` (RFC 9989 4.8)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from readiness.light import dataclass
from readiness.mail.names import ascii_name

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_SIZE = re.compile(r"!(\d+[kmgt]?)$", re.IGNORECASE)
_LOCAL = re.compile(r"[^\s@<>]{1,64}")


@dataclass(frozen=True, kw_only=True)
class ReportUri:
    """One destination."""

    text: str
    """As it is published."""
    domain: str | None = None
    """The host that receives the reports, in ASCII; None where it cannot be told."""
    fault: str | None = None
    """Why no report will be sent there."""
    note: str | None = None

    @property
    def valid(self) -> bool:
        """Whether receivers can use it."""
        return self.fault is None


def read_uris(value: str | None) -> tuple[ReportUri, ...]:
    """The URIs of a tag; empty without the tag, or without anything in it."""
    return tuple(_read(text.strip(" \t\r\n")) for text in (value or "").split(",") if text.strip(" \t\r\n"))


def _read(text: str) -> ReportUri:
    found = _SCHEME.fullmatch(text)
    if not found:
        hint = "write mailto: in front of the address" if "@" in text else "it is no URI"
        return ReportUri(text=text, fault=hint)
    scheme, rest = found[1].lower(), found[2]
    if scheme == "mailto":
        return _mail(text, rest)
    if not rest.startswith("//") or len(rest) == len("//"):
        return ReportUri(text=text, fault="it is no URI of a host")
    host = re.split(r"[/?#:]", rest[2:].rpartition("@")[2])[0]
    return ReportUri(text=text, domain=_domain(host), note="receivers need not support anything but mailto:")


def _mail(text: str, rest: str) -> ReportUri:
    if rest.startswith("//"):
        return ReportUri(text=text, fault="no slashes stand behind mailto:")
    size = _SIZE.search(rest)
    local, at, host = unquote(_SIZE.sub("", rest).partition("?")[0]).rpartition("@")
    domain = _domain(host)
    if not at or not _LOCAL.fullmatch(local) or domain is None:
        return ReportUri(text=text, fault="it is no mail address")
    note = "the limit of size behind ! is obsolete, and ignored" if size else None
    return ReportUri(text=text, domain=domain, note=note)


def _domain(host: str) -> str | None:
    try:
        name = ascii_name(host)
    except ValueError:
        return None
    return name if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", name) else None
