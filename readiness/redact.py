"""Secrets never leave: one choke point for every text that a check or a file brings in.

Known secrets are those that this run resolved; unknown ones are recognised by their form. The
report's own words (ids, states, reasons) never pass through here.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Shorter values are left alone: replacing every `test` would hide the report and no secret."""
BEGINNING = 12
"""Shorter beginnings of a secret at the end of a cut text are left alone: `sk_live_...` is an explanation."""
MARK = "[redacted]"

_KEYS = re.compile(
    r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{8,}|\bwhsec_[0-9A-Za-z+/=]{8,}"  # Stripe
    # SendGrid, Mailgun, Resend
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bkey-[0-9a-f]{32}\b|\bre_[0-9A-Za-z]{8,}_[0-9A-Za-z]{16,}"
    # AWS, GitHub, GitLab, Slack
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36,}|\bgithub_pat_\w{40,}"
    r"|\bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|\b(?!cs_)[a-z]{2,20}_(?:[a-z]{2,20}_)?[0-9a-f]{32,}"  # what a service names so and takes from a generator
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+"  # JSON Web Token, RFC 7519
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_USERINFO = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)")
_CUT = re.compile(r"\s?\.\.\.(?: \([0-9]+ bytes\))?\Z")
"""The mark at the end of a text that was cut."""
_MARK_LENGTH = 40
_CARD = re.compile(r"(?<![\w.-])[3-6](?:[ -]?[0-9]){12,18}(?![\w-]|\.[0-9])")


class Redactor:
    """Replaces secrets by :data:`MARK`; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """Remember a secret, in each form in which it could come back."""
        forms = {form for form in _forms(value) if len(form) >= SHORTEST}
        with self._lock:
            if not forms <= self._forms:
                self._forms = self._forms | forms  # a new set: another thread may be reading the old one
                longest_first = sorted(self._forms, key=len, reverse=True)
                self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text without secrets."""
        known = self._known
        return patterns(self._whole(known.sub(MARK, text)) if known else text)

    def _whole(self, text: str) -> str:
        """The text, which may have been cut within a secret, without that beginning of one."""
        mark = _CUT.search(text[-_MARK_LENGTH:])
        end = text.removesuffix(mark[0]) if mark else text
        least = BEGINNING if mark else 2 * SHORTEST
        for form in self._forms:
            start = end.rfind(form[:least], max(0, len(end) - len(form)))
            if start >= 0 and len(form) > least and form.startswith(end[start:]):
                return f"{end[:start]}{MARK}{mark[0] if mark else ''}"
        return text


def patterns(text: str) -> str:
    """The text without what has the form of a key, of a password in a URL, or of a card number."""
    text = _KEYS.sub(MARK, text)
    text = _USERINFO.sub(MARK, text)
    return _CARD.sub(lambda match: MARK if _luhn(match[0]) else match[0], text)


def _forms(value: str) -> Iterator[str]:
    for form in {value, value.strip()}:
        raw = form.encode("utf-8", "surrogateescape")  # as the environment has it
        yield form
        for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
            yield quoted
            yield _ESCAPE.sub(lambda match: match[0].lower(), quoted)
        yield json.dumps(form)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]
        yield html.escape(form)
        yield repr(form)[1:-1]
        yield from _base64(raw)


def _base64(raw: bytes) -> Iterator[str]:
    """The characters that stand for these bytes, wherever they begin: ``user:secret`` shifts them by one or two."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        whole = (before + len(raw)) * 8 // 6
        form = coded[(before * 8 + 5) // 6 : whole].decode()
        yield form
        yield form.replace("+", "-").replace("/", "_")


def _luhn(text: str) -> bool:
    """Whether the digits of a text pass the check of ISO/IEC 7812-1, annex B."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # noqa: PLR2004 - 2 x 5 is the first with two digits
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
