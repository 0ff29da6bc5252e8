"""``stripe.portal``: customers can manage their subscription in Stripe's customer portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.api import Effect, Outcome, Reads, Reason, World, failed
from readiness.billing.access import Access
from readiness.billing.subject import Subject, dig, mode_of

Feature = Literal[
    "customer_update", "invoice_history", "payment_method_update", "subscription_cancel", "subscription_update"
]
SETTINGS = "https://dashboard.stripe.com/settings/billing/portal"


@dataclass(frozen=True, kw_only=True)
class StripePortal:
    """The customer portal's default configuration is active, and has the features that are asked for.

    It comes into being when the portal's settings are saved for the first time, in test and in live mode apart.
    """

    id: ClassVar = "stripe.portal"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = (Access.PORTAL,)

    features: tuple[Feature, ...] = ()
    """What customers must be able to do there."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it must exist; without it, the key's."""

    def looks_at(self) -> Iterator[str]:
        """The configuration at Stripe."""
        yield "Stripe customer portal's default configuration"

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at the default configuration."""
        answer = world.stripe.list("billing_portal.configurations", is_default=True)
        default = next((thing for thing in answer.objects if thing.get("is_default")), None)
        if default is None:
            mode = world.stripe.mode()
            message = f"the customer portal has no default configuration in {mode} mode: save it once at {SETTINGS}"
            yield failed(message, reason=Reason.MISSING, expected="a default configuration", observed="none")
            return
        fields = ("active", "livemode", *(f"features.{name}" for name in self.features))
        subject = Subject.seen(f"the portal configuration {default.get('id')}", answer, default, fields)
        yield subject.compare("active", True, default.get("active"), hint=f"save it at {SETTINGS}")
        if self.mode:
            yield subject.compare("mode", self.mode, mode_of(default))
        for name in self.features:
            enabled = dig(default, f"features.{name}.enabled")
            yield subject.compare(f"{name}.enabled", True, enabled, hint=f"switch it on at {SETTINGS}, and save")
