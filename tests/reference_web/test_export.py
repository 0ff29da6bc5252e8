"""The committed export as it is served: true to its sources and to the plans, complete, and without secrets."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.reference_web.html_page import Page

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
WEB = REFERENCE / "web"
SOURCES = ("components", "pages", "public", "styles", "config/plans.json", "next.config.mjs", "package.json")
PAGES = (
    "404", "api-docs", "dashboard", "dashboard/success", "index", "inquiries", "mcp/setup", "pricing",
)  # fmt: skip
PRIVATE = ("404", "dashboard", "dashboard/success")
SECRET = re.compile(r"\b(?:(?:sk|rk|pk)_(?:test|live)_|whsec_|price_|prod_)[A-Za-z0-9]{8,}|AKIA[A-Z0-9]{16}")


def page(name: str) -> Page:
    return Page.of(WEB / f"{name}.html")


def plans() -> list[dict[str, Any]]:
    catalog: dict[str, Any] = json.loads((REFERENCE / "config/plans.json").read_text(encoding="utf-8"))
    assert (catalog["currency"], catalog["interval"]) == ("usd", "month")
    found: list[dict[str, Any]] = catalog["plans"]
    return found


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def test_no_source_changed_since_the_export_was_built() -> None:
    lines = (REFERENCE / "web.sha256").read_text(encoding="utf-8").splitlines()
    built = {path: digest for digest, path in (line.split("  ") for line in lines)}
    found = [path for source in SOURCES for path in (files(REFERENCE / source) or [REFERENCE / source])]
    now = {path.relative_to(REFERENCE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
    assert now == built, "run reference/scripts/build_web.sh and commit web/ and web.sha256"


def test_every_page_is_there_and_no_other() -> None:
    assert tuple(sorted(path.relative_to(WEB).with_suffix("").as_posix() for path in WEB.rglob("*.html"))) == PAGES


def test_the_export_is_small_enough_to_be_committed() -> None:
    assert sum(path.stat().st_size for path in files(WEB)) < 600_000


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_what_a_page_needs(name: str) -> None:
    seen = page(name)
    assert seen.one("html").attributes["lang"] == "en"
    assert "width=device-width" in seen.meta("viewport")
    assert 10 <= len(seen.one("title").text) <= 60
    assert 30 <= len(seen.meta("description")) <= 160
    assert seen.one("h1").text
    assert [e.tag for e in seen.elements if e.tag in {"main", "h1"}].count("main") == 1
    assert [e for e in seen.all("img") if not e.attributes.get("alt")] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_names_its_own_address_and_its_preview(name: str) -> None:
    seen = page(name)
    address = "https://kamiyo.ai/" + ("" if name == "index" else name)
    assert seen.one("link", rel="canonical").attributes["href"] == address
    assert seen.meta("og:url") == address
    assert seen.meta("og:title") == seen.one("title").text
    assert seen.meta("og:description") == seen.meta("description")
    assert seen.meta("og:image") == "https://kamiyo.ai/og.png"
    assert seen.meta("og:type") == "website"


@pytest.mark.parametrize("name", PAGES)
def test_search_engines_are_kept_from_private_pages_only(name: str) -> None:
    robots = [e.attributes["content"] for e in page(name).all("meta", name="robots")]
    assert robots == (["noindex, nofollow"] if name in PRIVATE else [])


def test_the_preview_image_is_what_the_pages_say() -> None:
    head = (WEB / "og.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:24]) == (1200, 630)


@pytest.mark.parametrize("name", PAGES)
def test_all_that_a_page_loads_or_links_is_in_the_export(name: str) -> None:
    """Nothing comes from another host: canonical and Open Graph addresses are named, not loaded."""
    seen = page(name)
    loaded = [e.attributes["src"] for e in seen.elements if "src" in e.attributes]
    linked = [
        e.attributes["href"] for e in seen.elements if e.tag in {"a", "link"} and e.attributes.get("rel") != "canonical"
    ]
    local = [target for target in loaded + linked if not target.startswith(("#", "mailto:"))]
    assert local
    for target in local:
        path = WEB / (target.strip("/") or "index")
        assert target.startswith("/")
        assert path.is_file() or path.with_name(f"{path.name}.html").is_file(), target


@pytest.mark.parametrize("name", PAGES)
def test_a_strict_content_policy_allows_the_page(name: str) -> None:
    seen = page(name)
    inline = [e for e in seen.all("script") if "src" not in e.attributes]
    assert len([e for e in inline if "type" not in e.attributes]) == 1, "the one that Next writes"
    assert {e.attributes.get("type") for e in inline} <= {None, "application/json", "application/ld+json"}
    assert seen.all("style") == []
    assert [e for e in seen.elements for key in e.attributes if key == "style" or key.startswith("on")] == []


def test_cards_are_the_plans() -> None:
    seen = page("pricing")
    assert [card.attributes["data-tier"] for card in seen.all("article")] == [plan["tier"] for plan in plans()]
    for plan in plans():
        card = seen.one("article", data_tier=plan["tier"])
        items = [e.text for e in seen.all("li") if e.within(data_tier=plan["tier"])]
        assert items == plan["features"]
        assert {plan["name"]} == {e.text for e in seen.all("h2") if e.within(data_tier=plan["tier"])}
        assert plan["description"] in card.text


@pytest.mark.parametrize(("tier", "price"), [("personal", "$19"), ("team", "$99"), ("enterprise", "$299")])
def test_prices_are_in_the_html(tier: str, price: str) -> None:
    plan = next(plan for plan in plans() if plan["tier"] == tier)
    assert f"${plan['amount'] / 100:g}" == price
    assert f"{price} per month" in page("pricing").one("article", data_tier=tier).text


def test_each_card_leads_where_its_plan_says() -> None:
    seen = page("pricing")
    buttons = {tier: e.text for e in seen.all("button") for tier in ("personal", "team") if e.within(data_tier=tier)}
    links = {
        tier: e.attributes["href"] for e in seen.all("a") for tier in ("enterprise", "x402") if e.within(data_tier=tier)
    }
    assert buttons == {"personal": "Subscribe - $19/mo", "team": "Subscribe - $99/mo"}
    assert len(seen.all("button")) == len(buttons)
    assert links == {"enterprise": "/inquiries", "x402": "/api-docs"}


def test_team_and_only_team_is_recommended() -> None:
    seen = page("pricing")
    badge = seen.one("p", class_="badge")
    assert badge.text == "Recommended"
    assert badge.within(data_tier="team")
    assert [card.attributes["data-tier"] for card in seen.all("article", data_recommended="true")] == ["team"]


def test_structured_data_offers_the_plans() -> None:
    script = page("pricing").one("script", type="application/ld+json").text
    assert "<" not in script
    product = json.loads(script)
    assert (product["@context"], product["@type"]) == ("https://schema.org", "Product")
    assert product["url"] == "https://kamiyo.ai/pricing"
    offers = [(offer["name"], offer["price"], offer["priceCurrency"]) for offer in product["offers"]]
    assert offers == [(plan["name"], f"{plan['amount'] / 100:.2f}", "USD") for plan in plans() if "amount" in plan]
    for offer in product["offers"]:
        period = offer["priceSpecification"]
        assert (period["price"], period["unitCode"], period["billingDuration"]) == (offer["price"], "MON", 1)


def test_the_success_page_begins_with_loading() -> None:
    status = page("dashboard/success").one("section", role="status")
    assert status.attributes["aria-busy"] == "true"
    assert "Loading" in status.text


@pytest.mark.parametrize("path", [path.relative_to(REFERENCE).as_posix() for path in files(WEB)])
def test_no_file_of_the_export_holds_a_key_a_price_id_or_a_path_of_the_builder(path: str) -> None:
    content = (REFERENCE / path).read_bytes().decode("utf-8", "replace")
    assert SECRET.findall(content) == []
    assert str(REFERENCE) not in content


def test_versions_are_exact_and_no_lock_file_is_needed() -> None:
    package = json.loads((REFERENCE / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["overrides"].values()]
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert "package-lock=false" in (REFERENCE / ".npmrc").read_text(encoding="utf-8")
    assert not (REFERENCE / "package-lock.json").exists()
