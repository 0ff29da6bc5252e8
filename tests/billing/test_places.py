"""URLs that are one place, and hosts that are nobody's production."""

from __future__ import annotations

import pytest

from readiness.billing.places import handler, near, place, unfit
from readiness.billing.versions import fits, installed

URL = "https://api.kamiyo.ai/api/v1/webhooks/stripe"


@pytest.mark.parametrize(
    "other",
    [
        "https://API.kamiyo.ai/api/v1/webhooks/stripe",
        "HTTPS://api.kamiyo.ai:443/api/v1/webhooks/stripe",
        "https://api.kamiyo.ai./api/v1/webhooks/stripe",
    ],
)
def test_one_place(other: str) -> None:
    assert place(other) == place(URL)


@pytest.mark.parametrize(
    "other",
    [
        f"{URL}/",
        "https://api.kamiyo.ai/api/v1/Webhooks/stripe",
        f"{URL}?source=old",
        "http://api.kamiyo.ai/api/v1/webhooks/stripe",
        "https://api.kamiyo.ai:8443/api/v1/webhooks/stripe",
        "https://kamiyo.ai/api/v1/webhooks/stripe",
    ],
)
def test_another_place(other: str) -> None:
    assert place(other) != place(URL)


@pytest.mark.parametrize(
    ("other", "same", "close"),
    [
        (f"{URL}/", True, True),
        (f"{URL}?source=old", True, True),
        ("https://api.kamiyo.ai/api/v1/Webhooks/stripe", True, True),
        ("http://api.kamiyo.ai/api/v1/webhooks/stripe", False, True),
        ("https://api.kamiyo.ai:8443/api/v1/webhooks/stripe", False, True),
        ("https://kamiyo.ai/api/v1/webhooks/stripe", False, False),
        (f"{URL}s", False, False),
    ],
)
def test_one_handler(other: str, same: bool, close: bool) -> None:
    assert (handler(other) == handler(URL), near(other, URL)) == (same, close)


def test_letters_beyond_ascii() -> None:
    assert place("https://müller.example/x") == place("https://xn--mller-kva.example/x")
    assert place("https://[::1]:8000") == "https://[::1]:8000/"
    assert place("https://[broken") == ":///"


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("localhost:8000", "private machine"),
        ("127.0.0.1", "private machine"),
        ("10.0.0.7", "private machine"),
        ("[::1]:8000", "private machine"),
        ("laptop", "private machine"),
        ("box.local", "private machine"),
        ("shop.example", "private machine"),
        ("ab12-34.ngrok-free.app", "tunnel"),
        ("x.ngrok.io", "tunnel"),
        ("blue-fish.trycloudflare.com", "tunnel"),
        ("shop.loca.lt", "tunnel"),
        ("webhook.site", "tunnel"),
        ("api.staging.kamiyo.ai", "staging"),
        ("staging-api.kamiyo.ai", "staging"),
        ("api-dev2.kamiyo.co.uk", "staging"),
        ("qa.kamiyo.ai", "staging"),
    ],
)
def test_hosts_that_do_not_belong_into_live_mode(host: str, why: str) -> None:
    assert why in str(unfit(f"https://{host}/hook"))


@pytest.mark.parametrize(
    "host",
    ["api.kamiyo.ai", "kamiyo.ai", "test-prep.com", "dev.to", "api.test-prep.com", "devices.kamiyo.ai", "8.8.8.8",
     "latest.kamiyo.ai", "stageplay.com", "ngrok.io.kamiyo.ai", "hooks.zapier.com"],
)  # fmt: skip
def test_hosts_that_may_be_production(host: str) -> None:
    assert unfit(f"https://{host}/hook") is None


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        ("2026-10-28.endive", "2026-10-28.endive", True),
        ("2026-09-30.endive", "2026-10-28.endive", True),
        ("2026-08-27.dahlia", "2026-10-28.endive", False),
        ("2024-06-20", "2024-06-20", True),
        ("2024-04-10", "2024-06-20", False),
        ("2024-06-20", "2026-10-28.endive", False),
        (None, "2026-10-28.endive", False),
    ],
)
def test_versions(found: str | None, wanted: str, same: bool) -> None:
    assert fits(found, wanted) is same


def test_the_installed_version() -> None:
    assert fits(installed(), installed())
