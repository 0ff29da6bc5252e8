"""What a checkout session sells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe import subscribing
from readiness.sandbox.stripe.errors import invalid, missing_param
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.resources import prices
from readiness.sandbox.stripe.resources.catalog import add_product
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id


def make(call: Call) -> list[Object]:
    """The items that the parameters of a new session ask for. Raises ApiError."""
    items = [_item(call, asked, f"line_items[{index}]") for index, asked in enumerate(call.params["line_items"])]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All line items must have the same currency.", "line_items")
    recurring = [_price(call, item)["type"] == "recurring" for item in items]
    if call.params["mode"] == "subscription" and not any(recurring):
        raise invalid("You must provide at least one recurring price in `subscription` mode when using prices.",
                      "line_items")  # fmt: skip
    if call.params["mode"] == "payment" and any(recurring):
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            "line_items",
        )
    return items


def _price(call: Call, item: Object) -> Object:
    return call.named("price", item["price"], "line_items")


def _item(call: Call, asked: Mapping[str, Any], name: str) -> Object:
    if "price" in asked and "price_data" in asked:
        raise invalid("You may only specify one of these parameters: price, price_data.", name, "parameters_exclusive")
    if "price_data" in asked:
        price = _inline(call, asked["price_data"], f"{name}[price_data]")
    elif "price" in asked:
        price = _for_sale(call, asked["price"], f"{name}[price]")
    else:
        raise missing_param(f"{name}[price]")
    return _sold(call, price, asked, name)


def _sold(call: Call, price: Object, asked: Mapping[str, Any], name: str) -> Object:
    metered = price["recurring"] is not None and price["recurring"]["usage_type"] == "metered"
    if "quantity" not in asked and not metered:
        raise invalid(f"Quantity is required. Add `quantity` to `{name}`", f"{name}[quantity]")
    quantity = asked.get("quantity")
    if quantity is not None and quantity < 1:
        raise invalid("This value must be greater than or equal to 1.", f"{name}[quantity]",
                      "parameter_invalid_integer")  # fmt: skip
    tried = price["recurring"] is not None and subscribing.trial_end(call.params.get("subscription_data", {}), call.now)
    amount = 0 if tried else prices.total(price, quantity or 0)
    product = call.named("product", price["product"], f"{name}[price]")
    item = blank("item")
    item |= {"id": new_id("li_1", 23), "price": price["id"], "currency": price["currency"], "quantity": quantity}
    item |= {"amount_subtotal": amount, "amount_total": amount, "description": product["name"]}
    item |= {"adjustable_quantity": _adjustable(asked), "metadata": merge_metadata({}, asked.get("metadata", {}))}
    return item


def _adjustable(asked: Mapping[str, Any]) -> Object | None:
    given = asked.get("adjustable_quantity")
    return given and {"maximum": 99, "minimum": 0, **given}


def _for_sale(call: Call, id: str, name: str) -> Object:
    price = call.named("price", id, name)
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", name)
    product = call.store.get("product", price["product"])
    if product is None or not product["active"]:
        raise invalid(f"Price `{id}` is not available to be purchased because its product is not active.", name)
    return price


def _inline(call: Call, data: Mapping[str, Any], name: str) -> Object:
    """A price that only this session uses."""
    if "product_data" in data:
        product = add_product(call, data["product_data"])
    elif "product" in data:
        product = call.named("product", data["product"], f"{name}[product]")
    else:
        raise missing_param(f"{name}[product]")
    return prices.add(call, {**data, "product": product["id"], "active": False})
