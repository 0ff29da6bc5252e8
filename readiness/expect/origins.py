"""Origins (RFC 6454) as browsers send them, their sites, and those that careless comparisons take for them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from readiness.address import is_loopback_host

SHARED = frozenset({"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"})
"""Second labels below a country under which anybody registers: ``co.uk``."""
COUNTRY = 2
"""Letters of a country's top-level domain."""


def check_origin(origin: str) -> None:
    """Raise ValueError for what no browser sends as an Origin."""
    parts = urlsplit(origin)
    if origin != "null" and (parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError(f"{origin!r} is no origin: write scheme and host without a path, such as https://kamiyo.ai")


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it: without the port that goes without saying."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" if parts.port in {None, usual} else f"{parts.scheme}://{host}:{parts.port}"


def site_of(host: str) -> str:
    """The registrable domain of a host, by a rule of thumb instead of the Public Suffix List."""
    labels = host.split(".")
    if is_loopback_host(host) or len(labels) < COUNTRY:
        return host
    below_country = len(labels[-1]) == COUNTRY and labels[-2] in SHARED
    return ".".join(labels[-3 if below_country else -2 :])


def fetch_site(origin: str, url: str) -> str:
    """What a browser says in Sec-Fetch-Site of a request from a page of `origin` (W3C Fetch Metadata)."""
    if origin == origin_of(url):
        return "same-origin"
    page, target = urlsplit(origin), urlsplit(url)
    same = page.scheme == target.scheme and site_of(page.hostname or "") == site_of(target.hostname or "")
    return "same-site" if same else "cross-site"


def look_alikes(origin: str) -> Iterator[str]:
    """Origins of other people that careless comparisons take for this one.

    The host with something after it (its beginning is compared), its site with something before it
    (its end is compared), a dot that a regular expression takes for any character, and the same
    host without TLS. Its subdomains are its owner's, so they are none.
    """
    parts = urlsplit(origin)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    yield f"{parts.scheme}://{host}.evil.example{port}"
    if is_loopback_host(host):
        return
    site = site_of(host)
    yield f"{parts.scheme}://evil{site}{port}"
    if site != host:
        yield f"{parts.scheme}://{host.removesuffix(f'.{site}')}x{site}{port}"
    if parts.scheme == "https":
        yield f"http://{host}{port}"
