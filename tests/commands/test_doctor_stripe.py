"""What doctor tells of the permissions that a key of Stripe needs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from readiness.sandbox.stripe import StripeSandbox
from tests.engine import Folder

ITEMS = """
p: {title: Price, check: stripe.price, with: {price: price_1, amount: 1900}}
t: {title: Portal, check: stripe.portal}
e: {title: Bought, manual: Buy it, evidence: note,
    evidence_check: {check: stripe.evidence, with: {text: "${evidence}"}}}
s: {title: Elsewhere, check: stripe.account, environments: [production]}
"""
HEAD = "environments: {development: {}, production: {}}"
NEEDED = (
    "rak_plan_read", "rak_product_read", "rak_customer_portal_read", "rak_checkout_session_read",
    "rak_subscription_read", "rak_payment_intent_read",
)  # fmt: skip


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        yield running


def words(folder: Folder, sandbox: StripeSandbox, key: str | None, *more: str) -> tuple[int, str]:
    folder.checklist(ITEMS, HEAD)
    env = {"STRIPE_API_BASE": sandbox.url, **({"STRIPE_SECRET_KEY": key} if key else {})}
    done = folder.shell("doctor", "--allow", "plugin", *more, env=env)
    assert not key or key not in done.out + done.err
    return done.code, " ".join(done.out.split())


def test_a_secret_key_may_do_everything_and_the_least_is_told(folder: Folder, sandbox: StripeSandbox) -> None:
    code, text = words(folder, sandbox, sandbox.secret_key)
    assert code == 0
    for permission in NEEDED:
        assert f"ok Stripe permission {permission}:" in text
    assert "Prices: Read: a secret key may do everything; a restricted key needs no more than this" in text
    assert "rak_accounts" not in text
    assert not sandbox.requests


def test_what_a_restricted_key_lacks(folder: Folder, sandbox: StripeSandbox) -> None:
    key = sandbox.restricted_key("rak_plan_read", "rak_product_read")
    code, text = words(folder, sandbox, key)
    assert code == 3
    assert "ok Stripe permission rak_plan_read: Prices: Read: the key has it" in text
    assert "MISSING Stripe permission rak_customer_portal_read: Customer portal: Read: the restricted key lacks" in text
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_offline_only_the_list(folder: Folder, sandbox: StripeSandbox) -> None:
    code, text = words(folder, sandbox, sandbox.restricted_key(), "--offline")
    assert code == 0
    assert "Stripe permission rak_plan_read: Prices: Read: needed; not looked at" in text
    assert not sandbox.requests


def test_without_a_key_only_the_list(folder: Folder, sandbox: StripeSandbox) -> None:
    code, text = words(folder, sandbox, None)
    assert code == 3
    assert "MISSING Stripe permissions: STRIPE_SECRET_KEY is not set" in text
    assert "rak_plan_read: Prices: Read: needed; not looked at" in text


def test_a_key_that_nobody_has(folder: Folder, sandbox: StripeSandbox) -> None:
    code, text = words(folder, sandbox, "rk_" + "test_" + secrets.token_hex(24))
    assert code == 3
    assert "cannot be looked at: the test mode key in STRIPE_SECRET_KEY is not accepted by Stripe (401)" in text
