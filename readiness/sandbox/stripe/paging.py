"""Lists: filters, and pages by cursor (https://docs.stripe.com/api/pagination)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from readiness.sandbox.stripe.errors import invalid, resource_missing
from readiness.sandbox.stripe.store import Object

DEFAULT, MOST = 10, 100
COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}
PAGING = {"limit", "starting_after", "ending_before", "expand"}


def page(things: Sequence[Object], params: Mapping[str, Any], url: str) -> Object:
    """One page of `things`, which are in the order of the list. Raises ApiError."""
    limit = params.get("limit", DEFAULT)
    if not 1 <= limit <= MOST:
        bound = f"less than or equal to {MOST}" if limit > MOST else "greater than or equal to 1"
        raise invalid(f"This value must be {bound} (it currently is '{limit}').", "limit", "parameter_invalid_integer")
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise invalid("You cannot parameterize both starting_after and ending_before.", "ending_before")
    if before:
        earlier = things[: _position(things, before, "ending_before")]
        return _list(earlier[-limit:], has_more=len(earlier) > limit, url=url)
    rest = things[_position(things, after, "starting_after") + 1 :] if after else things
    return _list(rest[:limit], has_more=len(rest) > limit, url=url)


def matching(things: Sequence[Object], params: Mapping[str, Any]) -> list[Object]:
    """Those whose fields equal the parameters of the same name, nested ones too; `created` also takes bounds."""
    filters = {name: value for name, value in params.items() if name not in PAGING}
    return [thing for thing in things if all(_matches(thing.get(name), value) for name, value in filters.items())]


def _matches(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    if isinstance(value, int):
        return all(COMPARE[how](value, bound) for how, bound in wanted.items())
    return isinstance(value, dict) and all(_matches(value.get(name), part) for name, part in wanted.items())


def _position(things: Sequence[Object], id: str, param: str) -> int:
    for index, thing in enumerate(things):
        if thing["id"] == id:
            return index
    raise resource_missing("object", id, param=param, status=400, other_mode=None)


def _list(data: Sequence[Object], *, has_more: bool, url: str) -> Object:
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}
