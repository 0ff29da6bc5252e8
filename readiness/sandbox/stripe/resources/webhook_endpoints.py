"""Webhook endpoints (https://docs.stripe.com/api/webhook_endpoints)."""

from __future__ import annotations

from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.sandbox.stripe.errors import ApiError, invalid
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.paging import page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, blank, new_id

KIND, PATH = "webhook_endpoint", "/v1/webhook_endpoints"
MOST = 16
"""Endpoints that one mode may have; the sandbox's own helper may make more, as older accounts do."""


def create(call: Call) -> Object:
    """``POST /v1/webhook_endpoints``; the answer alone has the secret."""
    if len(call.store.newest_first(KIND)) >= MOST:
        raise ApiError(f"You have reached the maximum of {MOST} {_mode(call)} webhook endpoints.")
    return add(call)


def add(call: Call) -> Object:
    """A new endpoint, with its secret."""
    params = call.params
    require_reachable(call, params["url"], "url")
    if not params["enabled_events"]:
        raise invalid("You must pass at least one event to `enabled_events`.", "enabled_events")
    endpoint = blank(KIND)
    endpoint |= {"id": new_id("we_1", 23), "created": call.now, "livemode": call.livemode}
    endpoint |= {name: params.get(name) for name in ("api_version", "description")}
    endpoint |= {name: params[name] for name in ("enabled_events", "url")}
    endpoint["application"] = "ca_" + random_text(24) if params.get("connect") else None
    endpoint["metadata"] = merge_metadata({}, params.get("metadata", {}))
    call.store.add(endpoint)
    return {**endpoint, "secret": call.store.keep_secret(endpoint["id"])}


def update(call: Call) -> Object:
    """``POST /v1/webhook_endpoints/{id}``."""
    endpoint, params = retrieve(call), call.params
    if "url" in params:
        require_reachable(call, params["url"], "url")
    endpoint |= {name: params[name] for name in ("description", "enabled_events", "url") if name in params}
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    return endpoint


def retrieve(call: Call) -> Object:
    """``GET /v1/webhook_endpoints/{id}``."""
    return call.stored(KIND, "webhook endpoint", "id")


def list_all(call: Call) -> Object:
    """``GET /v1/webhook_endpoints``."""
    return page(call.store.newest_first(KIND), call.params, PATH)


def delete(call: Call) -> Object:
    """``DELETE /v1/webhook_endpoints/{id}``."""
    return call.store.remove(retrieve(call))


def require_reachable(call: Call, url: str, param: str) -> None:
    """A URL that Stripe would take; plain HTTP and this machine only in test mode. Raises ApiError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", param, "url_invalid")
    if call.livemode and (parts.scheme != "https" or is_loopback_host(parts.hostname)):
        raise invalid("Invalid URL: URL must be publicly accessible and use https in live mode.", param, "url_invalid")


def _mode(call: Call) -> str:
    return "live" if call.livemode else "test"


READ, WRITE = "rak_webhook_read", "rak_webhook_write"
ROUTES = (
    Route(method="POST", path=PATH, params="webhook_endpoint.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params="webhook_endpoint.list", permission=READ, run=list_all),
    Route(method="GET", path=f"{PATH}/{{id}}", params="webhook_endpoint.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{PATH}/{{id}}", params="webhook_endpoint.update", permission=WRITE, run=update),
    Route(method="DELETE", path=f"{PATH}/{{id}}", params="webhook_endpoint.delete", permission=WRITE, run=delete),
)
