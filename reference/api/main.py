"""The checkout service: ``uvicorn api.main:app --app-dir reference``."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import health
from api.billing import checkout as checkout_routes
from api.billing.plans import load_plans
from api.billing.records import CheckoutRecords
from api.errors import UnexpectedErrorMiddleware, install_error_handlers
from api.mcp import routes as mcp_routes
from api.middleware.body_limit import BodyLimitMiddleware
from api.middleware.csrf import CsrfProtectMiddleware
from api.middleware.rate_limiter import RateLimitMiddleware
from api.middleware.rate_storage import RateStorage
from api.middleware.request_context import RequestContextMiddleware
from api.middleware.security_headers import SecurityHeadersMiddleware
from api.settings import load_settings
from api.static_pages import StaticPages
from api.stripe_gateway import StripeGateway
from api.webhooks import routes as webhook_routes
from api.webhooks.handlers import Catalog
from api.webhooks.inbox import Inbox
from database.schema import Schema
from database.session import Database, DatabaseUnavailable
from emails.outbox import Outbox
from emails.sender import Sender
from emails.worker import Worker
from monitoring import prometheus_metrics
from monitoring.logging import configure_logging
from monitoring.prometheus_metrics import Metrics, Scrape
from monitoring.sentry import start_sentry, stop_sentry

log = logging.getLogger(__name__)

settings = load_settings()
configure_logging(settings.log_level, settings.secrets())
start_sentry(settings)
metrics = Metrics()
plans = load_plans()
pages = StaticPages()

secret_key = settings.stripe_secret_key.get_secret_value()
gateway = (
    StripeGateway(secret_key=secret_key, api_base=settings.stripe_api_base, on_error=metrics.stripe_error)
    if secret_key
    else None
)
prices = {tier: settings.price_id(variable) for tier, variable in plans.price_envs()}

database = Database(settings.database_url.get_secret_value())
schema = Schema(database)
mail_worker = Worker(
    outbox=Outbox(database=database),
    sender=Sender(settings=settings, plan_names=plans.names()),
    on_result=metrics.mail,
)
rate_storage = RateStorage(settings.redis_url.get_secret_value(), on_outage=metrics.redis_failures.inc)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Send mails while requests are answered; after the last one, end what is under way and close connections."""
    if settings.migrates_at_start:
        await _migrate()
    if settings.smtp_host:
        mail_worker.start()
    else:
        log.warning("mail_not_configured", extra={"context": {"detail": "mails wait until SMTP_HOST is set"}})
    yield
    await mail_worker.stop()
    if gateway:
        await gateway.close()
    await rate_storage.close()
    await database.close()
    await asyncio.to_thread(stop_sentry)


async def _migrate() -> None:
    try:
        await schema.upgrade()
    except DatabaseUnavailable:
        log.error("migration_failed")  # noqa: TRY400 - the reason was logged; the health says so until a restart


app = FastAPI(
    title="KAMIYO checkout",
    version="1.0.0",
    description="Sells the subscriptions of config/plans.json through Stripe Checkout.",
    lifespan=lifespan,
    docs_url=None,  # its scripts come from another host, which the content security policy forbids
    redoc_url=None,
    redirect_slashes=False,
)
app.state.settings = settings
app.state.checkout = checkout_routes.Checkout(
    stripe=gateway,
    prices=prices,
    product_type=plans.product_type,
    allowed_origins=settings.allowed_origins,
    automatic_tax=settings.stripe_automatic_tax,
    livemode=settings.production,
    records=CheckoutRecords(database=database),
    health=health.HealthProbe(
        stripe=gateway,
        schema=schema,
        prices=prices,
        webhooks=bool(settings.stripe_webhook_secret.get_secret_value()),
    ),
    metrics=metrics,
)
app.state.database = database
app.state.metrics = metrics
app.state.scrape = Scrape(metrics=metrics, database=database)
app.state.inbox = Inbox(
    database=database,
    catalog=Catalog(product_type=plans.product_type, tiers={price: tier for tier, price in prices.items() if price}),
    stored=mail_worker.wake,
)

# the last one added is the outermost
app.add_middleware(UnexpectedErrorMiddleware)
app.add_middleware(BodyLimitMiddleware)
app.add_middleware(
    CsrfProtectMiddleware,
    allowed_origins=settings.allowed_origins,
    exempt=[webhook_routes.PATH],  # guarded by Stripe's signature
)
app.add_middleware(
    RateLimitMiddleware,
    per_minute=settings.rate_limit_per_minute,  # 30 unless RATE_LIMIT_PER_MINUTE says otherwise
    trusted_proxies=settings.trusted_proxies,
    # Stripe sends bursts, from many addresses; the MCP server asks for all its customers, from one
    exempt=[webhook_routes.PATH, mcp_routes.WHOAMI],
    storage=rate_storage,
)
app.add_middleware(
    CORSMiddleware,
    allow_origins=settings.allowed_origins,
    allow_methods=["GET", "POST"],
    allow_headers=["Content-Type"],
    expose_headers=["Retry-After", "X-Request-ID"],
)
app.add_middleware(SecurityHeadersMiddleware, production=settings.production)
app.add_middleware(RequestContextMiddleware)

install_error_handlers(app, pages)
app.include_router(checkout_routes.router, tags=["Checkout"])
app.include_router(webhook_routes.router, tags=["Webhooks"])
app.include_router(mcp_routes.router, tags=["MCP"])
app.include_router(health.router)
app.include_router(prometheus_metrics.router)
app.router.routes.extend(pages.routes())
