"""What the service does about each kind of event, within the transaction that claimed it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.billing.plans import Tier
from api.billing.subscriptions import News, grants_access, is_stored, record
from api.mcp.tokens import revoke
from api.webhooks.payloads import from_checkout, from_invoice, from_subscription, object_id, product_of, reference_of
from database.models import FINAL, CheckoutSession, CheckoutStatus
from emails.outbox import drop_pending, send_mcp_token_email

log = logging.getLogger(__name__)

HANDLED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.payment_succeeded",
        "invoice.payment_failed",
    }
)
"""The events that the endpoint is subscribed to; the async ones matter where delayed payment methods are on."""


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """A verified event, as far as the service looks into it."""

    id: str
    type: str
    livemode: bool | None
    """None where the event does not say; then it is of neither mode."""
    created: int
    """Seconds since 1970."""
    subject: Mapping[str, Any]
    """The object that it is about, in the shape of the endpoint's API version."""

    @property
    def facts(self) -> dict[str, object]:
        """What the log may say about it."""
        return {"event_id": self.id, "event_type": self.type, "object_id": object_id(self.subject)}


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """What is sold here."""

    product_type: str
    tiers: Mapping[str, Tier]
    """Tier of each Stripe price id."""


async def handle(session: AsyncSession, event: WebhookEvent, catalog: Catalog) -> None:
    """Store what the event says, and give or take access."""
    if product_of(event.subject) not in {None, catalog.product_type}:
        _leave_to_others(event.facts)
        return
    match event.type:
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            await _checkout_completed(session, event, catalog)
        case "checkout.session.async_payment_failed":
            log.warning("delayed_payment_failed", extra={"context": event.facts})
            await _apply(session, event, from_checkout(event.subject, event.created), catalog)
        case "invoice.payment_succeeded" | "invoice.payment_failed":
            await _invoice_settled(session, event, catalog)
        case _:
            await _apply(session, event, from_subscription(event.subject, event.created, event.type), catalog)


async def _checkout_completed(session: AsyncSession, event: WebhookEvent, catalog: Catalog) -> None:
    """The buyer is done. With a delayed payment the money comes later, or never: then this grants nothing."""
    await _close_checkout(session, event.subject)
    succeeded = event.type == "checkout.session.async_payment_succeeded"
    await _apply(session, event, from_checkout(event.subject, event.created, succeeded=succeeded), catalog)


async def _invoice_settled(session: AsyncSession, event: WebhookEvent, catalog: Catalog) -> None:
    """The first paid invoice proves the payment; what a failed one means is told by the subscription's own event."""
    paid = event.type == "invoice.payment_succeeded"
    if not paid:
        log.warning("payment_failed", extra={"context": event.facts})
    await _apply(session, event, from_invoice(event.subject, event.created, paid=paid), catalog)


async def _apply(session: AsyncSession, event: WebhookEvent, news: News | None, catalog: Catalog) -> None:
    if news is None:
        log.warning("webhook_says_nothing", extra={"context": event.facts})
        return
    if not await _is_ours(session, event, news, catalog):
        _leave_to_others(event.facts)
        return
    subscription = await record(session, news, catalog.tiers)
    if subscription.status in FINAL:
        await revoke(session, subscription.id)
        await drop_pending(session, subscription.id)
    elif grants_access(subscription):
        await send_mcp_token_email(session, subscription)


async def _is_ours(session: AsyncSession, event: WebhookEvent, news: News, catalog: Catalog) -> bool:
    """What no checkout of ours noted is ours by its price, or because the subscription is known already."""
    if product_of(event.subject) == catalog.product_type or not catalog.tiers.keys().isdisjoint(news.prices):
        return True
    return await is_stored(session, news.subscription_id)


def _leave_to_others(facts: Mapping[str, object]) -> None:
    # whoever bought something else is none of our customers: nothing of them is kept
    log.info("webhook_of_another_product", extra={"context": facts})


async def _close_checkout(session: AsyncSession, raw: Mapping[str, Any]) -> None:
    """Note in our own row that the buyer is done; found by our reference where Stripe's id was not stored any more."""
    name, reference = object_id(raw.get("id")), reference_of(raw)
    if name is None:
        return
    ours = or_(CheckoutSession.stripe_session_id == name, CheckoutSession.id == reference)
    await session.execute(
        update(CheckoutSession)
        .where(ours)
        .values(
            status=CheckoutStatus.COMPLETE,
            stripe_session_id=name,
            stripe_subscription_id=object_id(raw.get("subscription")),
            payment_status=object_id(raw.get("payment_status")),
        )
    )
