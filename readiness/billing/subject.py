"""What several assertions are about, and how they are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from readiness.api import Evidence, Outcome, Reason, StripeAnswer, failed, passed


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A thing at Stripe, with the evidence of what was seen of it."""

    name: str
    """As messages call it: ``price_1``, ``the account acct_1``."""
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def seen(cls, name: str, answer: StripeAnswer, thing: Mapping[str, Any], fields: Iterable[str]) -> Self:
        """A thing of an answer, with those of its fields that decide."""
        lines = [f"{field}: {dig(thing, field)}" for field in fields]
        return cls(name=name, evidence=(Evidence.of(answer.source, "\n".join(lines)),))

    def compare(self, what: str, expected: object, observed: object, *, hint: str = "") -> Outcome:
        """Whether a field has the expected value; `hint` tells the likely cause where it has not."""
        same = expected == observed and isinstance(observed, bool) == isinstance(expected, bool)
        return self.say(f"{what} is {word(observed)}", ok=same, expected=expected, observed=observed, hint=hint)

    def say(
        self,
        what: str,
        *,
        ok: bool,
        expected: object,
        observed: object,
        hint: str = "",
        reason: Reason = Reason.MISMATCH,
    ) -> Outcome:
        """The outcome of one assertion; `what` goes on after the thing's name."""
        sentence, wanted, found = f"{self.name}: {what}", word(expected), word(observed)
        if ok:
            return passed(sentence, expected=wanted, observed=found, subject=self.name, evidence=self.evidence)
        message = f"{sentence}, expected {wanted}" + (f"; {hint}" if hint else "")
        return failed(
            message, reason=reason, expected=wanted, observed=found, subject=self.name, evidence=self.evidence
        )


def word(value: object) -> str:
    """A value of Stripe's JSON for people."""
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def dig(thing: Any, path: str) -> Any:
    """The value at ``settings.payments.statement_descriptor``, or None where a part is missing."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, Mapping) else None
    return thing


def mode_of(thing: Mapping[str, Any]) -> str:
    """``live`` or ``test``, as the object's `livemode` says."""
    return "live" if thing.get("livemode") else "test"
