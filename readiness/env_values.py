"""What a value of the environment looks like: forms, Stripe's modes, placeholders. It never tells the value itself."""

from __future__ import annotations

import re
import unicodedata
from email.utils import parseaddr
from typing import Literal
from urllib.parse import urlsplit

Format = Literal["stripe-secret", "stripe-publishable", "stripe-price", "stripe-webhook-secret", "url", "email"]
Mode = Literal["test", "live"]

STRIPE_FORMS = {
    # https://docs.stripe.com/keys : the parts after the prefix are opaque; real ones have 24 characters and more
    "stripe-secret": re.compile(r"(?:sk|rk)_(?:test|live)_[0-9A-Za-z_]{16,}"),
    "stripe-publishable": re.compile(r"pk_(?:test|live)_[0-9A-Za-z_]{16,}"),
    "stripe-price": re.compile(r"price_[0-9A-Za-z_]{8,}"),
    "stripe-webhook-secret": re.compile(r"whsec_[0-9A-Za-z+/=_-]{16,}"),
}
EXPECTED = {
    "stripe-secret": "sk_ or rk_, test_ or live_, and at least 16 letters and digits",
    "stripe-publishable": "pk_, test_ or live_, and at least 16 letters and digits",
    "stripe-price": "price_ and at least 8 letters and digits",
    "stripe-webhook-secret": "whsec_ and at least 16 characters",
    "url": "an absolute URL: scheme://host",
    "email": "an e-mail address: name@domain.tld",
}
_STRIPE_KINDS = {
    "sk": "a secret key",
    "rk": "a restricted key",
    "pk": "a publishable key",
    "whsec": "a webhook signing secret",
    "price": "a price id",
    "prod": "a product id",
    "plan": "a plan id",
    "acct": "an account id",
}
_PREFIX = re.compile(r"(?:(?:sk|rk|pk)_(?:test|live)|whsec|price|prod|plan|acct)_")
_MODE = re.compile(r"(?:sk|rk|pk)_(test|live)_")
_QUOTES = "\"'`“”‘’"  # noqa: RUF001 - the quotes that word processors put in

_WORDS = (
    r"change[_ -]?(?:me|this|it)|replace[_ -]?(?:me|this|with)|placeholder|fix[_ -]?me|example|"
    r"(?:insert|enter|put|add|fill)[_ -](?:in|your|the|here)|to[_ -]be[_ -](?:set|done|defined)|"
    r"your[_ -]?[a-z]*[_ -]?(?:key|secret|token|id|password|value|here|email|domain)"
)
_PLACEHOLDER = re.compile(
    rf"(?:^|[^a-z])(?:{_WORDS})(?![a-z])"
    r"|^(?:todo|tbd|dummy|sample|secret|password|foo|bar|foobar|null|undefined|string|abc|abc123|abcdef|123456789?0?)$"
    r"|^your|<[a-z][\w .-]*>|\$\{\w+\}|\{\{.*\}\}|^\$[a-z_]+$|\*{3,}|\.{3,}|…"
    r"|(?:^|[_-])x{3,}(?:$|[_-])|x{6,}|^x+$|^0{6,}$"
)
"""Matched against the value in lower case."""


def blank(value: str) -> bool:
    """Nothing but white space and quotation marks."""
    return not bare(value)


def wrapping(value: str) -> str | None:
    """What stands around the value that a service would take for a part of it, or None."""
    if value != value.strip():
        ends = {
            name for char, name in (("\r", "a carriage return"), ("\n", "a newline")) if char in (value[0], value[-1])
        }
        return " and ".join(sorted(ends)) or "white space"
    if any(unicodedata.category(char) in ("Cf", "Cc") and char not in "\n\r\t" for char in value):
        return "an invisible character"
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        return "a quotation mark"
    return None


def bare(value: str) -> str:
    """The value without what :func:`wrapping` complains of, so that its other faults show too."""
    return value.strip().strip(_QUOTES).strip()


def stripe_mode(value: str) -> str | None:
    """``test`` or ``live`` for a key of Stripe, else None."""
    found = _MODE.match(bare(value))
    return found[1] if found else None


def describe(value: str) -> str:
    """A value for people, without the value: ``sk_test_... (a secret key, 107 characters)``."""
    found = _PREFIX.match(bare(value))
    prefix = f"{found[0]}... " if found else ""
    kind = f"{_STRIPE_KINDS[found[0].split('_')[0]]}, " if found else ""
    return f"{prefix}({kind}{len(value)} characters)"


def is_placeholder(value: str) -> bool:
    """Whether somebody still has to put the real value there."""
    text = bare(value)
    prefix = _PREFIX.match(text)
    body = text[prefix.end() :] if prefix else text
    if _PLACEHOLDER.search(body.lower()):
        return True
    # a key of Stripe is random: few different characters, or a row of digits, were typed by hand
    return bool(prefix) and (len(set(body)) <= max(1, min(4, len(body) // 3)) or "123456" in body)


def has_format(value: str, form: Format) -> bool:
    """Whether a bare value is of a form."""
    if form in STRIPE_FORMS:
        return bool(STRIPE_FORMS[form].fullmatch(value))
    return _is_url(value) if form == "url" else _is_email(value)


def _is_url(value: str) -> bool:
    try:
        url = urlsplit(value)
        port_is_right = url.port != 0
    except ValueError:
        return False
    place = url.path if url.scheme.startswith("sqlite") else url.hostname  # a file, and no host, is SQLite's database
    return bool(url.scheme and place and port_is_right) and not re.search(r"\s", value)


def _is_email(value: str) -> bool:
    """An address, with or without a name before it (RFC 5322 3.4); its domain has a dot (RFC 5321 2.3.5)."""
    address = parseaddr(value)[1]
    return bool(re.fullmatch(r"[^\s@<>,;]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]", address))
