"""What is known about a subscription, whatever the order in which Stripe tells it.

Every event of one customer locks the customer's row first and then the subscription's, so that
events that arrive at the same time take effect one after the other, and never wait for each other
in a circle.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.billing.plans import Tier
from database.models import FINAL, GRANTING, Customer, Status, Subscription
from database.session import insert

log = logging.getLogger(__name__)
Row = TypeVar("Row", Customer, Subscription)


@dataclass(frozen=True, kw_only=True)
class State:
    """The state of a subscription at a time."""

    status: Status
    rank: int
    """Orders what happened within one second."""
    current_period_end: int | None = None
    """Seconds since 1970."""
    cancel_at_period_end: bool = False


@dataclass(frozen=True, kw_only=True)
class News:
    """What one event says about one subscription; None where it says nothing."""

    created: int
    """When it happened, in seconds since 1970."""
    subscription_id: str
    customer_id: str
    prices: tuple[str, ...] = ()
    tier: Tier | None = None
    email: str | None = None
    paid: bool = False
    """The first payment succeeded, or none is needed."""
    state: State | None = None


async def record(session: AsyncSession, news: News, tiers: Mapping[str, Tier]) -> Subscription:
    """Store what is new; the subscription, locked until the transaction ends."""
    customer = await _customer(session, news)
    subscription = await _subscription(session, news, customer)
    _tell_tier(subscription, news, tiers)
    if news.paid and subscription.paid_at is None:
        subscription.paid_at = _time(news.created)
    if news.state:
        _change_state(subscription, news.created, news.state)
    if subscription.paid_at and subscription.status is Status.INCOMPLETE:
        # incomplete says that the first payment is open: Stripe just told otherwise
        subscription.status = Status.ACTIVE
    await session.flush()
    return subscription


async def is_stored(session: AsyncSession, subscription_id: str) -> bool:
    """Whether an event of this subscription was stored before."""
    found = select(Subscription.id).where(Subscription.stripe_subscription_id == subscription_id)
    return await session.scalar(found) is not None


def grants_access(subscription: Subscription) -> bool:
    """Whether the subscriber gets a token: paid, of a known tier, and reachable."""
    return (
        subscription.paid_at is not None
        and subscription.tier is not None
        and subscription.customer.email is not None
        and subscription.status in GRANTING
    )


async def _customer(session: AsyncSession, news: News) -> Customer:
    customer = await _locked(session, Customer, stripe_customer_id=news.customer_id)
    if news.email and news.created >= customer.email_event_created:
        customer.email, customer.email_event_created = news.email, news.created
    return customer


async def _subscription(session: AsyncSession, news: News, customer: Customer) -> Subscription:
    subscription = await _locked(
        session, Subscription, {"customer_id": customer.id}, stripe_subscription_id=news.subscription_id
    )
    subscription.customer = customer
    return subscription


async def _locked(session: AsyncSession, table: type[Row], more: Mapping[str, Any] | None = None, **key: str) -> Row:
    """The row of a key, made where it is missing, and locked."""
    wanted = select(table).filter_by(**key).with_for_update()
    if found := (await session.scalars(wanted)).one_or_none():
        return found
    # another transaction may make it at this moment: then this waits for it
    await session.execute(insert(session, table).values(**key, **(more or {})).on_conflict_do_nothing())
    return (await session.scalars(wanted)).one()


def _tell_tier(subscription: Subscription, news: News, tiers: Mapping[str, Tier]) -> None:
    """The price that is paid says the tier; what the checkout noted counts where the price is not known."""
    known = next((price for price in news.prices if price in tiers), None)
    newest = news.state is not None and _is_newer(subscription, news.created, news.state.rank)
    if known and (newest or subscription.stripe_price_id is None):
        subscription.stripe_price_id, subscription.tier = known, tiers[known]
    elif subscription.tier is None:
        subscription.tier = news.tier
    if subscription.tier is None:
        log.warning("subscription_without_tier", extra={"context": {"object_id": news.subscription_id}})


def _change_state(subscription: Subscription, created: int, state: State) -> None:
    news = state.status in FINAL or _is_newer(subscription, created, state.rank)
    if subscription.status in FINAL or not news:
        return
    subscription.event_created, subscription.event_rank = created, state.rank
    subscription.status = state.status
    subscription.cancel_at_period_end = state.cancel_at_period_end
    if state.current_period_end is not None:
        subscription.current_period_end = _time(state.current_period_end)


def _is_newer(subscription: Subscription, created: int, rank: int) -> bool:
    return (created, rank) >= (subscription.event_created, subscription.event_rank)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
