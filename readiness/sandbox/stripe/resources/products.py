"""Products (https://docs.stripe.com/api/products)."""

from __future__ import annotations

import copy

from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.resources import prices
from readiness.sandbox.stripe.resources.catalog import add_product, assign
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object


def create(call: Call) -> Object:
    """``POST /v1/products``."""
    product = add_product(call, call.params)
    emit(call, "product.created", product)
    price = call.params.get("default_price_data")
    if price is not None:
        product["default_price"] = prices.add(call, {**price, "product": product["id"]})["id"]
    return product


def update(call: Call) -> Object:
    """``POST /v1/products/{id}``."""
    product = retrieve(call)
    before = copy.deepcopy(product)
    default = call.params.get("default_price")
    if default is not None:
        call.named("price", default, "default_price")
        product["default_price"] = default
    assign(product, call.params)
    product["updated"] = call.now
    changed(call, "product.updated", product, before)
    return product


def retrieve(call: Call) -> Object:
    """``GET /v1/products/{id}``."""
    return call.stored("product", "product", "id")


def list_all(call: Call) -> Object:
    """``GET /v1/products``."""
    params = dict(call.params)
    ids = params.pop("ids", None)
    found = matching(call.store.newest_first("product"), params)
    return page([product for product in found if ids is None or product["id"] in ids], params, "/v1/products")


def delete(call: Call) -> Object:
    """``DELETE /v1/products/{id}``: only without prices."""
    product = retrieve(call)
    if any(price["product"] == product["id"] for price in call.store.newest_first("price")):
        raise ApiError("This product cannot be deleted because it has one or more user-created prices.")
    emit(call, "product.deleted", product)
    return call.store.remove(product)


ROUTES = (
    Route(method="POST", path="/v1/products", params="product.create", permission="rak_product_write", run=create),
    Route(method="GET", path="/v1/products", params="product.list", permission="rak_product_read", run=list_all),
    Route(
        method="GET", path="/v1/products/{id}", params="product.retrieve", permission="rak_product_read", run=retrieve
    ),
    Route(method="POST", path="/v1/products/{id}", params="product.update", permission="rak_product_write", run=update),
    Route(
        method="DELETE", path="/v1/products/{id}", params="product.delete", permission="rak_product_write", run=delete
    ),
)
