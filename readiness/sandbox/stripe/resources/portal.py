"""The customer portal: configurations and sessions (https://docs.stripe.com/api/customer_portal)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from readiness.sandbox.stripe.errors import ApiError, invalid
from readiness.sandbox.stripe.events import changed, emit
from readiness.sandbox.stripe.keys import random_text
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.params import merge_metadata
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, Store, blank, new_id

KIND, PATH = "billing_portal.configuration", "/v1/billing_portal/configurations"
SESSION, SESSIONS = "billing_portal.session", "/v1/billing_portal/sessions"


def set_up(store: Store, *, livemode: bool, now: int) -> Object:
    """The default configuration, as saving the dashboard's page makes it."""
    configuration = blank(KIND)
    configuration |= {"id": new_id("bpc_1", 23), "created": now, "updated": now}
    configuration |= {"livemode": livemode, "is_default": True}
    return store.add(configuration)


def create(call: Call) -> Object:
    """``POST /v1/billing_portal/configurations``: what is not asked for is switched off."""
    configuration = blank(KIND)
    configuration |= {"id": new_id("bpc_1", 23), "created": call.now, "livemode": call.livemode}
    for feature in configuration["features"].values():
        feature["enabled"] = False
    configuration["features"]["customer_update"]["allowed_updates"] = []
    configuration["business_profile"] = dict.fromkeys(configuration["business_profile"])
    _assign(call, configuration)
    emit(call, f"{KIND}.created", configuration)
    return call.store.add(configuration)


def update(call: Call) -> Object:
    """``POST /v1/billing_portal/configurations/{id}``."""
    configuration = retrieve(call)
    before = copy.deepcopy(configuration)
    if call.params.get("active") is False and configuration["is_default"]:
        raise invalid("You cannot deactivate the default configuration.", "active")
    _assign(call, configuration)
    changed(call, f"{KIND}.updated", configuration, before)
    return configuration


def retrieve(call: Call) -> Object:
    """``GET /v1/billing_portal/configurations/{id}``."""
    return call.stored(KIND, "configuration", "configuration")


def list_all(call: Call) -> Object:
    """``GET /v1/billing_portal/configurations``."""
    return page(matching(call.store.newest_first(KIND), call.params), call.params, PATH)


def open_session(call: Call) -> Object:
    """``POST /v1/billing_portal/sessions``."""
    params = call.params
    customer = call.named("customer", params["customer"], "customer") if "customer" in params else None
    session = blank(SESSION)
    session |= {"id": new_id("bps_1", 23), "created": call.now, "livemode": call.livemode}
    session |= {"configuration": _configuration(call)["id"], "customer": customer and customer["id"]}
    session |= {name: params.get(name) for name in ("locale", "return_url")}
    session["url"] = f"{call.url}/p/session/{random_text(40)}"
    emit(call, "billing_portal.session.created", session)
    return call.store.add(session)


def _configuration(call: Call) -> Object:
    if "configuration" in call.params:
        return call.named(KIND, call.params["configuration"], "configuration")
    default = next((one for one in call.store.newest_first(KIND) if one["is_default"]), None)
    if default is None or not default["active"]:
        mode = "live" if call.livemode else "test"
        raise ApiError(
            f"You can't create a portal session in {mode} mode until you save your customer portal settings in {mode} "
            "mode at https://dashboard.stripe.com/settings/billing/portal."
        )
    return default


def _assign(call: Call, configuration: Object) -> None:
    params = call.params
    names = ("active", "default_return_url", "name")
    configuration |= {name: params[name] for name in names if name in params}
    if params.get("business_profile"):
        configuration["business_profile"] |= params["business_profile"]
    if "features" in params:
        _fill(configuration["features"], params["features"])
    if "login_page" in params:
        enabled = params["login_page"]["enabled"]
        url = f"{call.url}/p/login/{random_text(18)}" if enabled else None
        configuration["login_page"] = {"enabled": enabled, "url": url}
    if "metadata" in params:
        configuration["metadata"] = merge_metadata(configuration["metadata"] or {}, params["metadata"])
    configuration["updated"] = call.now


def _fill(old: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Set what is named, at any depth; None empties a list."""
    for name, value in new.items():
        if isinstance(value, Mapping) and isinstance(old.get(name), dict):
            _fill(old[name], value)
        else:
            old[name] = [] if value is None and isinstance(old.get(name), list) else value


READ, WRITE = "rak_customer_portal_read", "rak_customer_portal_write"
ROUTES = (
    Route(method="POST", path=PATH, params=f"{KIND}.create", permission=WRITE, run=create),
    Route(method="GET", path=PATH, params=f"{KIND}.list", permission=READ, run=list_all),
    Route(method="GET", path=f"{PATH}/{{id}}", params=f"{KIND}.retrieve", permission=READ, run=retrieve),
    Route(method="POST", path=f"{PATH}/{{id}}", params=f"{KIND}.update", permission=WRITE, run=update),
    Route(method="POST", path=SESSIONS, params=f"{SESSION}.create", permission=WRITE, run=open_session),
)
