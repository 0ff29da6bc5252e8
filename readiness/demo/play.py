"""The play: the service of a stage runs, a spare one beside it, and somebody has bought something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from readiness.demo.service import Service
from readiness.demo.stage import WEBHOOK, Stage, database

SPARE_LACKS = ("RATE_LIMIT_PER_MINUTE", "STRIPE_PRICE_MCP_TEAM")
PATIENCE = 10.0
"""Seconds in which the events of the first purchase must have been sent."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """What runs."""

    service: Service
    spare: Service
    """The same source without a usable key of Stripe and without the team's price, with the limit of production."""
    stage: Stage

    @property
    def variables(self) -> Mapping[str, str]:
        """Of the checklist: where everything is."""
        url = self.service.url
        return {
            "api": url,
            "web": url,
            "stripe_events": "delivered",
            "spare": "running",
            "spare_api": self.spare.url,
            "sandboxes": "running",
            "inbox": self.stage.mail.inbox.url,
            "sentry": self.stage.sentry.url,
        }


@contextmanager
def play(stage: Stage, environment: Mapping[str, str]) -> Iterator[Play]:
    """Run the services with these variables; Stripe's endpoint leads to the first one. Raises ReadinessError."""
    service = Service(stage.tree, {}, stage.folder / "service.log")
    origins = environment.get("ALLOWED_ORIGINS", service.url)
    whole = {"ALLOWED_ORIGINS": origins, **environment}
    service.add_environment(whole)
    spare = Service(stage.tree, _without(stage, whole), stage.folder / "spare.log")
    spare.add_environment({"DATABASE_URL": database(stage, "spare")})
    stage.stripe.patch(stage.endpoint, url=stage.webhook_url or f"{service.url}{WEBHOOK}")
    with ExitStack() as stack:
        _start([service, spare], stack)
        _buy(stage)
        yield Play(service=service, spare=spare, stage=stage)


def _without(stage: Stage, environment: Mapping[str, str]) -> dict[str, str]:
    revoked = stage.stripe.restricted_key("rak_checkout_session_write")
    stage.stripe.revoke(revoked)
    kept = {name: value for name, value in environment.items() if name not in SPARE_LACKS}
    return kept | {"STRIPE_SECRET_KEY": revoked}


def _start(services: Sequence[Service], stack: ExitStack) -> None:
    """All at once; those that run are ended with the stack, also where another one does not start."""
    with ThreadPoolExecutor(len(services)) as pool:
        starts = [pool.submit(service.__enter__) for service in services]
    for service, start in zip(services, starts, strict=True):
        if start.exception() is None:
            stack.push(service.__exit__)
    for start in starts:
        start.result()


def _buy(stage: Stage) -> None:
    """So that there are events which Stripe has delivered."""
    price = stage.stripe.add_price(1900, tax_behavior="exclusive")
    carried = {"tier": "personal", "product_type": "mcp"}
    stage.stripe.purchase(price, metadata=carried, subscription_data={"metadata": carried})
    stage.stripe.webhooks.settle(PATIENCE)  # where it takes longer, the checklist says so
