"""Forms of text that a matcher or a schema may ask for, each by its standard."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_AUTHORITY = re.compile(
    r"https?://(?:[^/?#@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%-]+)(?::\d{1,5})?(?:[/?#]|$)", re.IGNORECASE
)
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@{_LABEL}(?:\.{_LABEL})+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:(\d\d)(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_uri(text: str) -> bool:
    """An absolute URI (RFC 3986 4.3); with http and https it names a host."""
    if not _URI.fullmatch(text):
        return False
    return not re.match(r"https?:", text, re.IGNORECASE) or bool(_AUTHORITY.match(text))


def is_url(text: str) -> bool:
    """A URI of http or https."""
    return bool(re.match(r"https?:", text, re.IGNORECASE)) and is_uri(text)


def is_email(text: str) -> bool:
    """An address as people write it: a dot-atom (RFC 5322 3.2.3) at a host name with a dot."""
    return bool(_EMAIL.fullmatch(text))


def is_moment(text: str) -> bool:
    """A date-time of RFC 3339, which has an offset."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return False
    # a leap second is legal there, and unknown to datetime
    seconds = "59" if found[1] == "60" else found[1]
    return _parses(datetime.fromisoformat, f"{text[:17]}{seconds}")


def is_date(text: str) -> bool:
    """A full-date of RFC 3339."""
    return bool(_DATE.fullmatch(text)) and _parses(date.fromisoformat, text)


def is_hostname(text: str) -> bool:
    """A host name (RFC 1123 2.1), and no address."""
    return bool(_HOST.fullmatch(text)) and not _parses(ipaddress.ip_address, text)


def is_uuid(text: str) -> bool:
    """A UUID (RFC 9562 4)."""
    return bool(_UUID.fullmatch(text))


def is_ipv4(text: str) -> bool:
    """An IPv4 address."""
    return _parses(ipaddress.IPv4Address, text)


def is_ipv6(text: str) -> bool:
    """An IPv6 address."""
    return _parses(ipaddress.IPv6Address, text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "uri": is_uri,
        "url": is_url,
        "email": is_email,
        "date-time": is_moment,
        "date": is_date,
        "uuid": is_uuid,
        "hostname": is_hostname,
        "ipv4": is_ipv4,
        "ipv6": is_ipv6,
    }
)
"""Predicates by the names that JSON Schema uses; ``url`` is ours."""
