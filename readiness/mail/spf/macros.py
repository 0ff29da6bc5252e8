"""Macros (RFC 7208 7): their grammar, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from readiness.light import dataclass

MACRO = r"%\{(?P<letter>[slodiphcrtv])(?P<digits>\d*)(?P<reverse>r?)(?P<delimiters>[-.+,/_=]*)\}"
TOKEN = re.compile(rf"{MACRO}|%(?P<escape>[%_-])|(?P<literal>[\x21-\x24\x26-\x7e]+)", re.ASCII | re.IGNORECASE)
TEXT_TOKEN = re.compile(TOKEN.pattern.replace(r"\x21-", r"\x20-"), re.ASCII | re.IGNORECASE)
TOP_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
ESCAPES = {"%": "%", "_": " ", "-": "%20"}
TEXT_ONLY = frozenset("crt")
"""Letters that make sense in an explanation alone (7.2)."""
MANY = 9
"""Digits of a number that is certainly more than a name has parts."""


class BadMacro(ValueError):
    """The text is not what the grammar of RFC 7208 7.1 allows; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Macro:
    """One ``%{...}``."""

    letter: str
    """In lower case."""
    keep: int
    """Parts on the right that are kept; 0 keeps all."""
    reverse: bool
    delimiters: str
    """Empty where the value is not split."""
    url: bool
    """An upper-case letter: the value is URL-escaped."""

    def apply(self, value: str) -> str:
        """Split the value, reverse and keep its parts, join them with dots, escape (7.3)."""
        if self.delimiters:
            parts = re.split(f"[{re.escape(self.delimiters)}]", value)
            ordered = parts[::-1] if self.reverse else parts
            value = ".".join(ordered[-self.keep :])
        return quote(value.encode("utf-8", "surrogatepass"), safe="~") if self.url else value


@dataclass(frozen=True, kw_only=True)
class MacroString:
    """A text whose macros are known."""

    text: str
    parts: tuple[str | Macro, ...]
    open: str
    """The literal text that it ends in; empty where it ends in a macro."""

    @property
    def letters(self) -> frozenset[str]:
        """What it depends on."""
        return frozenset(part.letter for part in self.parts if isinstance(part, Macro))

    def expand(self, value_of: Callable[[str], str]) -> str:
        """The text with the value of every letter in place."""
        return "".join(part if isinstance(part, str) else part.apply(value_of(part.letter)) for part in self.parts)


def parse_explanation(text: str) -> MacroString:
    """``explain-string``: blanks and every letter are allowed. Raises BadMacro."""
    return _tokens(text, TEXT_TOKEN)


def parse_macro_string(text: str) -> MacroString:
    """``macro-string``: without the letters of explanations. Raises BadMacro."""
    made = _tokens(text, TOKEN)
    wrong = made.letters & TEXT_ONLY
    if wrong:
        raise BadMacro(f"%{{{min(wrong)}}} has a meaning in explanations only")
    return made


def parse_domain_spec(text: str) -> MacroString:
    """``domain-spec``: a macro string that ends in a macro, or in a dot and a top label. Raises BadMacro."""
    if not text:
        raise BadMacro("the domain is missing")
    made = parse_macro_string(text)
    if made.open:
        _, dot, label = made.open.removesuffix(".").rpartition(".")
        if not dot:
            raise BadMacro(f"{text!r} is no full domain name")
        if not TOP_LABEL.fullmatch(label) or label.isdigit():
            raise BadMacro(f"{text!r} does not end in a top-level domain")
    return made


def _tokens(text: str, token: re.Pattern[str]) -> MacroString:
    parts: list[str | Macro] = []
    at, end = 0, ""
    while at < len(text):
        found = token.match(text, at)
        if found is None:
            raise BadMacro(_why(text, at))
        parts.append(_part(found))
        at, end = found.end(), found["literal"] or ""
    return MacroString(text=text, parts=tuple(parts), open=end)


def _part(found: re.Match[str]) -> str | Macro:
    letter = found["letter"]
    if letter is None:
        return found["literal"] or ESCAPES[found["escape"]]
    digits = found["digits"].lstrip("0")
    if found["digits"] and not digits:
        raise BadMacro(f"{found[0]} keeps no part at all")
    keep = int(digits[:MANY]) if digits else 0
    split = found["delimiters"] or ("." if found["digits"] or found["reverse"] else "")
    return Macro(
        letter=letter.lower(), keep=keep, reverse=bool(found["reverse"]), delimiters=split, url=letter.isupper()
    )


def _why(text: str, at: int) -> str:
    if text[at] == "%":
        end = text.find("}", at)
        shown = text[at : end + 1] if end > 0 else text[at : at + 8]
        return f"{shown!r} is no macro"
    return f"{text[at]!r} is not allowed there"
