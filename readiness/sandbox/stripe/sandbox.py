"""What tests and the demo use: start a Stripe, fill it, break it, look at what was asked of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

from readiness.sandbox.listener import LOOPBACK, Loop
from readiness.sandbox.stripe.api import Api, ApiRequest
from readiness.sandbox.stripe.faults import Fault, Hangup
from readiness.sandbox.stripe.filling import Filling
from readiness.sandbox.stripe.keys import Kind, random_text
from readiness.sandbox.stripe.passing import Clock
from readiness.sandbox.stripe.paypage import PayPage
from readiness.sandbox.stripe.resources import accounts, portal, tax
from readiness.sandbox.stripe.server import Server
from readiness.sandbox.stripe.store import overwrite
from readiness.sandbox.stripe.webhooks import Delivery, Webhooks
from readiness.sandbox.stripe.webhooks import page as delivery_log


class StripeSandbox(Filling):
    """Stripe's API on 127.0.0.1 while the context is open.

    ::

        with StripeSandbox() as stripe:
            team = stripe.add_price(9900, product=stripe.add_product("Team"))
            client = StripeClient(stripe.secret_key, base_addresses={"api": stripe.url})

    Keys and secrets are random and made anew each time. `clock` gives seconds since the epoch;
    sessions and subscriptions end by it, failed deliveries are tried again, and `advance` turns
    it on. `port` 0 is a free one.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0) -> None:
        self._port = port
        clock = self._clock = Clock(clock)
        self._api = Api(accounts.make(int(clock())), clock)
        for livemode in (False, True):
            store = self._api.store(livemode=livemode)
            portal.set_up(store, livemode=livemode, now=int(clock()))
            tax.set_up(store, livemode=livemode)
        make = self._api.keyring.make
        self.secret_key = make(Kind.SECRET, livemode=False)
        self.publishable_key = make(Kind.PUBLISHABLE, livemode=False)
        self.live_secret_key = make(Kind.SECRET, livemode=True)
        self.live_publishable_key = make(Kind.PUBLISHABLE, livemode=True)
        self.webhook_secret = f"whsec_{random_text(32)}"
        """For signing events by hand; each webhook endpoint has a secret of its own."""
        self.webhooks = Webhooks(self._api, clock)
        """How events are delivered: `send`, `resend`, `manners` (duplicates, order, delay), the log."""
        self._pay_page = PayPage(self._api, clock, self.webhooks)
        self._api.pages[delivery_log.PATH] = lambda request: delivery_log.answer(self.webhooks, request)
        self._server: Server | None = None
        self._loop: Loop | None = None

    def __enter__(self) -> Self:
        self._server = Server(self._api, self._port)
        self._loop = Loop(self._server, "sandbox-stripe")
        self._api.url = f"http://{LOOPBACK}:{self._server.port}"
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._api.stopping.set()
        self._pay_page.stop()
        self.webhooks.stop()
        if self._loop is not None and self._server is not None:
            self._loop.stop()
            self._server.hang_up()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``, for the SDK's ``base_addresses={"api": ...}``."""
        if not self._api.url:
            raise RuntimeError("the Stripe sandbox is not started; use it as a context manager")
        return self._api.url

    @property
    def account_id(self) -> str:
        """``acct_...``."""
        return str(self._api.account["id"])

    @property
    def requests(self) -> tuple[ApiRequest, ...]:
        """Every call so far, in the order in which they ended."""
        return self._api.requests()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt to deliver an event, in the order in which they ended."""
        return self.webhooks.log

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once, and what it makes due happen. Raises ValueError where it is negative."""
        self._clock.advance(seconds)
        for livemode in (False, True):
            self._api.perform(self._api.call({}, livemode=livemode), lambda _: None)

    # --- break

    def archive(self, id: str) -> None:
        """Make a price or a product inactive, whether Stripe's API would allow it or not."""
        self.patch(id, active=False)

    def patch(self, id: str, **fields: Any) -> None:
        """Change stored fields as no call could: another amount, currency, interval ...

        Tax settings have the ids ``tax_settings_test`` and ``tax_settings_live``, the portal's default
        configuration the one of :meth:`portal_id`. Raises KeyError for an unknown id or field.
        """
        stores = (self._api.store(livemode=False), self._api.store(livemode=True))
        if not any(store.patch(id, fields) for store in stores):
            raise KeyError(f"the sandbox has no object {id}")

    def portal_id(self, *, livemode: bool = False) -> str:
        """Id of the portal's default configuration."""
        configurations = self._api.store(livemode=livemode).newest_first(portal.KIND)
        return str(next(one["id"] for one in configurations if one["is_default"]))

    def switch_portal(self, *, livemode: bool = False, **features: bool) -> None:
        """Switch features of the portal's default configuration on or off: ``subscription_cancel=False``."""
        store = self._api.store(livemode=livemode)
        with store.lock:
            configuration = store.get(portal.KIND, self.portal_id(livemode=livemode)) or {}
            for name, enabled in features.items():
                configuration["features"][name]["enabled"] = enabled

    def patch_account(self, **fields: Any) -> None:
        """Change fields of the account: charges_enabled, requirements ... Raises KeyError for an unknown field."""
        overwrite(self._api.account, fields)

    def revoke(self, key: str) -> None:
        """Calls with that key are refused from now on (401, api_key_expired)."""
        self._api.keyring.revoke(key)

    def fault(
        self,
        call: str,
        *,
        status: int | None = None,
        body: bytes | None = None,
        latency: float = 0.0,
        hangup: Hangup | None = None,
        times: int | None = None,
    ) -> None:
        """Misbehave for calls like ``POST /v1/checkout/sessions``, ``GET /v1/prices/*`` or ``*``.

        `status` answers it with Stripe's error body, `body` with these bytes; `latency` makes
        it take so many seconds longer; `times` ends the fault after so many calls.
        """
        self._api.faults.add(call, Fault(status=status, body=body, latency=latency, hangup=hangup), times)

    def heal(self) -> None:
        """Take back every fault."""
        self._api.faults.clear()
