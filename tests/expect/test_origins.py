"""Origins, their sites, and their look-alikes."""

from __future__ import annotations

import pytest

from readiness.expect.origins import check_origin, fetch_site, look_alikes, origin_of, site_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://kamiyo.ai/a?b#c", "https://kamiyo.ai"),
        ("https://Kamiyo.AI:443/", "https://kamiyo.ai"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://user@kamiyo.ai:8443", "https://kamiyo.ai:8443"),
    ],
)
def test_origin_of(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("kamiyo.ai", "kamiyo.ai"),
        ("a.b.kamiyo.ai", "kamiyo.ai"),
        ("shop.kamiyo.co.uk", "kamiyo.co.uk"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_site_of(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize(
    ("origin", "url", "said"),
    [
        ("https://kamiyo.ai", "https://kamiyo.ai/x", "same-origin"),
        ("https://kamiyo.ai", "https://api.kamiyo.ai/x", "same-site"),
        ("http://kamiyo.ai", "https://api.kamiyo.ai/x", "cross-site"),
        ("https://kamiyo.ai", "https://kamiyo-api.example/x", "cross-site"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:8000/x", "same-site"),
    ],
)
def test_what_browsers_say(origin: str, url: str, said: str) -> None:
    assert fetch_site(origin, url) == said


@pytest.mark.parametrize(
    ("origin", "like"),
    [
        ("https://kamiyo.ai", ["https://kamiyo.ai.evil.example", "https://evilkamiyo.ai", "http://kamiyo.ai"]),
        (
            "https://shop.kamiyo.co.uk",
            [
                "https://shop.kamiyo.co.uk.evil.example",
                "https://evilkamiyo.co.uk",
                "https://shopxkamiyo.co.uk",
                "http://shop.kamiyo.co.uk",
            ],
        ),
        ("http://127.0.0.1:8000", ["http://127.0.0.1.evil.example:8000"]),
    ],
)
def test_look_alikes(origin: str, like: list[str]) -> None:
    assert list(look_alikes(origin)) == like
    for other in like:
        check_origin(other)
