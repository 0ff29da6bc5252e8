"""Customers, subscriptions, tokens, events, mails and checkouts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIERS = ("personal", "team", "enterprise")
STATES = ("incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused", "canceled")


def upgrade() -> None:
    """Create the tables."""
    _create_customers()
    _create_subscriptions()
    _create_tokens()
    _create_events()
    _create_outbox()
    _create_checkouts()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    for table in ("checkout_sessions", "email_outbox", "webhook_events", "mcp_tokens", "subscriptions", "customers"):
        op.drop_table(table)


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("stripe_customer_id", sa.String(), nullable=False, unique=True),
        sa.Column("email", sa.String()),
        sa.Column("email_event_created", sa.BigInteger(), nullable=False),
        _time("created_at"),
    )
    op.create_index("ix_customers_email_lower", "customers", [sa.text("lower(email)")])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("stripe_subscription_id", sa.String(), nullable=False, unique=True),
        sa.Column("customer_id", sa.Integer(), sa.ForeignKey("customers.id"), nullable=False, index=True),
        sa.Column("tier", _word("tier", *TIERS)),
        sa.Column("status", _word("status", *STATES), nullable=False),
        sa.Column("stripe_price_id", sa.String()),
        _time("current_period_end", nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        _time("paid_at", nullable=True),
        sa.Column("event_created", sa.BigInteger(), nullable=False),
        sa.Column("event_rank", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("updated_at"),
    )


def _create_tokens() -> None:
    op.create_table(
        "mcp_tokens",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscriptions.id"), nullable=False, index=True),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("token_prefix", sa.String(), nullable=False),
        _time("created_at"),
        _time("revoked_at", nullable=True),
    )
    _index_where("uq_mcp_tokens_live", "mcp_tokens", "subscription_id", "revoked_at IS NULL", unique=True)


def _create_events() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("stripe_event_id", sa.String(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("event_created", sa.BigInteger(), nullable=False),
        _time("received_at", index=True),
    )


def _create_outbox() -> None:
    op.create_table(
        "email_outbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscriptions.id"), nullable=False, index=True),
        sa.Column("status", _word("status", "pending", "sent", "dead", "dropped"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("due_at"),
        sa.Column("last_error", sa.String()),
        _time("created_at"),
        _time("sent_at", nullable=True),
    )
    _index_where("ix_email_outbox_due", "email_outbox", "due_at", "status = 'pending'")


def _create_checkouts() -> None:
    op.create_table(
        "checkout_sessions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("stripe_session_id", sa.String(), unique=True),
        sa.Column("stripe_subscription_id", sa.String(), index=True),
        sa.Column("tier", _word("tier", *TIERS), nullable=False),
        sa.Column("status", _word("status", "creating", "open", "complete", "failed"), nullable=False),
        sa.Column("payment_status", sa.String()),
        _time("created_at"),
        _time("updated_at"),
    )


def _time(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, index=index)


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _index_where(name: str, table: str, column: str, where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], unique=unique, sqlite_where=condition, postgresql_where=condition)
