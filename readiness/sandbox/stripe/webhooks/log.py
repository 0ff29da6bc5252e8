"""What became of each attempt to deliver an event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt."""

    endpoint: str
    """``we_...`` or ``ed_...``."""
    event: str
    type: str
    """``checkout.session.completed``."""
    attempt: int
    """From 1; a duplicate counts for itself."""
    at: int
    """Seconds since the epoch, by the sandbox's clock."""
    status: int | None
    """None where no answer came."""
    response: str = ""
    """First bytes of the answer, or why there was none."""
    duration: float
    """Seconds."""

    @property
    def succeeded(self) -> bool:
        """Only a 2xx is a success; redirects are not followed."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - the 2xx
