"""Figures for Prometheus at ``/metrics``.

Labels are taken from bounded sets only, never from what a client sent: each combination stays in
memory for ever. Counts are those of this process; Prometheus adds the instances up.
"""

import asyncio
import math
import secrets
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import APIRouter, Header, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client import generate_latest as render
from sqlalchemy import func, select

from api.billing.plans import Tier
from api.errors import ApiError
from api.settings import Settings
from api.stripe_gateway import SALES
from api.webhooks.handlers import HANDLED
from database.models import MailStatus, OutboxMail, now
from database.session import LOOK_SECONDS, Database, DatabaseUnavailable
from emails.worker import Result

PATH = "/metrics"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10)
"""2 seconds is the bound that the checkout is held to."""
NO_ANSWER = "none"
"""Status of a request whose connection ended before there was an answer."""
USUAL = (NO_ANSWER, "400", "401", "403", "429", "500")
"""Statuses with which Stripe usually fails."""
WAITING = (MailStatus.PENDING, MailStatus.DEAD)

router = APIRouter()
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("api_requests", "Answered requests", ["endpoint", "status"], registry=registry)
        self.seconds = Histogram(
            "api_request_duration_seconds", "Time to the whole answer", ["endpoint"], buckets=SECONDS, registry=registry
        )
        self.created = Counter("checkout_sessions_created", "Sessions made at Stripe", ["tier"], registry=registry)
        self.retrieved = Counter("checkout_sessions_retrieved", "Sessions read at Stripe", registry=registry)
        self.webhooks = Counter("webhook_events", "Events of Stripe", ["type", "outcome"], registry=registry)
        self.stripe_errors = Counter(
            "stripe_errors", "Calls that Stripe refused or did not answer", ["operation", "status"], registry=registry
        )
        self.mails = Counter("mails", "Attempts to send a mail", ["result"], registry=registry)
        self.outbox = Gauge("outbox_mails", "Mails that were not sent", ["status"], registry=registry)
        self.outbox_age = Gauge("outbox_oldest_pending_seconds", "Age of the oldest mail in wait", registry=registry)
        self.database_up = Gauge("database_up", "1 where the database answered this scrape", registry=registry)
        self.redis_failures = Counter(
            "rate_limit_redis_failures", "Times that counting fell back to this process", registry=registry
        )
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """An alert on a rise sees the first one only where there was a zero before."""
        for tier in Tier:
            self.created.labels(tier=tier.value)
        for result in get_args(Result):
            self.mails.labels(result=result)
        for outcome in ("refused", "failed"):
            self.webhooks.labels(type="unknown", outcome=outcome)
        for kind in HANDLED:
            self.webhooks.labels(type=kind, outcome="failed")
        for operation in SALES:
            for status in USUAL:
                self.stripe_errors.labels(operation=operation, status=status)

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self.requests.labels(endpoint=endpoint, status=str(status or NO_ANSWER)).inc()
        self.seconds.labels(endpoint=endpoint).observe(seconds)

    def webhook(self, outcome: str, kind: str | None = None) -> None:
        """Count an event; without a kind it is not known, because it was not verified."""
        known = kind if kind in HANDLED else "other"
        self.webhooks.labels(type=known if kind else "unknown", outcome=outcome).inc()

    def stripe_error(self, operation: str, status: int | None) -> None:
        """Count a failed call; without a status Stripe did not answer."""
        self.stripe_errors.labels(operation=operation, status=str(status or NO_ANSWER)).inc()

    def mail(self, result: Result) -> None:
        """Count what became of a mail."""
        self.mails.labels(result=result).inc()


@dataclass(kw_only=True)
class Scrape:
    """Brings the figures of the database up to date and renders all of them; one at a time."""

    metrics: Metrics
    database: Database

    def __post_init__(self) -> None:
        self._lock = asyncio.Lock()

    async def text(self) -> bytes:
        """Prometheus' text format."""
        async with self._lock:
            try:
                await self._look()
                self.metrics.database_up.set(1)
            except DatabaseUnavailable:
                self._forget()
        return render(self.metrics.registry)

    async def _look(self) -> None:
        waiting = (
            select(OutboxMail.status, func.count(), func.min(OutboxMail.created_at))
            .where(OutboxMail.status.in_(WAITING))
            .group_by(OutboxMail.status)
        )
        async with self.database.transaction(LOOK_SECONDS) as session:
            found = {status: (count, oldest) for status, count, oldest in await session.execute(waiting)}
        for status in WAITING:
            self.metrics.outbox.labels(status=status.value).set(found.get(status, (0, None))[0])
        oldest = found.get(MailStatus.PENDING, (0, None))[1]
        self.metrics.outbox_age.set((now() - oldest).total_seconds() if oldest else 0)

    def _forget(self) -> None:
        """What is not known is no number."""
        self.metrics.database_up.set(0)
        self.metrics.outbox_age.set(math.nan)
        for status in WAITING:
            self.metrics.outbox.labels(status=status.value).set(math.nan)


@router.get(PATH, include_in_schema=False)
async def metrics(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
    """The figures: for who has METRICS_TOKEN; without one for everybody in development and test, else for nobody."""
    settings: Settings = request.app.state.settings
    token = settings.metrics_token.get_secret_value()
    if not token and not settings.unguarded:
        raise ApiError(404, "not_found", "There is nothing at this address.")
    if token and not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        headers = {"WWW-Authenticate": "Bearer"}
        raise ApiError(401, "invalid_token", "The token is missing or wrong.", headers)
    scrape: Scrape = request.app.state.scrape
    return Response(await scrape.text(), media_type=CONTENT_TYPE_LATEST)
