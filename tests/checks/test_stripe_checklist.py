"""All kinds of Stripe in one checklist: that it passes, what it says when it cannot look, and how often it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.billing.versions import installed
from readiness.sandbox.stripe import StripeSandbox
from tests.checks.stripe_desk import SIX, Shop, sdk
from tests.engine import Folder

CHECKLIST = Path(__file__).parents[1] / "data/stripe/checklist.yaml"
URL = "https://api.kamiyo.ai/api/v1/webhooks/stripe"
TIERS = {"personal": 1900, "team": 9900, "enterprise": 29900}
ADDRESS = {"city": None, "country": "US", "line1": None, "line2": None, "postal_code": None, "state": "DE"}
TAX = {
    "status": "active",
    "status_details": {"active": {}},
    "defaults": {"provider": "stripe", "tax_behavior": "exclusive", "tax_code": "txcd_10000000"},
    "head_office": {"address": ADDRESS},
}
MOST_GETS = 15


@pytest.fixture
def sandbox() -> Iterator[StripeSandbox]:
    with StripeSandbox() as running:
        running.add_webhook_endpoint(URL, SIX, api_version=installed())
        running.add_webhook_endpoint("https://hooks.zapier.com/hooks/1")
        running.add_tax_registration("US", "CA")
        running.patch("tax_settings_test", **TAX)
        yield running


@pytest.fixture
def team(folder: Folder, sandbox: StripeSandbox) -> Folder:
    """A team's checklist, requirements and environment."""
    prices = {f"STRIPE_PRICE_MCP_{tier.upper()}": sandbox.add_price(amount) for tier, amount in TIERS.items()}
    folder.process = {"STRIPE_SECRET_KEY": sandbox.secret_key, "STRIPE_API_BASE": sandbox.url, **prices}
    folder.write("requirements.txt", "stripe==16.1.0\n")
    folder.write("checklist.yaml", CHECKLIST.read_text("utf-8"))
    return folder


def shop(team: Folder, sandbox: StripeSandbox) -> Shop:
    prices = {tier: team.process[f"STRIPE_PRICE_MCP_{tier.upper()}"] for tier in TIERS}
    return Shop(sandbox=sandbox, prices=prices, changes={"automatic_tax": {"enabled": True}})


def test_a_whole_checklist_asks_fifteen_times_at_most(team: Folder, sandbox: StripeSandbox) -> None:
    attest(team, buy(team, sandbox))
    before = len(sandbox.requests)
    with shop(team, sandbox).open() as web:
        report = team.observe(variables=[f"api={web.url}"])
    assert {result.id: result.message for result in report.results if result.state != "pass"} == {}
    gets = Counter(request.path for request in sandbox.requests[before:] if request.method == "GET")
    assert gets.total() <= MOST_GETS, gets


def test_with_an_expired_key_nothing_fails_but_what_is_about_the_key(team: Folder, sandbox: StripeSandbox) -> None:
    sandbox.revoke(sandbox.secret_key)
    nobody = "http://127.0.0.1:9"
    states = {identity: state for identity, (state, _) in team.states(variables=[f"api={nobody}"]).items()}
    about_the_key = ("stripe.secret-key", "live.account")
    assert {states.pop(identity) for identity in about_the_key} == {"fail"}
    assert states.pop("checkout.sessions") == "fail", "our own service is not there"
    assert states.pop("stripe.sdk") == "pass"
    assert states.pop("post.purchase") == "pending"
    assert set(states.values()) == {"error"}


def buy(team: Folder, sandbox: StripeSandbox) -> str:
    """Somebody buys a tier, and pays. Returns the session's id."""
    carried = {"tier": "team", "product_type": "mcp"}
    price = team.process["STRIPE_PRICE_MCP_TEAM"]
    with sdk(sandbox) as client:
        session = client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "line_items": [{"price": price, "quantity": 1}],
                "metadata": carried,
                "subscription_data": {"metadata": carried},
                "success_url": "https://kamiyo.ai/ok",
            }
        )
    sandbox.complete(session.id)
    return str(session.id)


def attest(team: Folder, note: str) -> None:
    """A person notes the purchase; the machine looks at it before it is written."""
    person = ("--by", "rm@kamiyo.ai")
    done = team.shell("attest", "post.purchase", *person, "--note", "it worked", env=team.process)
    assert done.code != 0
    assert "names 0 of 1 purchases" in " ".join((done.err + done.out).split())
    done = team.shell("attest", "post.purchase", *person, "--note", f"bought {note}", env=team.process)
    assert done.code == 0, done.err
