"""Holds an answer against the types of the official SDK: nothing missing, nothing of a wrong type, nothing unknown."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[2] / "data" / "stripe" / "objects.schema.json"
KINDS: Mapping[str, str] = {
    "account": "Accounts.Account",
    "balance": "Balance.Balance",
    "billing_portal.configuration": "BillingPortal/Configurations.Configuration",
    "billing_portal.session": "BillingPortal/Sessions.Session",
    "charge": "Charges.Charge",
    "checkout.session": "Checkout/Sessions.Session",
    "customer": "Customers.Customer",
    "event": "Events.EventBase",
    "invoice": "Invoices.Invoice",
    "invoiceitem": "InvoiceItems.InvoiceItem",
    "item": "LineItems.LineItem",
    "line_item": "InvoiceLineItems.InvoiceLineItem",
    "payment_intent": "PaymentIntents.PaymentIntent",
    "payment_method": "PaymentMethods.PaymentMethod",
    "price": "Prices.Price",
    "product": "Products.Product",
    "setup_intent": "SetupIntents.SetupIntent",
    "subscription": "Subscriptions.Subscription",
    "subscription_item": "SubscriptionItems.SubscriptionItem",
    "tax.registration": "Tax/Registrations.Registration",
    "tax.settings": "Tax/Settings.Settings",
    "v2.core.event_destination": "V2/Core/EventDestinations.EventDestination",
    "webhook_endpoint": "WebhookEndpoints.WebhookEndpoint",
}
"""An object's ``object`` -> its type."""
DELETED = {
    "customer": "Customers.DeletedCustomer",
    "product": "Products.DeletedProduct",
    "webhook_endpoint": "WebhookEndpoints.DeletedWebhookEndpoint",
}


@functools.cache
def document() -> Mapping[str, Any]:
    """The schemas of all objects."""
    schemas: Mapping[str, Any] = json.loads(FILE.read_text("utf-8"))
    return schemas


def complaints(answer: Any) -> Iterator[str]:
    """What is wrong with the body of an answer, one line each."""
    if isinstance(answer, dict) and isinstance(answer.get("data"), list):
        yield from _of_page(answer)
        for element in answer["data"]:
            yield from complaints(element)
        return
    if isinstance(answer, dict) and set(answer) == {"id", "object"} and str(answer["object"]).startswith("v2."):
        return  # what API v2 leaves of a deleted object
    kind = answer.get("object") if isinstance(answer, dict) else None
    name = (DELETED if answer.get("deleted") else KINDS).get(kind) if kind else None
    if name is None:
        yield f"an answer of an unknown kind: {str(answer)[:100]}"
        return
    for error in _validator(name).iter_errors(answer):
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
        yield f"{kind}{where}: {error.message[:200]}"
    if kind == "event":
        yield from complaints(answer["data"]["object"])


def _of_page(answer: Mapping[str, Any]) -> Iterator[str]:
    v1, v2 = {"object", "data", "has_more", "url"}, {"data", "next_page_url", "previous_page_url"}
    if set(answer) not in (v1, v2):
        yield f"a list with the fields {', '.join(sorted(answer))}"


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    reference = f"#/$defs/{name.replace('/', '~1')}"
    return Draft202012Validator({"$ref": reference, "$defs": document()["$defs"]})
