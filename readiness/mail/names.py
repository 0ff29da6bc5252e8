"""Domain names as the evaluators compare them: ASCII, small letters, no dot at the end."""

from __future__ import annotations

import re

from readiness.dnspython import lean

_DOMAIN = re.compile(r"(?=.{1,253}\.?$)[^\s./@:]{1,63}(?:\.[^\s./@:]{1,63})*\.?")
MOST = 253
"""Characters of a name without the dot at its end (RFC 1035 3.1)."""


def ascii_name(domain: str) -> str:
    """International labels in ASCII (RFC 5891). Raises ValueError for what is no domain name."""
    lean()
    import dns.exception
    import dns.name

    try:
        name = dns.name.from_text(domain.strip(), idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"{domain!r} is no domain name: {type(error).__name__}") from error
    text = name.to_text(omit_final_dot=True).lower()
    if text in ("", "@", "."):
        raise ValueError(f"{domain!r} is no domain name")
    return text


def is_below(name: str, domain: str) -> bool:
    """Whether a name is the domain or lies below it."""
    return name == domain or name.endswith(f".{domain}")


def check_domain(domain: str) -> None:
    """Refuse an option that is no domain name, such as a URL or a mail address, with the cure. Raises ValueError."""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{domain!r} is no domain name: write it without scheme, port, path and @, as in kamiyo.ai")
