"""Event destinations of API v2 (https://docs.stripe.com/api/v2/core/event_destinations)."""

from __future__ import annotations

import base64
import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from readiness.sandbox.stripe.errors import invalid, missing_param
from readiness.sandbox.stripe.events import VERSION
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.resources.webhook_endpoints import require_reachable
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank

KIND, PATH = "v2.core.event_destination", "/v2/core/event_destinations"
DEFAULT, MOST = 20, 100
URL, SECRET = "webhook_endpoint.url", "webhook_endpoint.signing_secret"


def create(call: Call) -> Object:
    """``POST /v2/core/event_destinations``; webhook endpoints only."""
    params = call.params
    if params["type"] != "webhook_endpoint":
        raise invalid(f"The sandbox has no event destinations of the type {params['type']}.", "type")
    if "webhook_endpoint" not in params:
        raise missing_param("webhook_endpoint")
    require_reachable(call, params["webhook_endpoint"]["url"], "webhook_endpoint[url]")
    destination = blank(KIND)
    time = _time(call)
    destination |= {"id": f"ed_test_{random_text(50)}", "created": time, "updated": time, "livemode": call.livemode}
    destination |= {name: params[name] for name in ("enabled_events", "event_payload", "name")}
    destination["description"] = params.get("description", "")
    destination["metadata"] = params.get("metadata", {})
    destination["events_from"] = params.get("events_from", ["self"])
    if destination["event_payload"] == "snapshot":
        destination["snapshot_api_version"] = params.get("snapshot_api_version", VERSION)
    destination["webhook_endpoint"] = {"url": params["webhook_endpoint"]["url"]}
    call.store.add(destination)
    call.store.keep_secret(destination["id"])
    return _shown(call, destination)


def retrieve(call: Call) -> Object:
    """``GET /v2/core/event_destinations/{id}``."""
    return _shown(call, _stored(call))


def list_all(call: Call) -> Object:
    """``GET /v2/core/event_destinations``: pages by a token, as everywhere in v2."""
    limit = call.params.get("limit", DEFAULT)
    if not 1 <= limit <= MOST:
        raise invalid(f"limit must be between 1 and {MOST}.", "limit")
    start = _start(call.params.get("page"))
    found = call.store.newest_first(KIND)
    shown = [_shown(call, destination) for destination in found[start : start + limit]]
    return {
        "data": shown,
        "next_page_url": _page_url(call, start + limit) if start + limit < len(found) else None,
        "previous_page_url": _page_url(call, max(start - limit, 0)) if start else None,
    }


def enable(call: Call) -> Object:
    """``POST /v2/core/event_destinations/{id}/enable``."""
    return _set(call, "enabled")


def disable(call: Call) -> Object:
    """``POST /v2/core/event_destinations/{id}/disable``."""
    return _set(call, "disabled")


def delete(call: Call) -> Object:
    """``DELETE /v2/core/event_destinations/{id}``."""
    removed = call.store.remove(_stored(call))
    return {"id": removed["id"], "object": removed["object"]}


def _set(call: Call, status: str) -> Object:
    destination = _stored(call)
    destination |= {"status": status, "updated": _time(call)}
    destination.pop("status_details", None)
    if status == "disabled":
        destination["status_details"] = {"disabled": {"reason": "user"}}
    return _shown(call, destination)


def _stored(call: Call) -> Object:
    return call.stored(KIND, "event destination", "id")


def _shown(call: Call, destination: Object) -> Object:
    """A copy in which the URL and the secret are there only where they were asked for."""
    shown = copy.deepcopy(destination)
    include = call.params.get("include", ())
    whole = shown.pop("webhook_endpoint")
    endpoint = {"url": whole["url"]} if URL in include else {}
    if SECRET in include:
        endpoint["signing_secret"] = call.store.secret(destination["id"])
    return {**shown, "webhook_endpoint": endpoint}


def _time(call: Call) -> str:
    return datetime.fromtimestamp(call.now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page_url(call: Call, start: int) -> str:
    query: list[tuple[str, str]] = [("page", base64.urlsafe_b64encode(str(start).encode()).decode())]
    query += [(f"include[{index}]", name) for index, name in enumerate(_included(call))]
    query += [("limit", str(call.params["limit"]))] if "limit" in call.params else []
    return f"{PATH}?{urlencode(query)}"


def _included(call: Call) -> Sequence[str]:
    included: Sequence[str] = call.params.get("include", ())
    return included


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return max(int(base64.urlsafe_b64decode(token)), 0)
    except ValueError:
        raise invalid("Invalid page token.", "page") from None


READ, WRITE = "rak_webhook_read", "rak_webhook_write"
NAME = "v2.core.event_destination"
ROUTES = (
    Route(method="POST", path=PATH, params=f"{NAME}.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params=f"{NAME}.list", permission=READ, run=list_all),
    Route(method="GET", path=f"{PATH}/{{id}}", params=f"{NAME}.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{PATH}/{{id}}/enable", params=f"{NAME}.enable", permission=WRITE, run=enable),
    Route(method="POST", path=f"{PATH}/{{id}}/disable", params=f"{NAME}.disable", permission=WRITE, run=disable),
    Route(method="DELETE", path=f"{PATH}/{{id}}", params=f"{NAME}.delete", permission=WRITE, run=delete),
)
