"""``stripe.account``: the key works, and the account may take money and pay it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from readiness.api import Effect, KeyRefused, Outcome, Reads, World, failed
from readiness.billing.access import Access
from readiness.billing.account import FIELDS, HOME, capability, dues, need_all
from readiness.billing.subject import Subject, dig
from readiness.duration import parse_duration

Profile = Literal["name", "url", "support_email", "support_phone", "support_url", "product_description", "mcc"]
CONTACTS = ("support_email", "support_phone", "support_url")


@dataclass(frozen=True, kw_only=True)
class StripeAccount:
    """The key works, and the account may take money and pay it out, today and for some time.

    The key is what is looked at, so one that is not set, is none or is not accepted fails; that Stripe is out
    of reach or that the key may not read the account is an error. Customers find whom to ask on the receipt and
    whom they paid on the card's statement, so both must be set.
    """

    id: ClassVar = "stripe.account"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = (Access.ACCOUNT,)

    mode: Literal["test", "live"] | None = None
    """The mode that the key must belong to."""
    activated: bool = True
    """Look at more than the key; false where nobody pays yet, for an account in test mode need not be activated."""
    due_within: str = "30d"
    """What Stripe wants to know before that time is over is a failure."""
    capabilities: tuple[str, ...] = ("card_payments",)
    """What must be active: ``card_payments``, ``transfers``, ``link_payments`` ..."""
    profile: tuple[Profile, ...] = ("name", "url")
    """What the business profile must say; and always a support address, phone or page."""
    statement_descriptor: str | None = None
    """What the descriptor on card statements must contain, whatever the letter case; without it, anything."""

    def __post_init__(self) -> None:
        parse_duration(self.due_within)
        if self.statement_descriptor is not None and not self.statement_descriptor.strip():
            raise ValueError("`statement_descriptor` is empty: leave it out, and any will do")

    def looks_at(self) -> Iterator[str]:
        """The variable, and the object at Stripe."""
        yield "$STRIPE_SECRET_KEY"
        yield "Stripe account"

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask for the account, and look at its parts."""
        try:
            answer, mode = world.stripe.retrieve("accounts"), world.stripe.mode()
        except KeyRefused as refused:
            cure = f": {refused.fix}" if refused.fix else ""
            yield failed(f"{refused.message}{cure}", reason=refused.reason, expected="a key that works")
            return
        account = answer.objects[0]
        subject = Subject.seen(f"the account {account.get('id')}", answer, account, FIELDS)
        yield subject.say(
            f"the key works, and is a {mode} mode key",
            ok=self.mode in {None, mode},
            expected=self.mode or mode,
            observed=mode,
        )
        if self.activated:
            need_all(account)
            yield from self._abilities(subject, account)
            yield from self._requirements(subject, account, world.now())
            yield from self._words(subject, account)

    def _abilities(self, subject: Subject, account: Mapping[str, Any]) -> Iterator[Outcome]:
        reason = dig(account, "requirements.disabled_reason")
        for name in ("charges_enabled", "payouts_enabled", "details_submitted"):
            yield subject.compare(name, True, account.get(name), hint=f"complete the account at {HOME}")
        yield subject.compare("requirements.disabled_reason", None, reason, hint=f"Stripe holds it back: see {HOME}")
        for name in self.capabilities:
            yield subject.compare(
                f"capability {name}", "active", capability(account, name), hint=f"ask for it, or answer, at {HOME}"
            )

    def _requirements(self, subject: Subject, account: Mapping[str, Any], now: datetime) -> Iterator[Outcome]:
        """What Stripe wants to know: too late already, or before the time is over."""
        late = dig(account, "requirements.past_due") or ()
        yield subject.compare("past due", "nothing", ", ".join(late) or "nothing", hint=f"answer it at {HOME}")
        until = now + timedelta(seconds=parse_duration(self.due_within))
        for due in dues(account):
            yield subject.say(
                str(due),
                ok=not due.before(until),
                expected=f"nothing within {self.due_within}",
                observed=due.what,
                hint=f"answer it at {HOME}, else charges or payouts stop",
            )

    def _words(self, subject: Subject, account: Mapping[str, Any]) -> Iterator[Outcome]:
        """What customers read."""
        profile = account.get("business_profile") or {}
        for name in self.profile:
            yield subject.say(
                f"business_profile.{name} is {profile.get(name) or 'not set'}",
                ok=bool(profile.get(name)),
                expected="set",
                observed=profile.get(name),
                hint="set it at https://dashboard.stripe.com/settings/business-details",
            )
        contact = next((profile[name] for name in CONTACTS if profile.get(name)), None)
        yield subject.say(
            f"support contact is {contact or 'not set'}",
            ok=bool(contact),
            expected="an address, phone or page",
            observed=contact,
            hint="customers who find nobody to ask ask their bank for the money back",
        )
        yield self._descriptor(subject, dig(account, "settings.payments.statement_descriptor") or "")

    def _descriptor(self, subject: Subject, found: str) -> Outcome:
        wanted = self.statement_descriptor or ""
        return subject.say(
            f"statement descriptor is {found or 'not set'}",
            ok=bool(found) and wanted.lower() in found.lower(),
            expected=wanted or "set",
            observed=found or None,
            hint="customers who do not know whom they paid ask for the money back",
        )
