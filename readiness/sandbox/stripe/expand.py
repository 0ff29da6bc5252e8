"""Objects as an answer shows them: links are ids unless expanded, some fields are there only when asked for.

See https://docs.stripe.com/api/expanding_objects.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from readiness.sandbox.stripe.errors import invalid
from readiness.sandbox.stripe.store import Object, Store

MAX_DEPTH = 4

Wanted: TypeAlias = "dict[str, Wanted]"
"""``["a.b", "a.c"]`` as ``{"a": {"b": {}, "c": {}}}``."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """How the fields of one kind of object refer to others."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """Field with an id -> kind of object; the id stays where the sandbox does not hold that kind."""
    embedded: Mapping[str, str] = field(default_factory=dict)
    """Field with an id that an answer always shows as the object."""
    included: frozenset[str] = frozenset()
    """Fields that an answer shows only when they are expanded."""
    lists: frozenset[str] = frozenset()
    """Those of them that are lists of objects."""
    parts: frozenset[str] = frozenset()
    """Fields with a list that an answer always shows, element by element."""


LINKS: Mapping[str, Links] = {
    "product": Links(ids={"default_price": "price", "tax_code": "tax_code"}),
    "price": Links(ids={"product": "product"}, included=frozenset({"currency_options", "tiers"})),
    "customer": Links(ids={"default_source": "card", "test_clock": "test_helpers.test_clock"}),
    "charge": Links(
        ids={
            "balance_transaction": "balance_transaction",
            "customer": "customer",
            "payment_intent": "payment_intent",
            "payment_method": "payment_method",
        }
    ),
    "invoice": Links(
        ids={"customer": "customer", "default_payment_method": "payment_method"}, parts=frozenset({"lines"})
    ),
    "invoiceitem": Links(ids={"customer": "customer", "invoice": "invoice"}),
    "payment_intent": Links(
        ids={"customer": "customer", "latest_charge": "charge", "payment_method": "payment_method"}
    ),
    "payment_method": Links(ids={"customer": "customer"}),
    "setup_intent": Links(ids={"customer": "customer", "payment_method": "payment_method"}),
    "subscription": Links(
        ids={
            "customer": "customer",
            "default_payment_method": "payment_method",
            "latest_invoice": "invoice",
            "pending_setup_intent": "setup_intent",
        },
        parts=frozenset({"items"}),
    ),
    "subscription_item": Links(embedded={"price": "price"}),
    "billing_portal.session": Links(ids={"configuration": "billing_portal.configuration"}),
    "item": Links(embedded={"price": "price"}),
    "checkout.session": Links(
        ids={
            "customer": "customer",
            "invoice": "invoice",
            "payment_intent": "payment_intent",
            "payment_link": "payment_link",
            "setup_intent": "setup_intent",
            "subscription": "subscription",
        },
        included=frozenset({"line_items"}),
        lists=frozenset({"line_items"}),
    ),
}


def wanted(paths: Sequence[str]) -> Wanted:
    """The `expand` parameter as a tree. Raises ApiError for a path that is too deep."""
    tree: Wanted = {}
    for path in paths:
        names = path.split(".")
        if len(names) > MAX_DEPTH:
            raise invalid(
                f"You cannot expand more than {MAX_DEPTH} levels of a property (it currently is {len(names)}). "
                f"Property: {path}",
                "expand",
            )
        place = tree
        for name in names:
            place = place.setdefault(name, {})
    return tree


def show(thing: Object, expand: Wanted, store: Store) -> Object:
    """The object as an answer shows it, a copy. Raises ApiError for a field that cannot be expanded."""
    if "object" not in thing:  # a page of API v2, which expands nothing
        return copy.deepcopy(thing)
    if thing["object"] == "list":
        _only(expand, {"data"})
        return {**thing, "data": [show(element, expand.get("data", {}), store) for element in thing["data"]]}
    links = LINKS.get(thing["object"], Links())
    _only(expand, {*links.ids, *links.embedded, *links.included, *links.parts})
    names = [name for name in thing if name not in links.included or name in expand]
    return {name: _field(thing, name, expand, links, store) for name in names}


def _field(thing: Object, name: str, expand: Wanted, links: Links, store: Store) -> Any:
    value = thing[name]
    kind = links.embedded.get(name) or (links.ids.get(name) if name in expand else None)
    if kind and isinstance(value, str):
        target = store.get(kind, value) or store.removed(value)
        return value if target is None else show(target, expand.get(name, {}), store)
    if name in links.parts:
        return show(value, expand.get(name, {}), store)
    if name in links.lists:
        return show(sublist(thing, name), expand[name], store)
    return copy.deepcopy(value)


def sublist(thing: Object, name: str, size: int = 10) -> Object:
    """The first elements of a list inside an object, in the shape of a list answer."""
    path = {"checkout.session": "/v1/checkout/sessions"}[thing["object"]]
    elements = thing[name]
    return {
        "object": "list",
        "data": elements[:size],
        "has_more": len(elements) > size,
        "url": f"{path}/{thing['id']}/{name}",
    }


def _only(expand: Wanted, possible: set[str]) -> None:
    for name in expand:
        if name not in possible:
            raise invalid(f"This property cannot be expanded ({name}).", "expand")
