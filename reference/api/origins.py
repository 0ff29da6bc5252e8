"""Web origins (RFC 6454): the one way in which the service compares addresses of browsers."""

import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
PLAIN = re.compile(r"[!#-;=?-\[\]-~]+")
"""Printable ASCII without blank, quotation mark, angle brackets and backslash."""
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
"""A name or an address as urlsplit gives it; no wildcard, no percent-encoding, no final dot."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def origin_of(url: str) -> str | None:
    """The origin of an absolute http or https URL in its one canonical form, or None.

    None for everything that a browser and this parser could read differently: user information,
    backslashes, blanks, control characters and letters outside ASCII.
    """
    if not PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in DEFAULT_PORTS or not HOST.fullmatch(host) or "@" in parts.netloc:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}")


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine."""
    return origin_of(url) is not None and urlsplit(url).hostname in LOOPBACK
