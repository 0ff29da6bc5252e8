"""An event in the shape of an endpoint's API version.

2025-03-31.basil moved a subscription's period to its items, and an invoice's subscription to its parent
(https://docs.stripe.com/changelog/basil). Older endpoints get the older shape.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from readiness.sandbox.stripe.store import Object, Store

BASIL = "2025-03-31"


def render(event: Object, version: str, store: Store) -> Object:
    """A copy of the event as an endpoint of this version gets it."""
    shown = copy.deepcopy(event)
    shown["api_version"] = version
    thing = shown["data"]["object"]
    older = OLDER.get(thing.get("object", ""))
    if version < BASIL and older is not None:
        older(thing, store)
        _previous(shown["data"].get("previous_attributes", {}), older, store)
    return shown


def _previous(previous: Object, older: Callable[[Object, Store], None], store: Store) -> None:
    if "items" in previous or "parent" in previous:
        older(previous, store)


def _subscription(thing: Object, _store: Store) -> None:
    items = thing["items"]["data"]
    for edge, choose in (("current_period_start", max), ("current_period_end", min)):
        times = [item.pop(edge) for item in items if edge in item]
        if times:
            thing[edge] = choose(times)


def _invoice(thing: Object, store: Store) -> None:
    details = (thing.pop("parent", None) or {}).get("subscription_details") or {}
    thing["subscription"] = details.get("subscription")
    thing["subscription_details"] = {"metadata": details.get("metadata")}
    for line in thing.get("lines", {}).get("data", ()):
        _line(line, store)


def _line(line: Object, store: Store) -> None:
    parent = line.pop("parent", None) or {}
    details = parent.get("subscription_item_details") or {}
    line["type"] = "subscription" if details else "invoiceitem"
    line["subscription_item"] = details.get("subscription_item")
    line["proration"] = bool(details.get("proration"))
    price = ((line.pop("pricing", None) or {}).get("price_details") or {}).get("price")
    line["price"] = copy.deepcopy(store.get("price", price)) if isinstance(price, str) else price


OLDER: Mapping[str, Callable[[Object, Store], None]] = {"subscription": _subscription, "invoice": _invoice}
