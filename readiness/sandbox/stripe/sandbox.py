"""What tests and the demo use: start a Stripe, fill it, break it, look at what was asked of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Self

from readiness.sandbox.listener import LOOPBACK, Loop
from readiness.sandbox.stripe.api import Api, ApiRequest
from readiness.sandbox.stripe.faults import Fault, Hangup
from readiness.sandbox.stripe.keys import Kind, random_text
from readiness.sandbox.stripe.resources import ROUTES, accounts, prices, sessions
from readiness.sandbox.stripe.resources.catalog import add_product
from readiness.sandbox.stripe.server import Server
from readiness.sandbox.stripe.store import overwrite


class StripeSandbox:
    """Stripe's API on 127.0.0.1 while the context is open.

    ::

        with StripeSandbox() as stripe:
            team = stripe.add_price(9900, product=stripe.add_product("Team"))
            client = StripeClient(stripe.secret_key, base_addresses={"api": stripe.url})

    Keys and secrets are random and made anew each time. `clock` gives seconds since the epoch;
    sessions expire by it.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._api = Api(accounts.make(int(clock())), clock)
        make = self._api.keyring.make
        self.secret_key = make(Kind.SECRET, livemode=False)
        self.publishable_key = make(Kind.PUBLISHABLE, livemode=False)
        self.live_secret_key = make(Kind.SECRET, livemode=True)
        self.live_publishable_key = make(Kind.PUBLISHABLE, livemode=True)
        self.webhook_secret = f"whsec_{random_text(32)}"
        """For signing events; the webhook endpoints themselves are not there yet."""
        self._server: Server | None = None
        self._loop: Loop | None = None

    def __enter__(self) -> Self:
        self._server = Server(self._api)
        self._loop = Loop(self._server, "sandbox-stripe")
        self._api.url = f"http://{LOOPBACK}:{self._server.port}"
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._api.stopping.set()
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

    # --- fill

    def add_product(self, name: str, *, livemode: bool = False, **params: Any) -> str:
        """A product; further `params` as in Stripe's call. Returns its id."""
        call = self._api.call({"name": name, **params}, livemode=livemode)
        with call.store.lock:
            return str(add_product(call, call.params)["id"])

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
        call = self._api.call(asked, livemode=livemode)
        with call.store.lock:
            return str(prices.create(call)["id"])

    def restricted_key(self, *permissions: str, livemode: bool = False) -> str:
        """An ``rk_`` key with permissions such as ``rak_plan_read``. Raises ValueError for one that no call needs."""
        self._require_known(permissions)
        return self._api.keyring.make(Kind.RESTRICTED, livemode=livemode, permissions=permissions)

    def complete(self, session_id: str) -> None:
        """Pay an open checkout session, as a customer does on the hosted page."""
        livemode = session_id.startswith("cs_live_")
        call = self._api.call({}, livemode=livemode, id=session_id)
        with call.store.lock:
            sessions.complete(call)

    # --- break

    def archive(self, id: str) -> None:
        """Make a price or a product inactive, whether Stripe's API would allow it or not."""
        self.patch(id, active=False)

    def patch(self, id: str, **fields: Any) -> None:
        """Change stored fields as no call could: another amount, currency, interval ...

        Raises KeyError for an unknown id or field.
        """
        stores = (self._api.store(livemode=False), self._api.store(livemode=True))
        if not any(store.patch(id, fields) for store in stores):
            raise KeyError(f"the sandbox has no object {id}")

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

    def _require_known(self, permissions: Iterable[str]) -> None:
        needed = {route.permission for route in ROUTES}
        known = needed | {name.replace("_read", "_write") for name in needed}
        unknown = set(permissions) - known
        if unknown:
            raise ValueError(f"no call needs {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
