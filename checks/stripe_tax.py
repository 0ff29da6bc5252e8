"""``stripe.tax``: Stripe can calculate tax where it is due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.api import Effect, Outcome, Reads, StripeAnswer, World
from readiness.billing.access import Access
from readiness.billing.subject import Subject, dig, mode_of
from readiness.billing.tax import EU, regions, registrations, settings

REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
SETTINGS = "https://dashboard.stripe.com/settings/tax"


@dataclass(frozen=True, kw_only=True)
class StripeTax:
    """Stripe can calculate tax: the settings are complete, and there is an active registration where it is due.

    Without a registration Stripe calculates nothing for a region and says nothing of it. A union scheme of the
    EU counts for each of its countries.
    """

    id: ClassVar = "stripe.tax"
    reads: ClassVar = frozenset({Reads.STRIPE, Reads.ENV})
    effect: ClassVar = Effect.READ
    needs_access: ClassVar = (Access.TAX_SETTINGS, Access.TAX_REGISTRATIONS)

    regions: tuple[str, ...] = ()
    """Where tax is due: countries (``DE``), or states (``US-CA``); ISO 3166. Without them, anywhere at all."""
    mode: Literal["test", "live"] | None = None
    """The mode in which it must be so; without it, the key's."""

    def __post_init__(self) -> None:
        for region in self.regions:
            if not REGION.fullmatch(region):
                raise ValueError(f"{region!r} is no region: write a country such as DE, or a state such as US-CA")
            if region == "US":
                raise ValueError("tax is a matter of the states there: write US-CA, US-NY ...")

    def looks_at(self) -> Iterator[str]:
        """Settings and registrations at Stripe."""
        yield "Stripe tax settings"
        yield "Stripe tax registrations"

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at the settings, then at the registrations."""
        yield from self._settings(settings(world))
        yield from self._registrations(registrations(world))

    def _settings(self, answer: StripeAnswer) -> Iterator[Outcome]:
        found = answer.object or {}
        subject = Subject.seen(
            "the tax settings", answer, found, ("status", "status_details", "head_office", "livemode")
        )
        missing = dig(found, "status_details.pending.missing_fields") or ()
        needs = f"missing: {', '.join(missing)}; " if missing else ""
        yield subject.compare("status", "active", found.get("status"), hint=f"{needs}complete them at {SETTINGS}")
        country = dig(found, "head_office.address.country")
        yield subject.say(
            f"head office is {country or 'not set'}",
            ok=bool(country),
            expected="an address",
            observed=country,
            hint=f"set it at {SETTINGS}",
        )
        if self.mode:
            yield subject.compare("mode", self.mode, mode_of(found))

    def _registrations(self, answer: StripeAnswer) -> Iterator[Outcome]:
        active = [thing for thing in answer.objects if thing.get("status") == "active"]
        where = frozenset().union(*map(regions, active))
        others = [f"{thing.get('country')} is {thing.get('status')}" for thing in answer.objects if thing not in active]
        seen = {"active": len(active), "others": ", ".join(others) or "none"}
        subject = Subject.seen("the tax registrations", answer, seen, ("active", "others"))
        for region in self.regions or ("anywhere",):
            ok = bool(where) if region == "anywhere" else region in where
            yield subject.say(
                f"{_names(where)} registered, {region} {'among them' if ok else 'not'}",
                ok=ok,
                expected=region,
                observed=_names(where),
                hint="; ".join([*others, f"add it at {SETTINGS}, once you are registered with the authority"]),
            )


def _names(where: frozenset[str]) -> str:
    """Regions for people; the EU as a whole in one word."""
    short = {"EU", *(where - EU)} if where >= EU else where
    return ", ".join(sorted(short)) or "none"
