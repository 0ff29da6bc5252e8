"""Which of the TXT records of a name is its SPF record (RFC 7208 4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.light import dataclass

VERSION = re.compile(rb"v=spf1(?: .*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """The SPF records among some TXT records: one is right."""

    found: tuple[bytes, ...]

    @property
    def text(self) -> str | None:
        """The only one, if there is exactly one and it is ASCII (3.1)."""
        return self.found[0].decode("ascii") if len(self.found) == 1 and self.found[0].isascii() else None

    @property
    def trouble(self) -> str | None:
        """Why there is no single readable record although there is one at least."""
        if len(self.found) > 1:
            return f"{len(self.found)} SPF records, and there may be one only"
        return "a character outside ASCII in the SPF record" if self.found and not self.found[0].isascii() else None


def select(records: Iterable[bytes]) -> Selected:
    """The records whose version section is exactly ``v=spf1``, in upper or lower case, the end or a blank after it."""
    return Selected(found=tuple(record for record in records if VERSION.fullmatch(record)))
