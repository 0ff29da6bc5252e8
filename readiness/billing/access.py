"""What a restricted key must be allowed for the kinds ``stripe.*`` (https://docs.stripe.com/keys/restricted-api-keys)."""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """One row of the page on which a restricted key is made; the value is its name in Stripe's refusals."""

    ACCOUNT = "rak_accounts_kyc_basic_read"
    PRICES = "rak_plan_read"
    PRODUCTS = "rak_product_read"
    WEBHOOKS = "rak_webhook_read"
    EVENTS = "rak_event_read"
    PORTAL = "rak_customer_portal_read"
    TAX_SETTINGS = "rak_tax_settings_read"
    TAX_REGISTRATIONS = "rak_tax_registrations_read"
    SESSIONS = "rak_checkout_session_read"
    EXPIRE_SESSIONS = "rak_checkout_session_write"
    SUBSCRIPTIONS = "rak_subscription_read"
    PAYMENT_INTENTS = "rak_payment_intent_read"

    @property
    def row(self) -> str:
        """The row's name in the dashboard, and what to choose there."""
        return _ROWS[self][0]

    @property
    def probe(self) -> tuple[str, bool] | None:
        """The service that tells whether a key has it, and whether that is a list; None where asking would write."""
        return _ROWS[self][1]


_ROWS: dict[Access, tuple[str, tuple[str, bool] | None]] = {
    Access.ACCOUNT: ("Accounts (basic information): Read", ("accounts", False)),
    Access.PRICES: ("Prices: Read", ("prices", True)),
    Access.PRODUCTS: ("Products: Read", ("products", True)),
    Access.WEBHOOKS: ("Webhook Endpoints: Read", ("webhook_endpoints", True)),
    Access.EVENTS: ("Events: Read", ("events", True)),
    Access.PORTAL: ("Customer portal: Read", ("billing_portal.configurations", True)),
    Access.TAX_SETTINGS: ("Tax Settings: Read", ("tax.settings", False)),
    Access.TAX_REGISTRATIONS: ("Tax Registrations: Read", ("tax.registrations", True)),
    Access.SESSIONS: ("Checkout Sessions: Read", ("checkout.sessions", True)),
    Access.EXPIRE_SESSIONS: ("Checkout Sessions: Write, in test mode alone", None),
    Access.SUBSCRIPTIONS: ("Subscriptions: Read", ("subscriptions", True)),
    Access.PAYMENT_INTENTS: ("PaymentIntents: Read", ("payment_intents", True)),
}
