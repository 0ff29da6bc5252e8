"""Stripe's published test cards (https://docs.stripe.com/testing), and what becomes of a payment with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a payment."""

    PAID = "paid"
    DECLINED = "declined"
    AUTHENTICATE = "authenticate"
    """The customer has to pass 3-D Secure first."""
    PROCESSING = "processing"
    """A bank debit, whose outcome is known days later."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One test card, or test bank account."""

    number: str
    alias: str
    """Behind ``pm_card_`` and ``tok_``: ``visa``."""
    brand: str = "visa"
    fate: Fate = Fate.PAID
    decline_code: str | None = None
    message: str = "Your card was declined."
    code: str = "card_declined"

    @property
    def last4(self) -> str:
        """What an object shows of it."""
        return self.number[-4:]


DECLINED = Fate.DECLINED
CARDS: tuple[Card, ...] = (
    Card(number="4242424242424242", alias="visa"),
    Card(number="5555555555554444", alias="mastercard", brand="mastercard"),
    Card(number="378282246310005", alias="amex", brand="amex"),
    Card(number="4000000000000002", alias="chargeDeclined", fate=DECLINED, decline_code="generic_decline"),
    Card(number="4000000000000341", alias="chargeCustomerFail", fate=DECLINED, decline_code="generic_decline"),
    Card(
        number="4000000000009995",
        alias="chargeDeclinedInsufficientFunds",
        fate=DECLINED,
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
    ),
    Card(
        number="4000000000000069",
        alias="chargeDeclinedExpiredCard",
        fate=DECLINED,
        code="expired_card",
        message="Your card has expired.",
    ),
    Card(
        number="4000000000000127",
        alias="chargeDeclinedIncorrectCvc",
        fate=DECLINED,
        code="incorrect_cvc",
        message="Your card's security code is incorrect.",
    ),
    Card(number="4000002500003155", alias="authenticationRequired", fate=Fate.AUTHENTICATE),
    Card(number="4000000000003220", alias="threeDSecure2Required", fate=Fate.AUTHENTICATE),
)
BANK = Card(number="000123456789", alias="usBankAccount", brand="", fate=Fate.PROCESSING)
"""The bank account whose debit succeeds."""
RETURNED = replace(
    BANK,
    fate=DECLINED,
    code="payment_intent_payment_attempt_failed",
    decline_code="insufficient_funds",
    message="The customer's bank account has insufficient funds to complete this payment.",
)
"""The same account when its bank sends the debit back."""
BY_NUMBER: Mapping[str, Card] = {card.number: card for card in CARDS}
BY_ALIAS: Mapping[str, Card] = {card.alias: card for card in CARDS}
BY_LAST4: Mapping[str, Card] = {card.last4: card for card in (*CARDS, BANK)}
