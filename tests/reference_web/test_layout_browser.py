"""Every page at the widths of a phone and a desk: nothing sticks out, text is readable, targets can be hit."""

from __future__ import annotations

import pytest

from tests.reference_web.scripted_site import Site
from tests.reference_web.webdriver import Browser

PAGES = ["/", "/pricing", "/inquiries", "/api-docs", "/dashboard", "/dashboard/success?session_id=cs_1", "/mcp/setup"]
ORDER = {"session_id": "cs_test_" + "a1" * 29, "status": "complete", "tier": "team", "amount_total": 9900,
         "currency": "usd", "email": "a***@example.com", "payment_status": "paid"}  # fmt: skip
MEASURE = """
const shown = (e) => e.checkVisibility() && e.getBoundingClientRect().bottom > 0;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const sizes = [];
while (texts.nextNode()) {
  const node = texts.currentNode;
  if (node.textContent.trim() && !node.parentElement.closest('script, noscript, style') && shown(node.parentElement)) {
    sizes.push(parseFloat(getComputedStyle(node.parentElement).fontSize));
  }
}
const targets = [...document.querySelectorAll('a, button, input')].filter(shown).map((e) => {
  const box = e.getBoundingClientRect();
  return [e.innerText || e.name, box.width, box.height];
});
return {overflow: document.documentElement.scrollWidth - innerWidth, smallest: Math.min(...sizes), targets,
        widest: Math.max(...[...document.querySelectorAll('main *')].map((e) => e.getBoundingClientRect().right))};
"""


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_it_fits_it_reads_and_it_can_be_tapped(browser: Browser, site: Site, path: str, width: int) -> None:
    site.says(ORDER)
    browser.viewport(width)
    browser.open(site.origin + path)
    browser.wait("document.querySelector('h1') && !document.querySelector('[aria-busy=true]')")
    seen = browser.run(MEASURE)
    assert seen["overflow"] <= 0
    assert seen["smallest"] >= 16
    assert [target for target in seen["targets"] if min(target[1:]) < 44] == []
    assert browser.console() == []


def columns(browser: Browser, site: Site, width: int) -> int:
    browser.viewport(width)
    browser.open(f"{site.origin}/pricing")
    lefts = browser.run("return [...document.querySelectorAll('[data-tier]')].map(e => e.getBoundingClientRect().left)")
    return len(set(lefts))


def test_cards_stand_beside_each_other_on_a_desk_and_stack_on_a_phone(browser: Browser, site: Site) -> None:
    assert {width: columns(browser, site, width) for width in (375, 390, 1280)} == {375: 1, 390: 1, 1280: 3}


CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                          return [...canvas.getImageData(0, 0, 1, 1).data]; };
const luminance = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
  const v = c[i] / 255;
  return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                        if (c[3] === 255) return c; } return [255, 255, 255]; };
return [...document.querySelectorAll('h1, h2, p, a, li, dt, dd, code, pre, button, label, span, strong')]
  .filter((e) => e.innerText?.trim())
  .map((e) => { const [a, b] = [luminance(rgb(getComputedStyle(e).color)), luminance(ground(e))].sort((x, y) => y - x);
                return [e.innerText, (a + 0.05) / (b + 0.05)]; });
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_stands_out_in_both_schemes(browser: Browser, site: Site, path: str, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    site.says(ORDER)
    browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    try:
        browser.open(site.origin + path)
        browser.wait("document.querySelector('h1') && !document.querySelector('[aria-busy=true]')")
        ground = browser.run("return getComputedStyle(document.documentElement).backgroundColor")
        measured = browser.run(CONTRAST)
    finally:
        browser.cdp("Emulation.setEmulatedMedia", features=[])
    assert ground == {"light": "rgb(250, 249, 247)", "dark": "rgb(16, 20, 19)"}[scheme]
    assert measured
    assert [text for text in measured if text[1] < 4.5] == []
