"""An account at Stripe: what it may do, and what Stripe still wants to know (https://docs.stripe.com/api/accounts)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from readiness.api import CannotTell, Reason
from readiness.billing.subject import dig

PARTS = (
    "charges_enabled", "payouts_enabled", "details_submitted", "requirements", "capabilities", "business_profile",
    "settings",
)  # fmt: skip
FIELDS = (
    "id", "charges_enabled", "payouts_enabled", "details_submitted", "requirements.disabled_reason",
    "requirements.currently_due", "requirements.past_due", "requirements.pending_verification",
    "requirements.current_deadline", "future_requirements.currently_due", "future_requirements.current_deadline",
    "capabilities", "business_profile.name", "business_profile.url", "settings.payments.statement_descriptor",
)  # fmt: skip
LEGACY = "legacy_payments"
"""What old accounts have instead of `card_payments`."""
NOTHING = "nothing"
HOME = "https://dashboard.stripe.com/account/status"


@dataclass(frozen=True, kw_only=True)
class Due:
    """What Stripe wants to know now, and until when."""

    name: str
    what: str
    when: datetime | None
    """None where there is no date yet."""
    urgent: bool
    """Without a date it is due at once."""

    def before(self, until: datetime) -> bool:
        """Whether something has to be said before that time."""
        if self.what == NOTHING:
            return False
        return self.when <= until if self.when else self.urgent

    def __str__(self) -> str:
        """For people."""
        date = f" until {self.when:%Y-%m-%d}" if self.when and self.what != NOTHING else ""
        return f"{self.name} due{date}: {self.what}"


def dues(account: Mapping[str, Any]) -> Iterator[Due]:
    """Of the rules that hold, and of those that will."""
    for name in ("requirements", "future_requirements"):
        deadline = dig(account, f"{name}.current_deadline")
        yield Due(
            name=name,
            what=", ".join(dig(account, f"{name}.currently_due") or ()) or NOTHING,
            when=datetime.fromtimestamp(deadline, UTC) if deadline else None,
            urgent=name == "requirements",
        )


def capability(account: Mapping[str, Any], name: str) -> str | None:
    """The state of a capability; old accounts have another one for cards."""
    known = account.get("capabilities") or {}
    found: str | None = known.get(name) or (known.get(LEGACY) if name == "card_payments" else None)
    return found


def need_all(account: Mapping[str, Any]) -> None:
    """Raise CannotTell where Stripe does not show a part to this key; one without a value is another thing."""
    hidden = [name for name in PARTS if name not in account]
    if hidden:
        message = f"Stripe does not show {', '.join(hidden)} of the account to this key"
        raise CannotTell(message, reason=Reason.DENIED, fix="use a key that may read all of the account")
