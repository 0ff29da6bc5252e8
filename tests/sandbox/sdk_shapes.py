"""What Stripe's API accepts, read from the official SDK's types; writes the sandbox's data file.

    python -m tests.sandbox.sdk_shapes

The SDK is generated from Stripe's OpenAPI document, so its TypedDicts name every parameter of
every call. The sandbox itself runs without the SDK; a test compares the file with the one installed.
"""

from __future__ import annotations

import importlib
import json
import types
import typing
from decimal import Decimal
from pathlib import Path
from typing import Any

from stripe import StripeContext, _request_options

FILE = Path(__file__).parents[2] / "readiness" / "sandbox" / "stripe" / "params.json"

PORTAL = "billing_portal._configuration"
CALLS = {
    "account.retrieve": "_account_retrieve_current_params.AccountRetrieveCurrentParams",
    "product.create": "_product_create_params.ProductCreateParams",
    "product.retrieve": "_product_retrieve_params.ProductRetrieveParams",
    "product.update": "_product_update_params.ProductUpdateParams",
    "product.list": "_product_list_params.ProductListParams",
    "price.create": "_price_create_params.PriceCreateParams",
    "price.retrieve": "_price_retrieve_params.PriceRetrieveParams",
    "price.update": "_price_update_params.PriceUpdateParams",
    "price.list": "_price_list_params.PriceListParams",
    "customer.create": "_customer_create_params.CustomerCreateParams",
    "customer.retrieve": "_customer_retrieve_params.CustomerRetrieveParams",
    "customer.list": "_customer_list_params.CustomerListParams",
    "checkout.session.create": "checkout._session_create_params.SessionCreateParams",
    "checkout.session.retrieve": "checkout._session_retrieve_params.SessionRetrieveParams",
    "checkout.session.list": "checkout._session_list_params.SessionListParams",
    "checkout.session.expire": "checkout._session_expire_params.SessionExpireParams",
    "checkout.session.list_line_items": "checkout._session_list_line_items_params.SessionListLineItemsParams",
    "balance.retrieve": "_balance_retrieve_params.BalanceRetrieveParams",
    "billing_portal.configuration.create": "billing_portal._configuration_create_params.ConfigurationCreateParams",
    "billing_portal.configuration.list": "billing_portal._configuration_list_params.ConfigurationListParams",
    "billing_portal.configuration.retrieve": f"{PORTAL}_retrieve_params.ConfigurationRetrieveParams",
    "billing_portal.configuration.update": "billing_portal._configuration_update_params.ConfigurationUpdateParams",
    "billing_portal.session.create": "billing_portal._session_create_params.SessionCreateParams",
    "charge.list": "_charge_list_params.ChargeListParams",
    "charge.retrieve": "_charge_retrieve_params.ChargeRetrieveParams",
    "customer.delete": "_customer_delete_params.CustomerDeleteParams",
    "customer.update": "_customer_update_params.CustomerUpdateParams",
    "customer.list_payment_methods": "_customer_payment_method_list_params.CustomerPaymentMethodListParams",
    "event.list": "_event_list_params.EventListParams",
    "event.retrieve": "_event_retrieve_params.EventRetrieveParams",
    "invoice.create": "_invoice_create_params.InvoiceCreateParams",
    "invoice.finalize": "_invoice_finalize_invoice_params.InvoiceFinalizeInvoiceParams",
    "invoice.list": "_invoice_list_params.InvoiceListParams",
    "invoice.pay": "_invoice_pay_params.InvoicePayParams",
    "invoice.retrieve": "_invoice_retrieve_params.InvoiceRetrieveParams",
    "invoice.void": "_invoice_void_invoice_params.InvoiceVoidInvoiceParams",
    "invoiceitem.create": "_invoice_item_create_params.InvoiceItemCreateParams",
    "payment_intent.cancel": "_payment_intent_cancel_params.PaymentIntentCancelParams",
    "payment_intent.capture": "_payment_intent_capture_params.PaymentIntentCaptureParams",
    "payment_intent.confirm": "_payment_intent_confirm_params.PaymentIntentConfirmParams",
    "payment_intent.create": "_payment_intent_create_params.PaymentIntentCreateParams",
    "payment_intent.list": "_payment_intent_list_params.PaymentIntentListParams",
    "payment_intent.retrieve": "_payment_intent_retrieve_params.PaymentIntentRetrieveParams",
    "payment_method.attach": "_payment_method_attach_params.PaymentMethodAttachParams",
    "payment_method.create": "_payment_method_create_params.PaymentMethodCreateParams",
    "payment_method.list": "_payment_method_list_params.PaymentMethodListParams",
    "payment_method.retrieve": "_payment_method_retrieve_params.PaymentMethodRetrieveParams",
    "product.delete": "_product_delete_params.ProductDeleteParams",
    "setup_intent.retrieve": "_setup_intent_retrieve_params.SetupIntentRetrieveParams",
    "subscription.cancel": "_subscription_cancel_params.SubscriptionCancelParams",
    "subscription.create": "_subscription_create_params.SubscriptionCreateParams",
    "subscription.list": "_subscription_list_params.SubscriptionListParams",
    "subscription.retrieve": "_subscription_retrieve_params.SubscriptionRetrieveParams",
    "subscription.update": "_subscription_update_params.SubscriptionUpdateParams",
    "tax.registration.create": "tax._registration_create_params.RegistrationCreateParams",
    "tax.registration.list": "tax._registration_list_params.RegistrationListParams",
    "tax.registration.retrieve": "tax._registration_retrieve_params.RegistrationRetrieveParams",
    "tax.settings.retrieve": "tax._settings_retrieve_params.SettingsRetrieveParams",
    "tax.settings.update": "tax._settings_update_params.SettingsUpdateParams",
    "v2.core.event_destination.create": "v2.core._event_destination_create_params.EventDestinationCreateParams",
    "v2.core.event_destination.delete": "v2.core._event_destination_delete_params.EventDestinationDeleteParams",
    "v2.core.event_destination.disable": "v2.core._event_destination_disable_params.EventDestinationDisableParams",
    "v2.core.event_destination.enable": "v2.core._event_destination_enable_params.EventDestinationEnableParams",
    "v2.core.event_destination.list": "v2.core._event_destination_list_params.EventDestinationListParams",
    "v2.core.event_destination.retrieve": "v2.core._event_destination_retrieve_params.EventDestinationRetrieveParams",
    "webhook_endpoint.create": "_webhook_endpoint_create_params.WebhookEndpointCreateParams",
    "webhook_endpoint.delete": "_webhook_endpoint_delete_params.WebhookEndpointDeleteParams",
    "webhook_endpoint.list": "_webhook_endpoint_list_params.WebhookEndpointListParams",
    "webhook_endpoint.retrieve": "_webhook_endpoint_retrieve_params.WebhookEndpointRetrieveParams",
    "webhook_endpoint.update": "_webhook_endpoint_update_params.WebhookEndpointUpdateParams",
}
"""Name of the call in the data file -> TypedDict below ``stripe.params``."""

UNTYPED: dict[str, dict[str, Any]] = {
    "v2.core.event_destination.list": {"page": "string"},
    # Stripe takes the names of older versions from callers of older versions, and so from its own CLI
    "payment_intent.create": {"payment_method_types": {"list": "string"}},
    "payment_page.retrieve": {},
    "payment_page.confirm": {"expected_amount": "integer", "payment_method": "string"},
}
"""What the SDK has no types for: the page that a ``next_page_url`` names, and what the hosted page and the CLI send."""

NAMES = {**vars(_request_options), "StripeContext": StripeContext}
"""What the annotations of the options that each call inherits refer to."""

SCALARS = {str: "string", int: "integer", bool: "boolean", float: "number", Decimal: "decimal"}


def shapes() -> dict[str, Any]:
    """The parameters of each call as nested types; see readiness/sandbox/stripe/params.py for their meaning."""
    found = {call: _fields(_load(where)) for call, where in CALLS.items()}
    for call, more in UNTYPED.items():
        required = ["payment_method"] if "payment_method" in more else []
        found.setdefault(call, {"fields": {}, "required": required})["fields"] |= more
    return found


def _load(where: str) -> Any:
    module, _, name = where.rpartition(".")
    return getattr(importlib.import_module(f"stripe.params.{module}"), name)


def _fields(params: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(params, localns=NAMES, include_extras=True)
    own = {name: hint for name, hint in hints.items() if name not in _request_options.RequestOptions.__annotations__}
    required = sorted(name for name, hint in own.items() if not _optional(hint))
    return {"fields": {name: _type(hint) for name, hint in sorted(own.items())}, "required": required}


def _optional(hint: Any) -> bool:
    return getattr(typing.get_origin(hint), "__name__", "") == "NotRequired"


def _type(hint: Any) -> Any:
    if typing.get_origin(hint) is None:
        return SCALARS[hint] if hint in SCALARS else _fields(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return {"list": _type(args[0])}
    if origin is dict:
        return {"map": _type(args[1])}
    if origin is typing.Literal:
        return {"enum": list(args)}
    if origin in (typing.Union, types.UnionType):
        return _union(args)
    return _type(args[0])  # NotRequired


def _union(hints: tuple[Any, ...]) -> Any:
    """One type where the union says one thing twice: an open enum, or a mapping and the SDK's own class for it."""
    parts = [_type(hint) for hint in hints if getattr(typing.get_origin(hint), "__name__", "") != "UntypedStripeObject"]
    words = [word for part in parts if isinstance(part, dict) and "enum" in part for word in part["enum"]]
    open_enum = "string" in parts and [word for word in words if word]
    kept = [part for part in parts if not (open_enum and part == "string")]
    return kept[0] if len(kept) == 1 else {"any": kept}


def text() -> str:
    """The content of the data file: one call a line."""
    lines = [f"{json.dumps(call)}: {json.dumps(shape, separators=(',', ':'))}" for call, shape in shapes().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
