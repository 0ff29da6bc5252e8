"""``GET /_sandbox/deliveries``: the delivery log as JSON; ``?endpoint=we_...`` filters. No call of Stripe's."""

from __future__ import annotations

import json
from dataclasses import asdict
from urllib.parse import parse_qs

from readiness.sandbox.stripe.api import Request, Response
from readiness.sandbox.stripe.webhooks.deliveries import Webhooks

PATH = "/_sandbox/deliveries"


def answer(webhooks: Webhooks, request: Request) -> Response:
    """The log, oldest first; it has no secrets and no payloads."""
    wanted = parse_qs(request.query.decode("latin-1")).get("endpoint")
    rows = [{**asdict(one), "succeeded": one.succeeded} for one in webhooks.log if not wanted or one.endpoint in wanted]
    body = json.dumps({"deliveries": rows}, indent=2).encode()
    return Response(status=200, headers={"Content-Type": "application/json", "Cache-Control": "no-store"}, body=body)
