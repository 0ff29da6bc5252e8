"""``stripe.evidence``: the purchase that somebody names is at Stripe, and it was paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.api import Effect, Outcome, Reads, Reason, World, failed
from readiness.billing.purchases import NEEDS, Purchase, ids


@dataclass(frozen=True, kw_only=True)
class StripeEvidence:
    """The purchase that somebody names is at Stripe, and it was paid.

    Made for `evidence_check`: the note of a person names a checkout session (``cs_...``), a payment (``pi_...``)
    or a subscription (``sub_...``), alone or among other words, and each of them is looked up. It was paid, in
    the right mode, in the right amount; the subscription that came of it runs and carries what the webhook needs.
    """

    id: ClassVar = "stripe.evidence"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = NEEDS

    text: str
    """What the person brought: ``${evidence}``."""
    at_least: int = 1
    """How many purchases it must name."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it was paid; without it, the key's."""
    amounts: tuple[int, ...] = ()
    """What was paid, in the currency's smallest unit: one of these. Without it, more than nothing."""
    currency: str | None = None
    """Three-letter code (ISO 4217)."""
    subscription: Literal["active", "started", "any"] = "active"
    """``active``: it still runs. ``started``: it was paid once, and may be cancelled by now."""
    metadata: tuple[str, ...] = ()
    """Names that the session and its subscription must carry: ``tier``."""

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise ValueError("`at_least` begins at 1, or nothing would be asserted")
        if any(amount < 0 for amount in self.amounts):
            raise ValueError("`amounts` cannot be negative")

    def looks_at(self) -> Iterator[str]:
        """The objects at Stripe."""
        yield from (f"Stripe {name}" for name in ids(self.text) or ["purchases that the evidence names"])

    def run(self, world: World) -> Iterator[Outcome]:
        """Look up everything that the text names."""
        found = ids(self.text)
        if len(found) < self.at_least:
            yield failed(
                f"the evidence names {len(found)} of {self.at_least} purchases: note the ids (cs_..., pi_..., sub_...)",
                reason=Reason.MISSING,
                expected=f"{self.at_least} or more ids",
                observed=", ".join(found) or "none",
            )
        bought = Purchase(
            mode=self.mode,
            amounts=self.amounts,
            currency=self.currency,
            subscription=self.subscription,
            metadata=self.metadata,
        )
        for identity in found:
            yield from bought.judge(world, identity)
