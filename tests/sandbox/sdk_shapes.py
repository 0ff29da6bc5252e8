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
}
"""Name of the call in the data file -> TypedDict below ``stripe.params``."""

NAMES = {**vars(_request_options), "StripeContext": StripeContext}
"""What the annotations of the options that each call inherits refer to."""

SCALARS = {str: "string", int: "integer", bool: "boolean", float: "number", Decimal: "decimal"}


def shapes() -> dict[str, Any]:
    """The parameters of each call as nested types; see readiness/sandbox/stripe/params.py for their meaning."""
    return {call: _fields(_load(where)) for call, where in CALLS.items()}


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
