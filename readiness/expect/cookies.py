"""Cookies (RFC 6265bis) by the thresholds of MDN's HTTP Observatory: Secure, HttpOnly for sessions, SameSite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SESSION = ("sess", "login", "auth", "token", "sid", "jwt")
"""What the name of a cookie has in it that stands for a signed-in person."""
FORGERY = ("csrf", "xsrf")
"""What the name of a token against request forgery has in it; scripts must read it, so it is never HttpOnly."""
SAME_SITE = frozenset({"lax", "strict", "none"})


def cookie_name(header: str) -> str:
    """The name of the cookie that a Set-Cookie header sets."""
    return header.partition(";")[0].partition("=")[0].strip()


def cookie_faults(header: str, *, https: bool) -> Iterator[str]:
    """What is wrong with one Set-Cookie header."""
    name, attributes = cookie_name(header), _attributes(header)
    lowered = name.lower()
    forgery = any(word in lowered for word in FORGERY)
    session = not forgery and any(word in lowered for word in SESSION)
    if https and "secure" not in attributes:
        yield "lacks Secure"
    if session and "httponly" not in attributes:
        yield "lacks HttpOnly"
    yield from _same_site_faults(attributes, needed=forgery)
    yield from _prefix_faults(name, attributes)


def _same_site_faults(attributes: Mapping[str, str], *, needed: bool) -> Iterator[str]:
    value = attributes.get("samesite")
    if value is None:
        if needed:
            yield "lacks SameSite"
    elif value not in SAME_SITE:
        yield f"has the unknown SameSite={value}"
    elif value == "none" and "secure" not in attributes:
        yield "has SameSite=None without Secure"


def _prefix_faults(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """Browsers refuse a cookie that does not keep what its name promises."""
    if name.startswith(("__Host-", "__Secure-")) and "secure" not in attributes:
        yield "is refused by browsers: its name demands Secure"
    if name.startswith("__Host-") and (attributes.get("path") != "/" or attributes.get("domain")):
        yield "is refused by browsers: its name demands Path=/ and no Domain"


def _attributes(header: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in header.split(";")[1:])
    return {key.strip().lower(): value.strip().lower() for key, _, value in pairs}
