"""Where a webhook goes: which URLs are one place, and which hosts are nobody's production."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from readiness.address import is_loopback_host

_PORTS = {"http": 80, "https": 443}
_TUNNELS = re.compile(
    r"(?:^|\.)(?:ngrok(?:-free)?\.(?:io|app|dev)|ngrok\.pizza|loca\.lt|localtunnel\.me|trycloudflare\.com|serveo\.net"
    r"|serveousercontent\.com|localhost\.run|lhr\.(?:life|rocks|pro)|bore\.pub|pagekite\.me|telebit\.io|tunnelmole\.net"
    r"|devtunnels\.ms|ts\.net|smee\.io|webhook\.site|requestbin\.com|requestcatcher\.com|beeceptor\.com|pinggy\.(?:io|link))$"
)
"""Services that lead to a developer's machine, or show a request to whoever looks."""
_REHEARSAL = re.compile(r"(?:staging|stage|stg|dev|develop|development|test|testing|qa|uat|preview|preprod|sandbox)\d*")
_PRIVATE = re.compile(r"(?:^|\.)(?:local|localhost|internal|lan|home|test|example|invalid)$")
"""Names that mean nothing on the internet (RFC 2606, RFC 6761, RFC 6762, and home.arpa's forerunners)."""


def place(url: str) -> str:
    """The URL as a server sees it: scheme and host in lower case, without a default port; the path stays as it is."""
    parts = split(url)
    host = _host(parts)
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path or '/'}{query}"


def handler(url: str) -> str:
    """What remains of a URL where query, letter case and final slash do not count.

    Two endpoints that agree in it lead to one handler, or one of them into a redirect, which Stripe does not follow.
    """
    parts = split(url)
    return f"{_host(parts)}:{parts.port or _PORTS.get(parts.scheme)}{parts.path.lower().rstrip('/')}"


def near(url: str, other: str) -> bool:
    """Whether two URLs agree in host and path but for slash, case, scheme, port or query."""
    return _loose(url) == _loose(other)


def unfit(url: str) -> str | None:
    """Why an endpoint of live mode should not lead there, as the end of a sentence, or None."""
    host = _host(split(url))
    if is_loopback_host(host) or _is_private(host):
        return "a private machine"
    if _TUNNELS.search(host):
        return "a tunnel or a request catcher"
    # the last two labels are the owner's name, which may be `test-prep.com`
    parts = {part for label in host.split(".")[:-2] for part in label.split("-")}
    return "a staging or development host" if any(map(_REHEARSAL.fullmatch, parts)) else None


def split(url: str) -> SplitResult:
    """The parts of a URL; of one that has none, nothing."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is none is a ValueError too
    except ValueError:
        return urlsplit("")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def _loose(url: str) -> tuple[str, str]:
    parts = split(url)
    return _host(parts), parts.path.lower().rstrip("/")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or bool(_PRIVATE.search(host))
