"""The pricing page in a real browser: what a click sends, and what the visitor sees meanwhile and afterwards."""

from __future__ import annotations

import threading

import pytest

from tests.reference_web.scripted_site import Site
from tests.reference_web.webdriver import ENTER, TAB, Browser

CREATE = "/api/billing/create-checkout-session"
BUTTON = "[data-tier=%s] button"
READY = "document.querySelector('[data-tier=personal] button')"


def open_pricing(browser: Browser, site: Site, query: str = "") -> None:
    site.says({"checkout_url": f"{site.origin}/pay", "session_id": "cs_test_" + "x" * 20, "expires_at": 2_000_000_000})
    browser.open(f"{site.origin}/pricing{query}")
    browser.wait(READY)


@pytest.mark.parametrize("tier", ["personal", "team"])
def test_a_click_asks_for_a_session_and_goes_to_the_payment_page(browser: Browser, site: Site, tier: str) -> None:
    open_pricing(browser, site, "?from=mail")
    browser.click(BUTTON % tier)
    site.wait_for_visit("/pay")
    (call,) = site.calls
    assert (call.method, call.path) == ("POST", CREATE)
    assert call.body == {
        "tier": tier,
        "success_url": f"{site.origin}/dashboard/success?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{site.origin}/pricing?from=mail",
    }


def test_enterprise_subscribes_on_the_inquiries_page(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    browser.click("[data-tier=enterprise] a")
    browser.wait("location.pathname === '/inquiries' && document.querySelector('main').innerText.includes('sales@')")
    assert site.calls == []
    browser.click(BUTTON % "enterprise")
    site.wait_for_visit("/pay")
    assert site.calls[0].body["tier"] == "enterprise"
    assert site.calls[0].body["cancel_url"] == f"{site.origin}/inquiries"


def test_x402_goes_to_the_api_docs(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    browser.click("[data-tier=x402] a")
    browser.wait("location.pathname === '/api-docs' && document.querySelector('h1').innerText === 'API documentation'")
    assert site.calls == []


def test_the_address_saved_on_the_dashboard_fills_in_checkout(browser: Browser, site: Site) -> None:
    browser.open(f"{site.origin}/dashboard")
    browser.wait("document.querySelector('input')")
    browser.type("input", "ada@example.com")
    browser.click("form button")
    browser.wait("document.querySelector('[role=status]').innerText.includes('Saved')")
    open_pricing(browser, site)
    browser.click(BUTTON % "team")
    site.wait_for_visit("/pay")
    assert site.calls[0].body["user_email"] == "ada@example.com"


def test_what_is_no_address_is_not_sent(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    browser.run("localStorage.setItem('kamiyo.user_email', 'not an address')")
    open_pricing(browser, site)
    browser.click(BUTTON % "team")
    site.wait_for_visit("/pay")
    assert "user_email" not in site.calls[0].body


def test_while_the_api_works_the_button_says_so_and_a_second_click_does_nothing(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    gate = threading.Event()
    site.says({"checkout_url": f"{site.origin}/pay"}, gate=gate)
    browser.run("const b = document.querySelector(arguments[0]); b.click(); b.click();", BUTTON % "team")
    browser.wait("document.querySelector('[data-tier=team] button').innerText === 'Processing...'")
    state = browser.run(
        "const b = document.querySelector(arguments[0]); return [b.disabled, b.ariaBusy]", BUTTON % "team"
    )
    assert state == [True, "true"]
    assert browser.text(BUTTON % "personal") == "Subscribe - $19/mo"
    gate.set()
    site.wait_for_visit("/pay")
    assert len(site.calls) == 1


def test_back_from_the_payment_page_the_button_works_again(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    browser.click(BUTTON % "team")
    site.wait_for_visit("/pay")
    browser.post("/back")
    browser.wait("document.querySelector('[data-tier=team] button')?.innerText === 'Subscribe - $99/mo'")
    assert browser.run("return document.querySelector(arguments[0]).disabled", BUTTON % "team") is False


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, {"error": "internal_error", "detail": "StripeError: No such price"}, "You have not been charged"),
        (400, {"error": "invalid_request"}, "was not accepted"),
        (429, {"error": "rate_limited"}, "wait a minute"),
        (502, b"<html>Bad gateway</html>", "You have not been charged"),
        (200, b"not json", "You have not been charged"),
        (200, {}, "You have not been charged"),
        (200, {"checkout_url": "javascript:document.title='taken over'"}, "You have not been charged"),
    ],
)
def test_a_failure_is_told_and_can_be_tried_again(
    browser: Browser, site: Site, status: int, body: object, told: str
) -> None:
    open_pricing(browser, site)
    site.says(body, status=status)
    browser.click(BUTTON % "team")
    assert told in browser.wait("document.querySelector('[data-tier=team] [role=alert]')?.innerText")
    assert "StripeError" not in browser.text("main")
    assert browser.run("return [location.pathname, document.title.includes('taken')]") == ["/pricing", False]
    assert browser.text(BUTTON % "team") == "Subscribe - $99/mo"
    site.says({"checkout_url": f"{site.origin}/pay"})
    browser.click(BUTTON % "team")
    site.wait_for_visit("/pay")


def test_an_api_out_of_reach_is_told(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*/api/*"])
    try:
        browser.click(BUTTON % "personal")
        assert "not been charged" in browser.wait(
            "document.querySelector('[data-tier=personal] [role=alert]')?.innerText"
        )
    finally:
        browser.cdp("Network.setBlockedURLs", urls=[])


def test_the_keyboard_reaches_and_fires_every_card(browser: Browser, site: Site) -> None:
    open_pricing(browser, site)
    reached = []
    for _ in range(12):
        browser.press(TAB)
        reached.append(browser.run("return document.activeElement.closest('[data-tier]')?.dataset.tier ?? null"))
    assert [tier for tier in reached if tier] == ["personal", "team", "enterprise", "x402"]
    browser.run("document.querySelector(arguments[0]).focus()", BUTTON % "personal")
    browser.press(ENTER)
    site.wait_for_visit("/pay")
