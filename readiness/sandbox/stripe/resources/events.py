"""Events that are kept (https://docs.stripe.com/api/events)."""

from __future__ import annotations

from fnmatch import fnmatchcase

from readiness.sandbox.stripe.errors import invalid
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object

PATH = "/v1/events"
TYPES = 20
"""Types that one call may name."""


def retrieve(call: Call) -> Object:
    """``GET /v1/events/{id}``."""
    return call.stored("event", "event", "id")


def list_all(call: Call) -> Object:
    """``GET /v1/events``; a `type` may end in ``.*``."""
    params = dict(call.params)
    types, kind, delivered = (params.pop(name, None) for name in ("types", "type", "delivery_success"))
    if types and kind:
        raise invalid("You may only specify one of these parameters: type, types.", "types")
    if types and len(types) > TYPES:
        raise invalid(f"You may name at most {TYPES} types.", "types")
    wanted = types or ([kind] if kind else ["*"])
    found = [event for event in call.store.newest_first("event") if _meant(event["type"], wanted)]
    if delivered is not None:
        found = [event for event in found if _delivered(call, event) is delivered]
    return page(matching(found, params), params, PATH)


def _meant(kind: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(kind, pattern) for pattern in patterns)


def _delivered(call: Call, event: Object) -> bool | None:
    """Whether all endpoints have it, or one refused it; None where nobody wants it."""
    return call.store.deliveries.get(event["id"])


READ = "rak_event_read"
ROUTES = (
    Route(method="GET", path=PATH, params="event.list", permission=READ, run=list_all),
    Route(method="GET", path=f"{PATH}/{{id}}", params="event.retrieve", permission=READ, run=retrieve),
)
