"""How a sandbox is filled: products, prices, endpoints, keys and purchases, without a call of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.sandbox.stripe.api import Api
from readiness.sandbox.stripe.keys import Kind
from readiness.sandbox.stripe.resources import (
    ROUTES,
    event_destinations,
    prices,
    sessions,
    tax,
    webhook_endpoints,
)
from readiness.sandbox.stripe.resources.catalog import add_product


class Filling:
    """What :class:`StripeSandbox` has for it."""

    _api: Api

    def add_product(self, name: str, *, livemode: bool = False, **params: Any) -> str:
        """A product; further `params` as in Stripe's call. Returns its id."""
        call = self._api.call({"name": name, **params}, livemode=livemode)
        return str(self._api.perform(call, lambda call: add_product(call, call.params))["id"])

    def add_price(
        self,
        amount: int,
        currency: str = "usd",
        interval: str | None = "month",
        *,
        interval_count: int = 1,
        product: str | None = None,
        livemode: bool = False,
        **params: Any,
    ) -> str:
        """A price of `amount` in the currency's smallest unit; `interval` None makes it a one-time price.

        Without `product` it gets one of its own. Returns its id.
        """
        owner = product or self.add_product(f"Product of {amount} {currency}", livemode=livemode)
        asked: dict[str, Any] = {"unit_amount": amount, "currency": currency, "product": owner, **params}
        if interval is not None:
            recurring = {"interval": interval, "interval_count": interval_count}
            asked["recurring"] = recurring | params.get("recurring", {})
        return str(self._api.perform(self._api.call(asked, livemode=livemode), prices.create)["id"])

    def add_webhook_endpoint(
        self,
        url: str,
        enabled_events: Iterable[str] = ("*",),
        *,
        livemode: bool = False,
        api_version: str | None = None,
        **params: Any,
    ) -> tuple[str, str]:
        """An endpoint, beyond the number that a call may make. Returns its id and its signing secret."""
        asked = {"url": url, "enabled_events": list(enabled_events), "api_version": api_version, **params}
        made = self._api.perform(self._api.call(asked, livemode=livemode), webhook_endpoints.add)
        return str(made["id"]), str(made["secret"])

    def add_event_destination(
        self,
        url: str,
        enabled_events: Iterable[str] = ("*",),
        *,
        livemode: bool = False,
        payload: str = "snapshot",
        **params: Any,
    ) -> tuple[str, str]:
        """An event destination of API v2. Returns its id and its signing secret."""
        asked = {
            "name": "made by the sandbox",
            "type": "webhook_endpoint",
            "event_payload": payload,
            "enabled_events": list(enabled_events),
            "webhook_endpoint": {"url": url},
            "include": [event_destinations.SECRET],
            **params,
        }
        made = self._api.perform(self._api.call(asked, livemode=livemode), event_destinations.create)
        return str(made["id"]), str(made["webhook_endpoint"]["signing_secret"])

    def add_tax_registration(
        self, country: str = "US", state: str | None = "CA", *, livemode: bool = False, **params: Any
    ) -> str:
        """A place in which tax is collected. Returns its id."""
        options = {"state": state, "type": "state_sales_tax"} if state else {"type": "standard"}
        asked = {"country": country, "active_from": "now", "country_options": {country.lower(): options}, **params}
        return str(self._api.perform(self._api.call(asked, livemode=livemode), tax.add)["id"])

    def restricted_key(self, *permissions: str, livemode: bool = False) -> str:
        """An ``rk_`` key with permissions such as ``rak_plan_read``. Raises ValueError for one that no call needs."""
        self._require_known(permissions)
        return self._api.keyring.make(Kind.RESTRICTED, livemode=livemode, permissions=permissions)

    def complete(self, session_id: str) -> None:
        """Pay an open checkout session, as a customer does on the hosted page."""
        livemode = session_id.startswith("cs_live_")
        self._api.perform(self._api.call({}, livemode=livemode, id=session_id), sessions.complete)

    def purchase(self, price: str, *, email: str = "buyer@kamiyo.ai", **params: Any) -> str:
        """A subscription of that price is bought and paid on the hosted page. Returns the checkout session's id."""
        asked = {
            "mode": "subscription",
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": "https://kamiyo.ai/thanks",
            "customer_email": email,
            **params,
        }
        session = str(self._api.perform(self._api.call(asked, livemode=False), sessions.create)["id"])
        self.complete(session)
        return session

    def _require_known(self, permissions: Iterable[str]) -> None:
        needed = {route.permission for route in ROUTES}
        known = needed | {name.replace("_read", "_write") for name in needed}
        unknown = set(permissions) - known
        if unknown:
            raise ValueError(f"no call needs {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
