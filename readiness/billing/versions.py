"""Versions of Stripe's API: ``2026-10-28.endive``, and before that a date alone."""

from __future__ import annotations

import re

FORM = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})(?:\.([a-z]+))?")


def installed() -> str:
    """The version that the installed SDK was made for."""
    import stripe

    return str(stripe.api_version)


def fits(found: str | None, wanted: str) -> bool:
    """Whether events of a version can be read as those of another.

    Monthly releases of one name only add (https://docs.stripe.com/sdks/set-version); versions without a
    name, and the account's default, which anybody may upgrade, fit nothing but themselves.
    """
    one, other = FORM.fullmatch(found or ""), FORM.fullmatch(wanted)
    if found == wanted:
        return True
    return bool(one and other and one[2] and one[2] == other[2])
