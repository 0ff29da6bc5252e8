"""Tax: the account's settings and its registrations (https://docs.stripe.com/api/tax/settings)."""

from __future__ import annotations

from readiness.sandbox.stripe.errors import invalid
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.paging import matching, page
from readiness.sandbox.stripe.routes import Call, Route
from readiness.sandbox.stripe.store import Object, Store, blank, new_id

SETTINGS, PATH = "tax.settings", "/v1/tax/settings"
KIND, REGISTRATIONS = "tax.registration", "/v1/tax/registrations"
ONLY = {False: "tax_settings_test", True: "tax_settings_live"}
"""The id under which the store of each mode has the one object that has none."""


def set_up(store: Store, *, livemode: bool) -> None:
    """Settings that are complete."""
    settings = blank(SETTINGS)
    store.add({**settings, "id": ONLY[livemode], "livemode": livemode})


def retrieve_settings(call: Call) -> Object:
    """``GET /v1/tax/settings``."""
    return _without_id(_settings(call))


def update_settings(call: Call) -> Object:
    """``POST /v1/tax/settings``: active once there is a head office and a tax code."""
    settings, params = _settings(call), call.params
    if params.get("defaults"):
        settings["defaults"] |= params["defaults"]
    if params.get("head_office"):
        nothing = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
        settings["head_office"] = {"address": {**nothing, **params["head_office"]["address"]}}
    needed = {"head_office": settings["head_office"], "defaults.tax_code": settings["defaults"]["tax_code"]}
    missing = [name for name, value in needed.items() if not value]
    settings["status"] = "pending" if missing else "active"
    settings["status_details"] = {"pending": {"missing_fields": missing}} if missing else {"active": {}}
    emit(call, "tax.settings.updated", _without_id(settings))
    return _without_id(settings)


def create(call: Call) -> Object:
    """``POST /v1/tax/registrations``."""
    return add(call)


def add(call: Call) -> Object:
    """A new registration."""
    params = call.params
    country = params["country"].upper()
    begins = call.now if params["active_from"] in {"now", None} else params["active_from"]
    ends = params.get("expires_at")
    if isinstance(ends, int) and ends <= begins:
        raise invalid("expires_at must be after active_from.", "expires_at")
    registration = blank(KIND)
    registration |= {"id": new_id("taxreg_1", 23), "created": call.now, "livemode": call.livemode}
    registration |= {"country": country, "active_from": begins, "expires_at": ends}
    registration["country_options"] = params["country_options"]
    return call.store.add(_timed(call, registration))


def retrieve(call: Call) -> Object:
    """``GET /v1/tax/registrations/{id}``."""
    return _timed(call, call.stored(KIND, "tax registration", "id"))


def list_all(call: Call) -> Object:
    """``GET /v1/tax/registrations``."""
    params = dict(call.params)
    status = params.pop("status", "all")
    found = [_timed(call, registration) for registration in call.store.newest_first(KIND)]
    kept = [one for one in found if status in {"all", one["status"]}]
    return page(matching(kept, params), params, REGISTRATIONS)


def _timed(call: Call, registration: Object) -> Object:
    """Its status by the clock."""
    ends = registration["expires_at"]
    if registration["active_from"] > call.now:
        registration["status"] = "scheduled"
    else:
        registration["status"] = "expired" if ends is not None and ends <= call.now else "active"
    return registration


def _settings(call: Call) -> Object:
    settings = call.store.get(SETTINGS, ONLY[call.livemode])
    assert settings is not None, "each store begins with its settings"  # noqa: S101 - for the type checker
    return settings


def _without_id(settings: Object) -> Object:
    return {name: value for name, value in settings.items() if name != "id"}


READ, WRITE = "rak_tax_registrations_read", "rak_tax_registrations_write"
ROUTES = (
    Route(
        method="GET",
        path=PATH,
        params="tax.settings.retrieve",
        permission="rak_tax_settings_read",
        run=retrieve_settings,
    ),
    Route(
        method="POST",
        path=PATH,
        params="tax.settings.update",
        permission="rak_tax_settings_write",
        run=update_settings,
    ),
    Route(method="POST", path=REGISTRATIONS, params="tax.registration.create", permission=WRITE, run=create),
    Route(method="GET", path=REGISTRATIONS, params="tax.registration.list", permission=READ, run=list_all),
    Route(
        method="GET", path=f"{REGISTRATIONS}/{{id}}", params="tax.registration.retrieve", permission=READ, run=retrieve
    ),
)
