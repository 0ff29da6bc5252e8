"""Who somebody is, however it is spelled."""

from __future__ import annotations

import re
import unicodedata

_ADDRESS = re.compile(r"<([^<>]*)>\s*$")
_TAG = re.compile(r"\+[^@]*(?=@)")
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: in other letters, with a display name, a `mailto:` or a +tag (RFC 5233)."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name)
    address = _ADDRESS.search(text)
    seen = "".join(char for char in (address[1] if address else text) if unicodedata.category(char) not in _UNSEEN)
    return _TAG.sub("", seen.casefold().removeprefix("mailto:").strip("\"'.,;"))
