"""The tables. There is no column for card data: the buyer gives it to Stripe alone."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    TypeDecorator,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from api.billing.plans import Tier


class Status(StrEnum):
    """The states of a subscription, as Stripe names them."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


FINAL = frozenset({Status.CANCELED, Status.INCOMPLETE_EXPIRED})
"""No subscription ever leaves these; who buys again gets another one."""
GRANTING = frozenset({Status.ACTIVE, Status.TRIALING, Status.PAST_DUE})
"""States in which a token works; with past_due Stripe still tries to collect."""


class MailStatus(StrEnum):
    """What became of a mail."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    """Tried as often as is sensible; somebody must look."""
    DROPPED = "dropped"
    """Not wanted any more: the subscription ended before it was sent."""


class CheckoutStatus(StrEnum):
    """How far a checkout got."""

    CREATING = "creating"
    OPEN = "open"
    COMPLETE = "complete"
    FAILED = "failed"
    """Stripe made no session."""


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time; SQLite keeps no offset, so it is UTC on both sides."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """As UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


def _word_of(kind: type[StrEnum], name: str) -> Enum:
    """Text with a CHECK, which a migration can change more easily than a type of the database."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda words: [word.value for word in words],
    )


class Base(DeclarativeBase):
    """What all tables share: names of constraints that a migration can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {  # noqa: RUF012 - read by SQLAlchemy, never changed
        datetime: UtcDateTime,
        Tier: _word_of(Tier, "tier"),
        Status: _word_of(Status, "status"),
        MailStatus: _word_of(MailStatus, "status"),
        CheckoutStatus: _word_of(CheckoutStatus, "status"),
    }


class Customer(Base):
    """Somebody who bought."""

    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_email_lower", func.lower(text("email"))),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_customer_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    email_event_created: Mapped[int] = mapped_column(BigInteger, default=0)
    """Time of the event that told the address: an older event does not bring an old address back."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class Subscription(Base):
    """A subscription, as the newest event told it."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_subscription_id: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    tier: Mapped[Tier | None]
    """None where the price is none of ours and nothing else names a tier; then nobody gets a token."""
    status: Mapped[Status] = mapped_column(default=Status.INCOMPLETE)
    stripe_price_id: Mapped[str | None]
    current_period_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(default=False)
    paid_at: Mapped[datetime | None]
    """When the first payment was known to have succeeded, or that none is needed."""
    event_created: Mapped[int] = mapped_column(BigInteger, default=0)
    event_rank: Mapped[int] = mapped_column(default=0)
    """Time and rank of the event that set the status: what is older changes nothing."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    customer: Mapped[Customer] = relationship(lazy="raise")


class McpToken(Base):
    """A token for the MCP server; only its hash is known here."""

    __tablename__ = "mcp_tokens"
    __table_args__ = (
        Index(
            "uq_mcp_tokens_live",
            "subscription_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 in hexadecimal. The token has 256 random bits, so a slow hash would gain nothing."""
    token_prefix: Mapped[str]
    """Its beginning, by which customer and support can name it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]

    subscription: Mapped[Subscription] = relationship(lazy="raise")


class WebhookEvent(Base):
    """An event of Stripe that was handled, so that it is handled once. Its body is not kept."""

    __tablename__ = "webhook_events"

    stripe_event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    event_created: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)


class OutboxMail(Base):
    """A mail that must be sent. It holds neither token nor address: both are looked up when it is."""

    __tablename__ = "email_outbox"
    __table_args__ = (
        Index(
            "ix_email_outbox_due",
            "due_at",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """What it is for; a second mail for the same thing is not queued."""
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    status: Mapped[MailStatus] = mapped_column(default=MailStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    """Not before this time; while a worker is at it, the time when its claim ends."""
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]


class CheckoutSession(Base):
    """A checkout from before Stripe hears of it. Its id is the idempotency key and the client reference."""

    __tablename__ = "checkout_sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    stripe_session_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_subscription_id: Mapped[str | None] = mapped_column(index=True)
    tier: Mapped[Tier]
    status: Mapped[CheckoutStatus] = mapped_column(default=CheckoutStatus.CREATING)
    payment_status: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
