"""GitHub-flavoured Markdown from strangers' text: what they write stays text.

Escapes what CommonMark 0.31 and the GFM specification give a meaning to, and breaks what GitHub makes of plain
text afterwards: mentions, issue references and bare addresses.
"""

from __future__ import annotations

import re

from readiness.report.words import short, web_address

_ACTIVE = re.compile(r"[\\`*\[\]<>|~$]|&(?=[#A-Za-z])|(?<![^\W_])_|_(?![^\W_])|(?<=[A-Za-z]):(?=//)|\.(?<=[wW]{3}\.)")
# GitHub looks for these in the finished text, where a backslash is gone: a space without width keeps them apart
_REFERENCE = re.compile(r"@(?=[A-Za-z0-9])|#(?=[0-9])|(?<=\b[Gg][Hh]-)(?=[0-9])")
_START = re.compile(r"^(?:(?=[-+=#>:])|(?<=^)([0-9]{1,9})(?=[.)](?:\s|$)))")
GAP = "&#8203;"
BREAK = "\\"
"""At the end of a line: the next one begins a new line (CommonMark 6.7)."""
_NOISY = 3
"""Escapes in a text that is easier to read as code."""


def text(stranger: str, width: int = 200) -> str:
    """One line of running text, of at most `width` characters before it is escaped."""
    line = _ACTIVE.sub(r"\\\g<0>", short(stranger, width))
    line = _REFERENCE.sub(rf"\g<0>{GAP}", line)
    return _START.sub(r"\g<0>\\", line)


def words(stranger: str, width: int = 200) -> str:
    """Running text, or code where it is full of signs, as a pattern is."""
    noisy = len(_ACTIVE.findall(stranger[:width])) > _NOISY
    return code(stranger, width) if noisy else text(stranger, width)


def code(stranger: str, width: int = 120) -> str:
    """The same as a code span, whose fence is longer than any run of backticks in it."""
    line = short(stranger, width) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def link(stranger: str, width: int = 200) -> str:
    """An address that may be one, as an autolink; anything else as code."""
    address = web_address(stranger)
    return f"<{address}>" if address and len(address) <= width else code(stranger, width)
