"""What a client does with a redirect (RFC 9110 15.4, Fetch 4.4)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from readiness.address import shown
from readiness.api import HttpRequest, HttpResponse, Unreachable

STATUSES = frozenset({301, 302, 303, 307, 308})
LONGEST = 8_000
"""Characters of a URL that everybody should support (RFC 9110 4.1)."""
NO_SECRETS = frozenset({"accept", "accept-language", "user-agent"})
"""Request headers that another origin may see."""


def following(request: HttpRequest, answer: HttpResponse) -> HttpRequest | None:
    """The request that follows a redirect, or None where the answer is the end.

    Another origin gets none of the request's own headers, and never its body: such a redirect
    stays the answer. Raises Unreachable where it leads to something that is no http or https URL.
    """
    location = answer.header("location")
    if answer.status not in STATUSES or not location:
        return None
    target = _target(request.url, location)
    rewritten = _without_body(request) if _becomes_get(request.method, answer.status) else request
    if origin(target) == origin(request.url):
        return replace(rewritten, url=target)
    if rewritten.content is not None:
        return None
    harmless = tuple(pair for pair in rewritten.headers if pair[0].lower() in NO_SECRETS)
    return replace(rewritten, url=target, headers=harmless)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454 4). Raises ValueError for a malformed port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _target(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        scheme, host, _ = origin(target)
    except ValueError:
        scheme, host, target = "", "", location
    if len(target) > LONGEST:
        raise Unreachable(f"{shown(url)} redirects to a URL of {len(target)} characters, which no client follows")
    if scheme not in {"http", "https"} or not host:
        raise Unreachable(f"{shown(url)} redirects to {shown(target)!r}, which is no http or https URL")
    return target


def _becomes_get(method: str, status: int) -> bool:
    return (status in {301, 302} and method == "POST") or (status == 303 and method not in {"GET", "HEAD"})  # noqa: PLR2004 - the status codes' own names


def _without_body(request: HttpRequest) -> HttpRequest:
    headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
    return replace(request, method="GET", content=None, headers=headers)
