"""The only module that talks to Stripe.

Asynchronous, so that a slow Stripe holds up nobody else; bounded, so that a buyer gets an answer;
and silent: what Stripe says goes into the log, never into an answer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import stripe
from stripe import StripeError

from api.billing.plans import Tier

log = logging.getLogger(__name__)

ATTEMPT_SECONDS = 3.0
RETRIES = 2
TOTAL_SECONDS = 10.0
"""For all attempts and the pauses between them."""
HEALTH_SECONDS = 4.0
SALES = ("create_checkout", "checkout_state")
"""The operations that a buyer waits for."""


class StripeUnavailable(Exception):
    """Stripe refused, failed or did not answer in time; the reason is in the log."""


class SessionNotFound(Exception):
    """Stripe knows no checkout session of that id in this mode."""


@dataclass(frozen=True, kw_only=True)
class NewCheckout:
    """What a checkout session is made from."""

    reference: str
    """Our own id of it: tells a retry from a second order, and comes back with the events."""
    tier: Tier
    price_id: str
    product_type: str
    success_url: str
    cancel_url: str
    email: str | None
    automatic_tax: bool


@dataclass(frozen=True, kw_only=True)
class OpenCheckout:
    """A session that was just made."""

    session_id: str
    url: str
    expires_at: int
    """Seconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class CheckoutState:
    """A session as Stripe knows it."""

    session_id: str
    status: str | None
    payment_status: str
    tier: str | None
    amount_total: int | None
    """In the currency's smallest unit."""
    currency: str | None
    email: str | None


class StripeGateway:
    """Stripe's API, as far as the checkout needs it."""

    def __init__(
        self,
        *,
        secret_key: str,
        api_base: str,
        on_error: Callable[[str, int | None], None] = lambda _operation, _status: None,
    ) -> None:
        # telemetry writes a file in the home folder and sends data about the machine
        stripe.enable_telemetry = False
        self._on_error = on_error  # for metrics: the operation, and Stripe's status where it answered
        self._http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=ATTEMPT_SECONDS))
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base},
            max_network_retries=RETRIES,
            http_client=self._http,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK has no types here

    async def create_checkout(self, order: NewCheckout) -> OpenCheckout:
        """Make a checkout session for a subscription. Raises StripeUnavailable."""
        metadata = {"tier": order.tier.value, "product_type": order.product_type}
        params: stripe.params.checkout.SessionCreateParams = {
            "mode": "subscription",
            "line_items": [{"price": order.price_id, "quantity": 1}],
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "client_reference_id": order.reference,
            "metadata": metadata,
            "subscription_data": {"metadata": metadata},
            "automatic_tax": {"enabled": order.automatic_tax},
        }
        if order.email:
            params["customer_email"] = order.email
        async with self._bounded("create_checkout", TOTAL_SECONDS):
            session = await self._client.v1.checkout.sessions.create_async(params, {"idempotency_key": order.reference})
        if session.url is None:
            self._report({"operation": "create_checkout", "fault": "no url"}, None)
            raise StripeUnavailable
        return OpenCheckout(session_id=session.id, url=session.url, expires_at=int(session.expires_at))

    async def checkout_state(self, session_id: str) -> CheckoutState:
        """Look a session up. Raises SessionNotFound and StripeUnavailable."""
        async with self._bounded("checkout_state", TOTAL_SECONDS):
            session = await self._client.v1.checkout.sessions.retrieve_async(session_id)
        details = session.customer_details
        return CheckoutState(
            session_id=session.id,
            status=session.status,
            payment_status=session.payment_status,
            # its type says dict, but it is a StripeObject, which has no get()
            tier=getattr(session.metadata, "tier", None),
            amount_total=session.amount_total,
            currency=session.currency,
            email=(details.email if details else None) or session.customer_email,
        )

    async def probe(self) -> None:
        """Prove that Stripe answers and takes the key for checkout sessions. Raises StripeUnavailable."""
        async with self._bounded("probe", HEALTH_SECONDS):
            await self._client.v1.checkout.sessions.list_async({"limit": 1}, {"max_network_retries": 0})

    @asynccontextmanager
    async def _bounded(self, operation: str, seconds: float) -> AsyncIterator[None]:
        """Turn Stripe's errors and slowness into ours, with the facts in the log."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            self._report({"operation": operation, "fault": "timeout"}, None)
            raise StripeUnavailable from None
        except StripeError as error:
            if error.http_status == HTTPStatus.NOT_FOUND and operation == "checkout_state":
                raise SessionNotFound from None
            self._report(_facts(operation, error), error.http_status)
            raise StripeUnavailable from None

    def _report(self, facts: dict[str, object], status: int | None) -> None:
        # without a traceback: it shows our own waiting, or the SDK
        log.error("stripe_error", extra={"context": facts})
        self._on_error(str(facts["operation"]), status)


def _facts(operation: str, error: StripeError) -> dict[str, object]:
    return {
        "operation": operation,
        "fault": type(error).__name__,
        "stripe_status": error.http_status,
        "stripe_code": error.code,
        "stripe_request": error.request_id,
        "stripe_message": error.user_message,
    }
