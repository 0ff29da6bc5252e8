"""Whatever is sent to it, the service answers what its contract says, and never that it failed itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.sandbox.stripe import StripeSandbox
from tests.reference.service import Service, running
from tests.reference.shop import connected

NOT_IN_A_SCHEMA = "positive_data_acceptance"
"""Which pages a buyer may be sent back to, and which signatures are genuine, no schema can say."""
ORIGINS = "https://kamiyo.ai,https://kamiyo.example"
"""The first is that of the contract's examples, which then get as far as Stripe."""
EXAMPLES = os.environ.get("READINESS_FUZZ", "10")
PLANNED = "POST /api/billing/create-portal-session"
"""Answers 501, as documented."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Service]:
    with StripeSandbox() as stripe, running(connected(stripe, ALLOWED_ORIGINS=ORIGINS)) as service:
        yield service


def spelled_out(shop: Service) -> str:
    """The contract without `default`, which would document whatever is answered."""
    with shop.client() as client:
        contract = client.get("/openapi.json").json()
    for operations in contract["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("default", None)
    return json.dumps(contract)


def fuzz(shop: Service, folder: Path, without: str, phases: str, *more: str) -> None:
    """Send generated requests, right and wrong ones, to the operations."""
    (folder / "openapi.json").write_text(spelled_out(shop))
    argv = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", shop.url, "--no-color"]
    argv += ["--checks", "all", "--exclude-checks", without, "--phases", phases, "--max-examples", EXAMPLES]
    argv += ["--generation-database", "none", "--max-failures", "3", *more]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_sells_keeps_the_contract(shop: Service, tmp_path: Path) -> None:
    fuzz(shop, tmp_path, NOT_IN_A_SCHEMA, "examples,coverage,fuzzing", "--exclude-name", PLANNED)
    assert any(line["event"] == "checkout_session_created" for line in shop.log())
    assert not [line for line in shop.log() if line["event"] in {"unexpected_error", "unloggable"}]


def test_what_is_planned_says_so(shop: Service, tmp_path: Path) -> None:
    without = f"{NOT_IN_A_SCHEMA},not_a_server_error"
    fuzz(shop, tmp_path, without, "examples,fuzzing", "--include-name", PLANNED)
