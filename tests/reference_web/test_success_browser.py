"""The success page in a real browser: loading, the order, and every way in which there is none to show."""

from __future__ import annotations

import secrets
import threading
from typing import Any

import pytest

from tests.reference_web.scripted_site import Site
from tests.reference_web.webdriver import Browser

ALERT = "document.querySelector('main [role=alert]')?.innerText"
STEPS = ["Check email for MCP token", "Add KAMIYO to Claude Desktop", "Start using security intelligence"]


def order(**changes: object) -> dict[str, Any]:
    return {
        "session_id": "cs_" + "test_" + secrets.token_hex(29),
        "status": "complete",
        "tier": "team",
        "amount_total": 9900,
        "currency": "usd",
        "customer_email": "a***@example.com",
        "payment_status": "paid",
    } | changes


def visit(browser: Browser, site: Site, session_id: str) -> None:
    browser.open(f"{site.origin}/dashboard/success?session_id={session_id}")


def links(browser: Browser) -> dict[str, str]:
    pairs = browser.run("return [...document.querySelectorAll('main a')].map(a => [a.innerText, a.pathname])")
    return dict(pairs)


@pytest.mark.parametrize(("tier", "name"), [("personal", "Personal"), ("team", "Team"), ("enterprise", "Enterprise")])
def test_a_paid_order_is_shown_with_its_next_steps(browser: Browser, site: Site, tier: str, name: str) -> None:
    paid = order(tier=tier)
    site.says(paid)
    visit(browser, site, paid["session_id"])
    browser.wait("document.querySelector('h1').innerText === 'Payment successful'")
    text = browser.text()
    assert f"subscribed to KAMIYO {name}." in text
    assert paid["session_id"] in text
    assert "$99" in text
    assert browser.run("return [...document.querySelectorAll('ol strong')].map(e => e.innerText)") == STEPS
    assert links(browser) == {"Go to Dashboard": "/dashboard", "View Setup Guide": "/mcp/setup"}
    assert {(call.method, call.path) for call in site.calls} == {
        ("GET", f"/api/billing/checkout-session/{paid['session_id']}")
    }
    assert browser.console() == []


@pytest.mark.parametrize(
    ("button", "heading"), [("/dashboard", "Dashboard"), ("/mcp/setup", "Add KAMIYO to Claude Desktop")]
)
def test_its_buttons_lead_on(browser: Browser, site: Site, button: str, heading: str) -> None:
    site.says(order())
    visit(browser, site, "cs_1")
    browser.wait("document.querySelector('h1').innerText === 'Payment successful'")
    browser.click(f"main a[href='{button}']")
    browser.wait(f"document.querySelector('h1').innerText === '{heading}'")


def test_a_payment_that_the_bank_still_confirms_is_not_called_paid(browser: Browser, site: Site) -> None:
    site.says(order(payment_status="unpaid"))
    visit(browser, site, "cs_1")
    browser.wait("document.querySelector('h1').innerText === 'Order received'")
    assert "still confirming" in browser.text()


def test_until_the_api_answers_the_page_says_that_it_loads(browser: Browser, site: Site) -> None:
    gate = threading.Event()
    site.says(order(), gate=gate)
    visit(browser, site, "cs_1")
    assert browser.wait("document.querySelector('[role=status][aria-busy=true]')?.innerText").startswith("Loading")
    gate.set()
    browser.wait("document.querySelector('h1').innerText === 'Payment successful'")


@pytest.mark.parametrize("query", ["", "?session_id=", "?other=1"])
def test_without_a_session_id_there_is_an_error_and_no_request(browser: Browser, site: Site, query: str) -> None:
    browser.open(f"{site.origin}/dashboard/success{query}")
    assert "names no order" in browser.wait(ALERT)
    assert links(browser)["Go to Dashboard"] == "/dashboard"
    assert site.calls == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, {"error": "not_found"}, "could not find this order"),
        (500, {"error": "internal_error", "detail": "StripeError"}, "could not load your order"),
        (200, b"not json", "could not load your order"),
        (200, {}, "could not load your order"),
        (200, order(status="open", payment_status="unpaid"), "not finished"),
        (200, order(status="expired", payment_status="unpaid"), "has expired"),
    ],
)
def test_every_failure_is_told_with_a_way_on(
    browser: Browser, site: Site, status: int, body: object, told: str
) -> None:
    site.says(body, status=status)
    visit(browser, site, "cs_1")
    assert told in browser.wait(ALERT)
    assert links(browser)["Go to Dashboard"] == "/dashboard"
    assert "StripeError" not in browser.text()


def test_a_passing_failure_can_be_tried_again(browser: Browser, site: Site) -> None:
    site.says({}, status=503)
    visit(browser, site, "cs_1")
    browser.wait(ALERT)
    site.says(order())
    browser.click("main button")
    browser.wait("document.querySelector('h1').innerText === 'Payment successful'")


def test_an_api_out_of_reach_is_told(browser: Browser, site: Site) -> None:
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*/api/*"])
    try:
        visit(browser, site, "cs_1")
        assert "could not load your order" in browser.wait(ALERT)
    finally:
        browser.cdp("Network.setBlockedURLs", urls=[])


def test_the_session_id_is_one_segment_of_the_path(browser: Browser, site: Site) -> None:
    site.says({}, status=404)
    visit(browser, site, "..%2F..%2Fadmin%3Fx")
    browser.wait(ALERT)
    assert {call.path for call in site.calls} == {"/api/billing/checkout-session/..%2F..%2Fadmin%3Fx"}


def test_what_the_api_says_is_shown_as_text(browser: Browser, site: Site) -> None:
    site.says(order(tier="<img src=x onerror=document.title='taken'>", session_id="<b>cs</b>"))
    visit(browser, site, "cs_1")
    browser.wait("document.querySelector('h1').innerText === 'Payment successful'")
    assert "<b>cs</b>" in browser.text()
    assert browser.run("return [document.querySelectorAll('main img').length, document.title]") == [
        0,
        "Your order - KAMIYO",
    ]
