"""Stripe's own command line and types, where they are installed (scripts/setup), against the sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.types.judge import FILE

NODE = Path(__file__).parents[1] / "node"
CLI = NODE / "node_modules" / ".bin" / "stripe"
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
"""It looks for new versions of itself; this machine's own addresses are asked without a proxy."""
EVENTS = (
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
    "payment_intent.payment_failed",
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not CLI.exists() or shutil.which("node") is None:
        pytest.skip("the npm packages of tests/node are not installed")


@pytest.mark.parametrize("event", EVENTS)
def test_the_cli_triggers_it(sandbox: StripeSandbox, client: stripe.StripeClient, tmp_path: Path, event: str) -> None:
    ran = subprocess.run(
        [CLI, "trigger", event, "--api-base", sandbox.url, "--api-key", sandbox.secret_key],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "STRIPE_CLI_TELEMETRY_OPTOUT": "1", **NOWHERE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Trigger succeeded" in ran.stdout
    assert client.v1.events.list({"type": event}).data


def test_the_schemas_are_those_of_the_types() -> None:
    dump = Path(__file__).parent / "types" / "dump.mjs"
    made = subprocess.run(["node", dump, NODE], capture_output=True, text=True, timeout=120, check=True).stdout
    assert made == FILE.read_text("utf-8"), f"run: node {dump.name} tests/node > {FILE.name}"
