"""The checkout: a session is made, paid at Stripe, and read again by the success page."""

import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from api.billing.plans import Tier
from api.billing.records import CheckoutRecords
from api.errors import ApiError, database_failed, documented
from api.health import CheckoutHealth, HealthProbe
from api.origins import origin_of
from api.stripe_gateway import NewCheckout, OpenCheckout, SessionNotFound, StripeGateway, StripeUnavailable
from database.session import DatabaseUnavailable
from monitoring.prometheus_metrics import Metrics
from monitoring.redaction import holds_card_number

log = logging.getLogger(__name__)

EMAIL = re.compile(
    r"(?=.{3,254}$)(?=[^@]{1,64}@)[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
"""A dot-atom at a host name with a dot (RFC 5321 4.1.2 without quoted strings, lengths of 4.5.3.1)."""
SESSION_ID = re.compile(r"cs_(test|live)_[A-Za-z0-9]{8,200}")

router = APIRouter(prefix="/api/billing")


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """What the routes need; made once in api/main.py, kept in the application's state."""

    stripe: StripeGateway | None
    """None where no secret key is configured."""
    prices: Mapping[Tier, str]
    """The Stripe price id of each tier, empty where it is not configured."""
    product_type: str
    allowed_origins: tuple[str, ...]
    automatic_tax: bool
    livemode: bool
    records: CheckoutRecords
    health: HealthProbe
    metrics: Metrics

    def gateway(self) -> StripeGateway:
        """Stripe. Raises ApiError where it is not configured."""
        if self.stripe is None:
            raise ApiError(500, "configuration_error", "Payments are not configured.")
        return self.stripe


def _checkout(request: Request) -> Checkout:
    checkout: Checkout = request.app.state.checkout
    return checkout


CheckoutDep = Annotated[Checkout, Depends(_checkout)]


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise ValueError("must be a valid e-mail address")
    if holds_card_number(re.sub(r"\D", "", value)):
        raise ValueError("must be an e-mail address without a card number")
    return value


def _absolute_url(value: str) -> str:
    if origin_of(value) is None:
        raise ValueError("must be an absolute URL that begins with https://")
    return value


Email = Annotated[str, AfterValidator(_email)]
ReturnUrl = Annotated[str, Field(max_length=2000), AfterValidator(_absolute_url)]
"""Kept as it came: Stripe replaces the literal {CHECKOUT_SESSION_ID} in it."""


class CheckoutRequest(BaseModel):
    """What a pricing card sends."""

    tier: Tier
    user_email: Email | None = Field(default=None, description="Fills in the form at Stripe.")
    success_url: ReturnUrl = Field(
        description="Where the buyer goes after paying; {CHECKOUT_SESSION_ID} in it becomes the session's id.",
        examples=["https://kamiyo.ai/dashboard/success?session_id={CHECKOUT_SESSION_ID}"],
    )
    cancel_url: ReturnUrl = Field(
        description="Where the buyer goes who does not pay.", examples=["https://kamiyo.ai/pricing"]
    )


class CheckoutResponse(BaseModel):
    """A session that waits for the buyer."""

    checkout_url: str = Field(description="Stripe's pay page for this session.")
    session_id: str
    expires_at: int = Field(description="Seconds since 1970.")


class CheckoutSessionResponse(BaseModel):
    """What the success page shows; no more about the buyer than that."""

    session_id: str
    status: str | None = Field(description="open, complete or expired")
    payment_status: str = Field(description="paid, unpaid or no_payment_required")
    tier: str | None
    amount_total: int | None = Field(description="In the currency's smallest unit (cents).")
    currency: str | None
    customer_email: str | None = Field(description="Masked.", examples=["j***@example.com"])


class PortalSessionRequest(BaseModel):
    """What will open the customer portal."""

    return_url: ReturnUrl | None = Field(default=None, description="Where the customer goes afterwards.")


class PortalSessionResponse(BaseModel):
    """What the customer portal will answer."""

    portal_url: str


@router.post(
    "/create-checkout-session",
    summary="Start a checkout",
    responses=documented(400, 429, 500),
)
async def create_checkout_session(body: CheckoutRequest, checkout: CheckoutDep) -> CheckoutResponse:
    """Make a Stripe checkout session for one tier and answer with its pay page."""
    for field in ("success_url", "cancel_url"):
        if origin_of(getattr(body, field)) not in checkout.allowed_origins:
            raise ApiError(400, "invalid_request", f"{field} must lead to one of our own pages.")
    price_id = checkout.prices[body.tier]
    if not price_id:
        raise ApiError(500, "configuration_error", f"Price not configured for tier: {body.tier}")
    order = NewCheckout(
        reference=str(uuid.uuid4()),
        tier=body.tier,
        price_id=price_id,
        product_type=checkout.product_type,
        success_url=body.success_url,
        cancel_url=body.cancel_url,
        email=body.user_email,
        automatic_tax=checkout.automatic_tax,
    )
    session = await _begin(checkout, order)
    context = {"tier": body.tier.value, "session_id": session.session_id}
    log.info("checkout_session_created", extra={"context": context})
    checkout.metrics.created.labels(tier=body.tier.value).inc()
    return CheckoutResponse(checkout_url=session.url, session_id=session.session_id, expires_at=session.expires_at)


async def _begin(checkout: Checkout, order: NewCheckout) -> OpenCheckout:
    """Store the order, then make the session: nobody pays for what we do not know about."""
    gateway = checkout.gateway()
    try:
        await checkout.records.begin(order.reference, order.tier)
    except DatabaseUnavailable:
        raise database_failed() from None
    try:
        session = await gateway.create_checkout(order)
    except StripeUnavailable:
        await checkout.records.fail(order.reference)
        raise _payments_failed() from None
    await checkout.records.open(order.reference, session.session_id)
    return session


@router.get(
    "/checkout-session/{session_id:path}",
    summary="Read a checkout session",
    responses=documented(404, 429, 500),
)
async def get_checkout_session(request: Request, session_id: str, checkout: CheckoutDep) -> CheckoutSessionResponse:
    """Answer with the state of a session; its unguessable id is the only key to it."""
    mode = SESSION_ID.fullmatch(session_id)
    whole = request.scope["path"].endswith(session_id)  # the router drops a line break at the end
    if not mode or not whole or (mode[1] == "live") != checkout.livemode:
        raise _no_session()
    try:
        state = await checkout.gateway().checkout_state(session_id)
    except SessionNotFound:
        raise _no_session() from None
    except StripeUnavailable:
        raise _payments_failed() from None
    context = {"session_id": state.session_id, "status": state.status}
    log.info("checkout_session_retrieved", extra={"context": context})
    checkout.metrics.retrieved.inc()
    return CheckoutSessionResponse(
        session_id=state.session_id,
        status=state.status,
        payment_status=state.payment_status,
        tier=state.tier,
        amount_total=state.amount_total,
        currency=state.currency,
        customer_email=mask(state.email),
    )


@router.post(
    "/create-portal-session",
    summary="Open the customer portal (planned)",
    status_code=HTTPStatus.NOT_IMPLEMENTED,
    response_model=None,
    responses=documented(400, 429, 501),
)
async def create_portal_session(
    body: PortalSessionRequest | None = None,  # noqa: ARG001 - checked and documented already, used by a later release
) -> PortalSessionResponse:
    """Not implemented yet: planned for a later release, this answers 501 until then."""
    raise ApiError(501, "not_implemented", "The customer portal is planned and not available yet.")


@router.get(
    "/checkout-health",
    summary="Health of the checkout",
    responses=documented(429) | {503: {"model": CheckoutHealth, "description": "Unhealthy; `problems` says why."}},
)
async def checkout_health(checkout: CheckoutDep, response: Response) -> CheckoutHealth:
    """Say whether a buyer could check out now: price ids, Stripe and database within reach, key accepted."""
    seen = await checkout.health.look()
    if seen.problems:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return seen


def mask(email: str | None) -> str | None:
    """The first letter and the domain of an address: enough for its owner, little for others."""
    local, at, domain = (email or "").rpartition("@")
    return f"{local[:1]}***@{domain}" if at else None


def _no_session() -> ApiError:
    return ApiError(404, "session_not_found", "There is no such checkout session.")


def _payments_failed() -> ApiError:
    return ApiError(500, "payment_provider_error", "The payment provider does not answer. You have not been charged.")
