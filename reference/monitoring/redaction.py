"""Keeps keys, card data and addresses of people out of the log.

It is applied to the finished values of every record, so it also sees what a library, a child
logger or a traceback wrote. Where it is unsure it removes too much rather than too little.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

REMOVED = "[redacted]"

SECRET_NAME = re.compile(r"card|cvc|cvv|passw|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
"""Names of fields whose value is removed whatever it looks like."""

ATOM = r"\w.!#$%&'*+/=?^`{|}~-"
PATTERNS = (
    # Stripe's keys, also as Stripe's own messages show them: sk_test_****abcd
    re.compile(r"(?:sk|rk|pk)_(?:live|test)_[\w*]+"),
    re.compile(r"kamiyo_mcp_\w+"),
    re.compile(r"whsec_[\w+/=*-]+"),
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"),
    re.compile(r"(?i)(?<=\bbearer )\S+"),
    re.compile(r"(?i)(?<=\bbasic )\S+"),
    # user:password in a URL
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    # a CVV has no shape of its own: three or four digits behind its name
    re.compile(r"(?i)(?<![a-z])(?:cvv2?|cvc2?|csc|security[ _-]code)\W{0,5}\d{3,4}(?!\d)"),
    # an address, also percent-encoded: a dot-atom (RFC 5322, 3.2.3) at a domain
    re.compile(rf"(?<![{ATOM}])[{ATOM}]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"),
)
SPACE = "%20"
DIGITS = re.compile(rf"(?:\d(?:{SPACE}|_|[^\w:]){{0,3}}){{12,}}\d")
"""Within a word too, as a card number may be glued to one: ids of our own must therefore be letters.

Groups of digits may have any signs between them but the colon, which stands in times.
"""
SHORTEST_SECRET = 8
"""A shorter value would be found in innocent words."""
CARD_LENGTHS = range(13, 20)
"""Digits of a primary account number (ISO/IEC 7812-1)."""


def is_card_number(digits: str) -> bool:
    """Whether the digits fulfil the Luhn check (ISO/IEC 7812-1, annex B)."""
    doubled = "".join(str(int(digit) * 2) for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2] + doubled)) % 10 == 0


def holds_card_number(digits: str) -> bool:
    """Whether a run of digits has a card number anywhere in it, so that a glued CVV hides nothing."""
    return any(
        is_card_number(digits[start : start + length])
        for length in CARD_LENGTHS
        for start in range(len(digits) - length + 1)
        if digits[start] in "23456"  # the networks' leading digits; leaves most timestamps alone
    )


def _without_cards(match: re.Match[str]) -> str:
    digits = re.sub(rf"{SPACE}|\D", "", match[0])
    return REMOVED if holds_card_number(digits) else match[0]


@dataclass(frozen=True, kw_only=True)
class Redactor:
    """Removes what must not be read in a log."""

    secrets: tuple[str, ...] = ()
    """Values that are removed wherever they appear, longest first."""

    @classmethod
    def knowing(cls, secrets: Iterable[str]) -> Self:
        """Know the service's own secrets besides the general patterns."""
        return cls(secrets=tuple(sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True)))

    def text(self, value: str) -> str:
        """The text without secrets."""
        for secret in self.secrets:
            value = value.replace(secret, REMOVED)
        for pattern in PATTERNS:
            value = pattern.sub(REMOVED, value)
        return DIGITS.sub(_without_cards, value)

    def value(self, value: Any, name: str = "") -> Any:
        """A value for JSON without secrets, whatever it holds."""
        if SECRET_NAME.search(name) and value is not None:
            return REMOVED
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return self._scalar(value)

    def _scalar(self, value: object) -> str | float | None:
        if value is None or isinstance(value, bool):
            return value
        clean = self.text(str(value))
        return value if isinstance(value, int | float) and clean == str(value) else clean
