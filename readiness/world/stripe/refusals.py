"""What Stripe's refusals mean, and what to do about them.

What the SDK says of a failed connection may quote the key, so nothing of it is passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.api import CannotTell, KeyRefused, OtherMode, Reason

if TYPE_CHECKING:
    import stripe

PERMISSION = re.compile(r"\brak_[a-z_]+")
OTHER_MODE = re.compile(r"exists in (live|test) mode")


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """The words for one question."""

    what: str
    """What was asked for: ``prices price_1``."""
    base: str
    key_name: str
    mode: str

    def of(self, error: stripe.StripeError) -> CannotTell | None:
        """What to raise; None where Stripe says that the object is not there."""
        import stripe

        if isinstance(error, stripe.APIConnectionError):
            cause = type(error.__cause__).__name__ if error.__cause__ else "no answer"
            fix = "check the network, and status.stripe.com"
            return CannotTell(f"{self.base} is out of reach: {cause}", fix=fix)
        if _code(error) in {"resource_missing", "not_found"}:
            return self._elsewhere(error.user_message or "")
        return self._by_status(error)

    def _elsewhere(self, words: str) -> OtherMode | None:
        found = OTHER_MODE.search(words)
        if not found:
            return None
        return OtherMode(f"{self.what} exists in {found[1]} mode, but {self.key_name} is a {self.mode} mode key")

    def _by_status(self, error: stripe.StripeError) -> CannotTell:
        match error.http_status:
            case 401:
                return self._unaccepted(error)
            case 403:
                return self._forbidden(error.user_message or "")
            case 429:
                message = f"Stripe limits the rate of requests with the key in {self.key_name} (429)"
                return CannotTell(message, reason=Reason.RATE_LIMITED, fix="run again later, or with fewer --jobs")
            case 400 | 402 | 404 | 409:
                code = _code(error) or "invalid request"
                return CannotTell(f"{self.base} refuses to show {self.what}: {code} ({error.http_status})")
            case status:
                return self.unusable(status)

    def unusable(self, status: int | None = None) -> CannotTell:
        """What was answered is nothing that Stripe says."""
        message = f"{self.base} gave no usable answer for {self.what} ({status or 'no status'})"
        return CannotTell(message, fix="run again later; see status.stripe.com")

    def _unaccepted(self, error: stripe.StripeError) -> KeyRefused:
        fate = "has expired or was rolled" if _code(error) == "api_key_expired" else "is not accepted by Stripe"
        fix = f"set {self.key_name} to a key of this account that is neither expired nor rolled"
        return KeyRefused(f"the {self.mode} mode key in {self.key_name} {fate} (401)", reason=Reason.DENIED, fix=fix)

    def _forbidden(self, words: str) -> CannotTell:
        missing = ", ".join(dict.fromkeys(PERMISSION.findall(words)))
        if not missing:
            fix = f"use a key that may read {self.what}"
            return CannotTell(
                f"the key in {self.key_name} may not read {self.what} (403)", reason=Reason.DENIED, fix=fix
            )
        message = f"the key in {self.key_name} lacks the permission {missing}, so {self.what} cannot be read (403)"
        fix = f"add {missing} to the restricted key in Stripe's dashboard; `readiness doctor` lists all that is needed"
        return CannotTell(message, reason=Reason.DENIED, fix=fix)


def _code(error: stripe.StripeError) -> str | None:
    """Stripe's code; the SDK does not keep it with every kind of error."""
    body = error.json_body.get("error") if isinstance(error.json_body, dict) else None
    code = error.code or (body.get("code") if isinstance(body, dict) else None)
    return code if isinstance(code, str) else None
