"""When a failed delivery is tried again (https://docs.stripe.com/webhooks#retries).

Stripe documents three days of exponential backoff in live mode and three retries within a few hours in a sandbox;
the single delays are ours.
"""

from __future__ import annotations

MINUTE, HOUR = 60.0, 3600.0
DAY = 24 * HOUR
LIVE = (5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 18 * HOUR, 24 * HOUR)
"""Seconds after each failure; under three days together."""
TEST = (5 * MINUTE, HOUR, 3 * HOUR)


def delay(attempt: int, *, livemode: bool) -> float | None:
    """Seconds to wait after the attempt of this number (from 1) failed; None where it was the last."""
    delays = LIVE if livemode else TEST
    return delays[attempt - 1] if attempt <= len(delays) else None
