"""What the demo's play is made of before the curtain: a copy of the service, keys, prices, a zone, a mail server.

A break changes the stage; then everything starts from it.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from readiness._bundled import CHECKLIST, REFERENCE
from readiness.sandbox.dns import DnsSandbox, demo_zone
from readiness.sandbox.sentry import SentrySandbox
from readiness.sandbox.smtp import SmtpSandbox
from readiness.sandbox.stripe import StripeSandbox
from readiness.sandbox.stripe.events import VERSION

DOMAIN = "kamiyo.ai"
PRICES = {"STRIPE_PRICE_MCP_PERSONAL": 1900, "STRIPE_PRICE_MCP_TEAM": 9900, "STRIPE_PRICE_MCP_ENTERPRISE": 29900}
"""The variable of each tier, and its price in cents."""
WEBHOOK = "/api/v1/webhooks/stripe"
"""Where the service hears of events."""
EVENTS = (
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
)
NOT_COPIED = shutil.ignore_patterns("node_modules", ".next", "__pycache__", "tests", ".env", "*.pyc")


@dataclass
class Stage:
    """Everything that a break may change."""

    folder: Path
    stripe: StripeSandbox
    mail: SmtpSandbox
    sentry: SentrySandbox
    environment: str = "development"
    variables: dict[str, str] = field(default_factory=dict)
    """Of the checklist, as with ``--var``."""
    env: dict[str, str] = field(default_factory=dict)
    """Environment variables of the service, which the checklist looks at too."""
    zone: str = field(default_factory=demo_zone)
    endpoint: str = ""
    """Id of the webhook endpoint at Stripe."""
    webhook_url: str = ""
    """Where that endpoint leads, if not to the service."""

    @property
    def tree(self) -> Path:
        """The service's source."""
        return self.folder / "reference"

    @property
    def checklist(self) -> Path:
        """The checklist, beside the tree as in the repository."""
        return self.folder / "checklist.yaml"

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file of the tree. Raises ValueError where it is not there: a break must break."""
        path = self.tree / name
        text = path.read_text("utf-8")
        if old not in text:
            raise ValueError(f"{name} does not hold {old!r}")
        path.write_text(text.replace(old, new), "utf-8")

    def edit_zone(self, old: str, new: str) -> None:
        """Replace a text in the zone file. Raises ValueError where it is not there."""
        if old not in self.zone:
            raise ValueError(f"the zone does not hold {old!r}")
        self.zone = self.zone.replace(old, new)


@contextmanager
def set_stage() -> Iterator[Stage]:
    """A stage with a Stripe, a mail server and a Sentry that run already; the folder goes with the context."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="readiness-demo-")))
        shutil.copytree(REFERENCE, folder / "reference", ignore=NOT_COPIED)
        shutil.copy(CHECKLIST, folder / "checklist.yaml")
        stripe = stack.enter_context(StripeSandbox())
        stripe.add_tax_registration("US", "DE")
        endpoint, secret = stripe.add_webhook_endpoint(f"http://127.0.0.1:9{WEBHOOK}", EVENTS, api_version=VERSION)
        mail, sentry = stack.enter_context(SmtpSandbox()), stack.enter_context(SentrySandbox())
        stage = Stage(folder=folder, stripe=stripe, mail=mail, sentry=sentry, endpoint=endpoint)
        stage.env |= _environment(stripe, secret) | _operations(mail, sentry)
        stage.env["DATABASE_URL"] = database(stage, "checkout")
        yield stage


def database(stage: Stage, name: str) -> str:
    """Where a service of the stage keeps its rows: a file beside the tree, which the checks search."""
    return f"sqlite+aiosqlite:///{stage.folder / name}.db"


def _environment(stripe: StripeSandbox, webhook_secret: str) -> dict[str, str]:
    keys = {
        "ENVIRONMENT": "development",
        "STRIPE_SECRET_KEY": stripe.secret_key,
        "STRIPE_PUBLISHABLE_KEY": stripe.publishable_key,
        "STRIPE_WEBHOOK_SECRET": webhook_secret,
        "STRIPE_API_BASE": stripe.url,
        "STRIPE_AUTOMATIC_TAX": "true",
        # a run sends more than thirty probes within a minute
        "RATE_LIMIT_PER_MINUTE": "100000",
    }
    prices = {variable: stripe.add_price(amount, tax_behavior="exclusive") for variable, amount in PRICES.items()}
    return keys | prices


def _operations(mail: SmtpSandbox, sentry: SentrySandbox) -> dict[str, str]:
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.port),
        "SMTP_TLS": "none",
        "SMTP_FROM": f"KAMIYO <noreply@{DOMAIN}>",
        "SENTRY_DSN": sentry.dsn,
        "METRICS_TOKEN": secrets.token_urlsafe(32),
    }


@contextmanager
def name_server(stage: Stage) -> Iterator[DnsSandbox]:
    """The stage's zone, served."""
    with DnsSandbox(stage.zone, DOMAIN) as dns:
        yield dns
