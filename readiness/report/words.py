"""Words for people: states and verdicts, times, and strangers' text made visible and short."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from readiness.checklist.model import State
from readiness.console import one_line, printable
from readiness.report.model import Verdict

WORDS = {
    State.PASS: "passed",
    State.FAIL: "failed",
    State.ERROR: "error",
    State.PENDING: "pending",
    State.SKIPPED: "not looked at",
    State.NOT_APPLICABLE: "not applicable",
}
SYMBOLS = {
    State.PASS: "✓",
    State.FAIL: "✗",
    State.ERROR: "!",
    State.PENDING: "…",
    State.SKIPPED: "-",
    State.NOT_APPLICABLE: "○",
}
VERDICT_WORDS = {
    Verdict.READY: "READY",
    Verdict.NOT_READY: "NOT READY",
    Verdict.UNVERIFIED: "UNVERIFIED",
    Verdict.WAITING: "WAITING",
}
# what Unicode shows as nothing or lets reorder text, beyond what `printable` knows; lone surrogates cannot be encoded
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2028\u2029\u2060-\u206f\u3164\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_LONGEST_URL = 2000


def visible(text: str) -> str:
    """The text with everything spelled out that a reader would not see."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(text))


def short(text: str, width: int) -> str:
    """One visible line of at most `width` characters; an ellipsis tells that there is more."""
    line = visible(one_line(text[: width * 8]))
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def sentence(text: str) -> str:
    """The text with a full stop, and a capital where it begins with a word and not with a name such as report.json."""
    text = text.strip()
    head = text[:1].upper() if re.match(r"[a-z]+(?=[ ,;:])", text) else text[:1]
    return head + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


def moment(when: str | datetime | None) -> str:
    """``2026-11-23 22:07 UTC``; what is no time is shown as it is."""
    if when is None:
        return "—"
    try:
        found = datetime.fromisoformat(when) if isinstance(when, str) else when
        return f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return short(str(when), 40)


def day(when: str | datetime | None) -> str:
    """``2026-11-23``, in UTC."""
    return moment(when).partition(" ")[0]


def web_address(text: str) -> str | None:
    """The text where it is an address that may become a link: http or https, with a host, without a user."""
    if len(text) > _LONGEST_URL or visible(text) != text or re.search(r"[\s\"'<>`\\{}|^]", text):
        return None
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return text if fine else None


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 item``, ``2 items``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
