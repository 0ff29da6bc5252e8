"""What the sandbox answers and accepts, against the official SDK, which is generated from Stripe's OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from readiness.sandbox.stripe.resources import ROUTES
from tests.sandbox import sdk_shapes

pytestmark = pytest.mark.slow

MAY_BE_ABSENT = {
    "account": {"company", "deleted", "individual"},
    "product": {"deleted"},
    "price": {"deleted", "currency_options", "tiers"},
    "customer": {
        "business_name", "cash_balance", "deleted", "individual_name", "invoice_credit_balance", "sources",
        "subscriptions", "tax", "tax_ids",
    },
    "item": {"discounts", "taxes"},
    "checkout.session": {
        "excluded_payment_method_types", "line_items", "name_collection", "optional_items", "presentment_details",
        "redirect_on_completion", "return_url", "tax_id_collection",
    },
}  # fmt: skip
"""Fields that Stripe leaves out unless they apply or are expanded: the optional ones of its TypeScript types."""

CLASSES: dict[str, type[stripe.StripeObject]] = {
    "account": stripe.Account,
    "product": stripe.Product,
    "price": stripe.Price,
    "customer": stripe.Customer,
    "item": stripe.LineItem,
    "checkout.session": stripe.checkout.Session,
}


def fields(kind: type[stripe.StripeObject]) -> set[str]:
    return {name for name in kind.__annotations__ if name != "OBJECT_NAME" and not name.startswith("_")}


@pytest.fixture
def objects(client: stripe.StripeClient) -> dict[str, dict[str, Any]]:
    """One of each kind, from a request that fills in as much as it can."""
    product = client.v1.products.create(
        {
            "name": "Team",
            "tax_details": {"tax_code": "txcd_10103001"},
            "marketing_features": [{"name": "Fast"}],
        }
    )
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 9900,
            "product": product.id,
            "recurring": {"interval": "month"},
            "expand": ["currency_options", "tiers"],
        }
    )
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": price.id, "quantity": 1, "adjustable_quantity": {"enabled": True}}],
            "success_url": "https://example.test",
            "customer_email": "a@b.co",
            "automatic_tax": {"enabled": True},
            "tax_id_collection": {"enabled": True},
            "consent_collection": {"terms_of_service": "required"},
            "custom_text": {"submit": {"message": "Hello"}},
            "expand": ["line_items"],
        }
    )
    assert session.line_items is not None
    customer = client.v1.customers.create({"email": "a@b.co"})
    made: list[stripe.StripeObject] = [
        client.v1.accounts.retrieve_current(),
        product,
        price,
        customer,
        session,
        session.line_items.data[0],
    ]
    return {thing["object"]: thing.to_dict() for thing in made}


@pytest.mark.parametrize("kind", CLASSES)
def test_every_documented_field_is_there_and_no_other(objects: dict[str, dict[str, Any]], kind: str) -> None:
    documented, shown = fields(CLASSES[kind]), set(objects[kind])
    assert shown - documented == set()
    assert documented - shown - MAY_BE_ABSENT[kind] == set()


@pytest.mark.parametrize("kind", CLASSES)
def test_hashes_inside_have_documented_fields_only(objects: dict[str, dict[str, Any]], kind: str) -> None:
    assert list(strangers(objects[kind], CLASSES[kind], kind)) == []


def strangers(data: Any, kind: type[stripe.StripeObject], where: str) -> Iterator[str]:
    inner = kind._inner_class_types
    for name, value in data.items():
        if name not in inner or not isinstance(value, (dict, list)) or name == "currency_options":
            continue
        for part in value if isinstance(value, list) else [value]:
            yield from (f"{where}.{name}.{field}" for field in set(part) - fields(inner[name]))
            yield from strangers(part, inner[name], f"{where}.{name}")


@pytest.mark.parametrize("kind", CLASSES)
def test_every_object_but_the_account_tells_its_mode(objects: dict[str, dict[str, Any]], kind: str) -> None:
    assert objects[kind].get("livemode", "no field") == ("no field" if kind in {"account", "item"} else False)


def test_the_parameters_are_those_of_the_installed_sdk() -> None:
    assert sdk_shapes.FILE.read_text("utf-8") == sdk_shapes.text(), "run python -m tests.sandbox.sdk_shapes"


def test_every_route_has_parameters_and_every_parameter_a_route() -> None:
    assert {route.params for route in ROUTES} == set(json.loads(sdk_shapes.FILE.read_text("utf-8")))
