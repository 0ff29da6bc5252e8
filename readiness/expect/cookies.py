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
    secure, same_site = "secure" in attributes, attributes.get("samesite")
    if https and not secure:
        yield "lacks Secure"
    if session and "httponly" not in attributes:
        yield "lacks HttpOnly"
    if same_site is not None and same_site not in SAME_SITE:
        yield f"has the unknown SameSite={same_site}"
    if same_site == "none" and not secure:
        yield "has SameSite=None without Secure"
    if forgery and same_site is None:
        yield "lacks SameSite"
    yield from _prefix_faults(name, attributes)


def _prefix_faults(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """Browsers refuse a cookie that does not keep what its name promises."""
    if name.startswith(("__Host-", "__Secure-")) and "secure" not in attributes:
        yield "is refused by browsers: its name demands Secure"
    if name.startswith("__Host-") and (attributes.get("path") != "/" or attributes.get("domain")):
        yield "is refused by browsers: its name demands Path=/ and no Domain"


def _attributes(header: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in header.split(";")[1:])
    return {key.strip().lower(): value.strip().lower() for key, _, value in pairs}
