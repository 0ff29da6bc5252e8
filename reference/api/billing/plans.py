"""What is sold, read from ``config/plans.json``: the one source of names and prices.

The pages read the same file, so that a price is never written twice.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

PLANS_FILE = Path(__file__).parents[2] / "config" / "plans.json"


class Tier(StrEnum):
    """The tiers that are sold through the checkout."""

    PERSONAL = "personal"
    TEAM = "team"
    ENTERPRISE = "enterprise"


class Plan(BaseModel):
    """One card of the pricing page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: str
    name: str
    description: str
    features: tuple[str, ...]
    recommended: bool
    amount: int | None = Field(default=None, gt=0)
    """Price of one interval in the currency's smallest unit (cents), for tiers sold through Stripe."""
    price_env: str | None = None
    """Variable that holds the Stripe price id."""
    contact: str | None = None
    """Page of the site where the tier is asked for."""
    href: str | None = None
    """Page of the site that replaces the checkout."""


class Plans(BaseModel):
    """All plans, with what they have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    interval: str
    product_type: str
    plans: tuple[Plan, ...]

    def names(self) -> dict[str, str]:
        """The name of each tier."""
        return {plan.tier: plan.name for plan in self.plans}

    def price_envs(self) -> Iterator[tuple[Tier, str]]:
        """Each tier of the checkout with the variable that holds its Stripe price id."""
        by_tier = {plan.tier: plan for plan in self.plans}
        for tier in Tier:
            plan = by_tier.get(tier)
            if plan is None or plan.price_env is None:
                raise ValueError(f"{PLANS_FILE.name} has no price_env for the tier {tier}")
            yield tier, plan.price_env


def load_plans(path: Path = PLANS_FILE) -> Plans:
    """Read the plans. Raises OSError, and ValueError naming the fault."""
    return Plans.model_validate_json(path.read_bytes())
