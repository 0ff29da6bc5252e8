"""The page in a real browser: contrast, phone width, paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.checklist.model import State
from readiness.report import html
from tests.reference_web.conftest import chromedriver, chromium  # noqa: F401 - fixtures
from tests.reference_web.webdriver import Browser
from tests.report.hostile import hostile
from tests.report.pages import SIGNED_OFF, of_states, report, result

pytestmark = pytest.mark.slow


@pytest.fixture
def shown(chromium: Browser, tmp_path: Path) -> Iterator[Browser]:  # noqa: F811 - the fixture
    """Every state and a full table, then hostile words, as a file in a real browser."""
    tmp_path.joinpath("states.html").write_text(html.render(of_states(), SIGNED_OFF), "utf-8")
    tmp_path.joinpath("wide.html").write_text(html.render(*hostile("W" * 2000)), "utf-8")
    chromium.console()
    chromium.viewport(1280, 900)
    chromium.open(tmp_path.joinpath("states.html").as_uri())
    yield chromium
    chromium.cdp("Emulation.setEmulatedMedia", media="", features=[])
    chromium.open("about:blank")


CONTRAST = """
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
return [...document.querySelectorAll("main *")]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => {
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.className + " " + e.textContent.trim().slice(0, 40)];
  })
  .filter(([ratio]) => ratio < 4.5);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(shown: Browser, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), in both colour schemes; and no word of the policy is broken."""
    shown.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    assert shown.run(CONTRAST) == []
    assert shown.console() == []
    ground = shown.run("return getComputedStyle(document.querySelector('main')).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(24, 28, 33)")


@pytest.mark.parametrize("name", ["states", "wide"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_scrolls_sideways(shown: Browser, tmp_path: Path, name: str, width: int) -> None:
    shown.viewport(width)
    shown.open(tmp_path.joinpath(f"{name}.html").as_uri())
    assert shown.run("return document.documentElement.scrollWidth") <= width


def test_closed_parts_are_printed(shown: Browser, tmp_path: Path) -> None:
    waiting = [result(f"w{index}", State.PENDING, check=None, blocking=True) for index in range(40)]
    tmp_path.joinpath("long.html").write_text(html.render(report(waiting)), "utf-8")
    shown.open(tmp_path.joinpath("long.html").as_uri())
    height = "return document.querySelector('details').getBoundingClientRect().height"
    assert shown.run(height) < 100
    shown.cdp("Emulation.setEmulatedMedia", media="print")
    assert shown.run(height) > 40 * 10
