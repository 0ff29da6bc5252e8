"""New products; products, prices and checkout sessions all make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

COPIED = (
    "active", "description", "images", "marketing_features", "name", "package_dimensions", "shippable",
    "statement_descriptor", "tax_code", "unit_label", "url",
)  # fmt: skip
LISTS = ("images", "marketing_features")
"""Unset, they are empty."""


def add_product(call: Call, params: Mapping[str, Any]) -> Object:
    """A new product. Raises ApiError where its id is taken."""
    own = params.get("id") or new_id("prod_", 14)
    if call.store.get("product", own) is not None:
        raise ApiError("Product already exists.", code="resource_already_exists", param="id")
    product = blank("product")
    product |= {"id": own, "created": call.now, "updated": call.now, "livemode": call.livemode}
    assign(product, params)
    return call.store.add(product)


def assign(product: Object, params: Mapping[str, Any]) -> None:
    """Set what the parameters of a creation or an update name."""
    product |= {name: params[name] for name in COPIED if name in params}
    product |= {name: product[name] or [] for name in LISTS}
    if "tax_details" in params:
        blank_details = {"performance_location": None, "tax_code": None}
        product["tax_details"] = params["tax_details"] and {**blank_details, **params["tax_details"]}
    if "metadata" in params:
        product["metadata"] = merge_metadata(product["metadata"], params["metadata"])
