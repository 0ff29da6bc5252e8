from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.code_under_test import complaints

VERIFIED = (
    "stripe.Webhook.construct_event | stripe.StripeClient.construct_event | stripe.WebhookSignature.verify_header"
)
HOOK: dict[str, Any] = {
    "files": ("api/**/*.py",),
    "calls": (VERIFIED,),
    "handler_of": "/api/v1/webhooks/stripe",
}
ROUTE = """
import json
import os
import stripe
from fastapi import APIRouter, HTTPException, Request
SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]
router = APIRouter(prefix="/api/v1/webhooks")

@router.post("/stripe")
async def receive(request: Request):
    payload = await request.body()
    try:
        event = stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], SECRET)
    except (ValueError, stripe.SignatureVerificationError):
        raise HTTPException(400)
    return {"received": event.id}
"""
CALL = 'stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], SECRET)'
GATEWAY = """
import stripe
class Gateway:
    def __init__(self, key: str, secret: str):
        self._client = stripe.StripeClient(key)
        self._secret = secret
    def verify(self, payload: bytes, header: str):
        return self._client.construct_event(payload, header, self._secret)
def get_gateway() -> Gateway:
    return Gateway("key", "secret")
"""
VERIFYING = {
    "as the document has it": {"api/hook.py": ROUTE},
    "an alias": {
        "api/hook.py": ROUTE.replace("import stripe", "import stripe\nfrom stripe import Webhook as W").replace(
            "stripe.Webhook", "W"
        )
    },
    "a client": {
        "api/hook.py": ROUTE.replace("SECRET =", "client = stripe.StripeClient('k')\nSECRET =").replace(
            "stripe.Webhook", "client"
        )
    },
    "a helper": {
        "api/hook.py": ROUTE.replace(CALL, "verified(payload, request)")
        + f"\ndef verified(payload, request):\n    return {CALL}\n"
    },
    "a dependency": {
        "api/hook.py": ROUTE.replace(
            "import stripe", "import stripe\nfrom fastapi import Depends\nfrom api.gateway import Gateway, get_gateway"
        )
        .replace("request: Request", "request: Request, gateway: Gateway = Depends(get_gateway)")
        .replace(CALL, 'gateway.verify(payload, request.headers["stripe-signature"])'),
        "api/gateway.py": GATEWAY,
    },
    "a dependency without a class": {
        "api/hook.py": ROUTE.replace(
            "import stripe", "import stripe\nfrom fastapi import Depends\nfrom api.gateway import get_gateway"
        )
        .replace("request: Request", "request: Request, gateway=Depends(get_gateway)")
        .replace(CALL, 'gateway.verify(payload, request.headers["stripe-signature"])'),
        "api/gateway.py": GATEWAY.replace(" -> Gateway", ""),
    },
    "the state of the application": {
        "api/hook.py": ROUTE.replace(CALL, "request.app.state.gateway.verify(payload, 'h')"),
        "api/gateway.py": GATEWAY,
    },
    "a dependency of the router": {
        "api/hook.py": ROUTE.replace('/api/v1/webhooks")', '/api/v1/webhooks", dependencies=[Depends(check)])')
        .replace(
            "router =", f"async def check(request: Request):\n    payload = await request.body()\n    {CALL}\nrouter ="
        )
        .replace(f"event = {CALL}", "event = json.loads(payload)")
        .replace("import stripe", "import stripe\nfrom fastapi import Depends"),
    },
    "add_api_route": {
        "api/hook.py": ROUTE.replace('@router.post("/stripe")\n', "")
        + '\nPATH = "/stripe"\nrouter.add_api_route(PATH, receive, methods=["POST"])\n'
    },
    "a thread": {"api/hook.py": ROUTE.replace(CALL, "await run_in_threadpool(lambda: " + CALL + ")")},
    "a thread that gets the function": {
        "api/hook.py": ROUTE.replace(CALL, CALL.replace("event(", "event, ").join(("await asyncio.to_thread(", "")))
    },
    "the function handed over": {
        "api/hook.py": ROUTE.replace(CALL, "await run(check, payload)") + f"\ndef check(payload):\n    return {CALL}\n"
    },
}


@pytest.mark.parametrize("files", VERIFYING.values(), ids=VERIFYING.keys())
def test_the_signature_is_verified(tmp_path: Path, files: dict[str, str]) -> None:
    assert complaints(tmp_path, files, **HOOK, must_raise=True) == []


NOT_VERIFYING = {
    "removed": {"api/hook.py": ROUTE.replace(CALL, "json.loads(payload)")},
    "kept in a comment": {"api/hook.py": ROUTE.replace(CALL, f"json.loads(payload)  # {CALL}")},
    "kept in a function that nobody uses": {
        "api/hook.py": ROUTE.replace(CALL, "json.loads(payload)")
        + f"\ndef verified(payload, request):\n    return {CALL}\n"
    },
    "only in another route": {
        "api/hook.py": ROUTE.replace(CALL, "json.loads(payload)")
        + f"\n@router.post('/other')\ndef other(payload, request):\n    return {CALL}\n"
    },
    "after the return": {"api/hook.py": ROUTE.replace("    try:", "    return {}\n    try:")},
    "a local class of that name": {
        "api/hook.py": ROUTE.replace(
            "import stripe\n",
            "import stripe as real\nclass stripe:\n  class Webhook:\n    def construct_event(*a): ...\n",
        )
    },
    "swallowed": {"api/hook.py": ROUTE.replace("raise HTTPException(400)", "event = json.loads(payload)")},
    "passed over": {"api/hook.py": ROUTE.replace("raise HTTPException(400)", "pass")},
    "suppressed": {
        "api/hook.py": ROUTE.replace("    try:", "    with contextlib.suppress(Exception):").replace(
            "    except (ValueError, stripe.SignatureVerificationError):\n        raise HTTPException(400)\n", ""
        )
    },
    "the gateway no longer asked": {
        "api/hook.py": ROUTE.replace(CALL, "json.loads(payload)"),
        "api/gateway.py": GATEWAY,
    },
    "the gateway no longer verifies": {
        "api/hook.py": ROUTE.replace(CALL, "Gateway('k', 's').verify(payload, '')").replace(
            "import stripe", "import stripe\nfrom api.gateway import Gateway"
        ),
        "api/gateway.py": GATEWAY.replace(
            "self._client.construct_event(payload, header, self._secret)", "json.loads(payload)"
        ),
    },
    "the route is gone": {"api/hook.py": ROUTE.replace("@router", "# @router")},
    "another path": {"api/hook.py": ROUTE.replace('"/stripe"', '"/stripes"')},
}


@pytest.mark.parametrize("files", NOT_VERIFYING.values(), ids=NOT_VERIFYING.keys())
def test_the_signature_is_not_verified(tmp_path: Path, files: dict[str, str]) -> None:
    assert complaints(tmp_path, files, **HOOK, must_raise=True)


HELPER = f"\ndef verified(payload, request):\n    return {CALL}\n"


@pytest.mark.parametrize(
    ("call", "accused"),
    [
        (f"{CALL} if request.query_params.get('verify') != '0' else json.loads(payload)", True),
        (f"SECRET and {CALL}", True),
        ("verified(payload, request) if SECRET else json.loads(payload)", True),
        (f"json.loads(payload)\n        if SECRET:\n            event = {CALL}", True),
        (f"None\n        if not SECRET:\n            raise ValueError\n        event = {CALL}", False),
        (f"None\n        if SECRET:\n            event = {CALL}\n        else:\n            raise ValueError", False),
        (f"None\n        for secret in [SECRET]:\n            event = {CALL}", False),
        ("verified(payload, request)", False),
        (f"None\n        if SECRET:\n            return handle(payload)\n        event = {CALL}", True),
        (f"None\n        if not SECRET:\n            return JSONResponse({{}}, 400)\n        event = {CALL}", False),
    ],
)
def test_no_condition_may_leave_it_out(tmp_path: Path, call: str, accused: bool) -> None:
    files = {"api/hook.py": ROUTE.replace(CALL, call) + HELPER}
    assert bool(complaints(tmp_path, files, **HOOK, always=True)) is accused


def test_a_failure_that_the_caller_of_a_helper_swallows(tmp_path: Path) -> None:
    files = {"api/hook.py": ROUTE.replace(CALL, "verified(payload, request)") + HELPER}
    assert complaints(tmp_path, files, **HOOK, must_raise=True) == []
    files["api/hook.py"] = files["api/hook.py"].replace("raise HTTPException(400)", "event = json.loads(payload)")
    assert "may fail unnoticed: api/hook.py:14" in complaints(tmp_path, files, **HOOK, must_raise=True)[0]
